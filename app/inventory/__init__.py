"""What is where: locations, stock, reservations. Nothing is ever oversold."""
