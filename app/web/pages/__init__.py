"""Pages for people, a module a subject; importing them registers their routes."""

from app.web.pages import catalog, exchange, home, orders, prices, shop

__all__ = ["catalog", "exchange", "home", "orders", "prices", "shop"]
