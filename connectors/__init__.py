"""Adapters at the rim of the product, one folder per counterpart; the app imports none of them."""
