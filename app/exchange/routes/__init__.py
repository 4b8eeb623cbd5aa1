"""Files in, files out, and how they are read."""

from app.exchange.routes import exports, imports, profiles
from app.exchange.routes.blueprint import blueprint

__all__ = ["blueprint", "exports", "imports", "profiles"]
