"""Routing over HTTP; importing the modules registers their routes."""

from app.routing.routes import decisions, explaining, policies, sellers
from app.routing.routes.blueprint import blueprint

__all__ = ["blueprint", "decisions", "explaining", "policies", "sellers"]
