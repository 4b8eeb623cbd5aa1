"""Order routing: which location of which seller ships how much of an order line."""
