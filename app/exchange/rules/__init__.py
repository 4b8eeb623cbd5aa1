"""What files may say and how they say it: pure values and guesses."""
