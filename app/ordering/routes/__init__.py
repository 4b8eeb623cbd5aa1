"""Carts, checkout, orders, seller orders; importing the modules registers their routes."""

from app.ordering.routes import afterwards
from app.ordering.routes.orders import blueprint

__all__ = ["afterwards", "blueprint"]
