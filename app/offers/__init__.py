"""One seller's readiness to sell one variant, and what one seller may sell."""
