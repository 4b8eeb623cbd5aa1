"""Carts, checkout, orders and the sellers' parts of them."""
