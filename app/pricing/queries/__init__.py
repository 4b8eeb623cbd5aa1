"""What pricing can be asked."""

from app.pricing.queries.entitlement import require_entitled
from app.pricing.queries.explanation import explain
from app.pricing.queries.grid import PriceGrid, PriceSource, price_lines
from app.pricing.queries.lists import (
    get_price_list,
    list_assignments,
    list_entries,
    list_price_lists,
)
from app.pricing.queries.resolution import PRICE_CTES, ResolvedPrice, resolve
from app.pricing.rules import Ask, Request

__all__ = [
    "PRICE_CTES",
    "Ask",
    "PriceGrid",
    "PriceSource",
    "Request",
    "ResolvedPrice",
    "explain",
    "get_price_list",
    "list_assignments",
    "list_entries",
    "list_price_lists",
    "price_lines",
    "require_entitled",
    "resolve",
]
