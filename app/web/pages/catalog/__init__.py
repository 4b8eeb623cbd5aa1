"""A manufacturer's catalog for people: products, what is collected, what was published."""

from app.web.pages.catalog import changes, products, publications

__all__ = ["changes", "products", "publications"]
