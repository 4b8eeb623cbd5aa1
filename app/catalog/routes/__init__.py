"""The catalog over HTTP, one module per subject."""

from app.catalog.routes import master, products, publications, suggestions
from app.catalog.routes.blueprint import blueprint

__all__ = ["blueprint", "master", "products", "publications", "suggestions"]
