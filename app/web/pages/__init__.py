"""Pages for people, a module a subject; importing them registers their routes."""

from app.web.pages import home, orders, prices

__all__ = ["home", "orders", "prices"]
