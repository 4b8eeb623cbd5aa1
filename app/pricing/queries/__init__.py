"""What pricing can be asked."""

from app.pricing.queries.entitlement import require_entitled
from app.pricing.queries.explanation import explain
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
    "Request",
    "ResolvedPrice",
    "explain",
    "get_price_list",
    "list_assignments",
    "list_entries",
    "list_price_lists",
    "require_entitled",
    "resolve",
]
