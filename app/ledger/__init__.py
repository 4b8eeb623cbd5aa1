"""Double entry: accounts, journals, balances. Append-only; knows no orders."""
