"""Money that buyers owe and pay: credit, invoices, payments."""
