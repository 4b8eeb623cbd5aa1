"""Pages for people, a module a subject; importing them registers their routes."""

from app.web.pages import home, orders, shop

__all__ = ["home", "orders", "shop"]
