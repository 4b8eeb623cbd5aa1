"""Routing over HTTP; importing the modules registers their routes."""

from app.routing.routes import decisions, policies, sellers
from app.routing.routes.blueprint import blueprint

__all__ = ["blueprint", "decisions", "policies", "sellers"]
