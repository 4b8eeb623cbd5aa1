"""Pages for people, a module a subject; importing them registers their routes."""

from app.web.pages import catalog, home, orders, prices, shop

__all__ = ["catalog", "home", "orders", "prices", "shop"]
