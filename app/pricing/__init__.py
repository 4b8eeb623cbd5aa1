"""Price lists, entries, assignments, and the one function that resolves a price."""
