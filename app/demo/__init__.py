"""Networks to try the product on: the built-in one, imported files, replays of real demand."""
