"""Pages for people, a module a subject; importing them registers their routes."""

from app.web.pages import (
    assortments,
    backtests,
    catalog,
    exchange,
    home,
    offers,
    orders,
    policies,
    prices,
    shop,
    stock,
    suggestions,
)

__all__ = [
    "assortments", "backtests", "catalog", "exchange", "home", "offers", "orders",
    "policies", "prices", "shop", "stock", "suggestions",
]  # fmt: skip
