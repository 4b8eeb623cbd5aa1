"""Pages for people, a module a subject; importing them registers their routes."""

from app.web.pages import exchange, home, orders

__all__ = ["exchange", "home", "orders"]
