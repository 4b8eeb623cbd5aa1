"""Pages for people, a module a subject; importing them registers their routes."""

from app.web.pages import assortments, catalog, home, offers, orders, suggestions

__all__ = ["assortments", "catalog", "home", "offers", "orders", "suggestions"]
