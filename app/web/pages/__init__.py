"""Pages for people, a module a subject; importing them registers their routes."""

from app.web.pages import (
    assortments,
    backtests,
    catalog,
    exchange,
    home,
    offers,
    orders,
    prices,
    shop,
    suggestions,
)

__all__ = [
    "assortments", "backtests", "catalog", "exchange", "home", "offers", "orders", "prices", "shop",
    "suggestions",
]  # fmt: skip
