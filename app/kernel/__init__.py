"""Values that every domain shares. No framework; only the clock and the ids touch the outside."""
