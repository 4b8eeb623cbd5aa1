"""Who gets which cent: splits at frozen terms, holds, releases, statements."""
