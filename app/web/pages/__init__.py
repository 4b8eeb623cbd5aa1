"""Pages for people, a module a subject; importing them registers their routes."""

from app.web.pages import (
    assortments,
    backtests,
    carts,
    catalog,
    choices,
    exchange,
    home,
    news,
    offers,
    orders,
    policies,
    prices,
    routing_why,
    settings,
    shop,
    stock,
    suggestions,
    what_if,
)

__all__ = [
    "assortments", "backtests", "carts", "catalog", "choices", "exchange", "home", "news", "offers",
    "orders", "policies", "prices", "routing_why", "settings", "shop", "stock",
    "suggestions", "what_if",
]  # fmt: skip
