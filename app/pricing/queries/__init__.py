"""What pricing can be asked."""

from app.pricing.queries.bounds import bounds_of
from app.pricing.queries.chains import Rung, rungs_of
from app.pricing.queries.entitlement import require_entitled
from app.pricing.queries.explanation import explain, resolve_at
from app.pricing.queries.formulas import get_settings, list_formulas
from app.pricing.queries.grid import PriceGrid, PriceSource, price_lines
from app.pricing.queries.lists import (
    entry_page,
    get_price_list,
    list_assignments,
    list_entries,
    list_price_lists,
    names_of,
)
from app.pricing.queries.places import WHERE_AND_WHO, SalePlace, sale_places
from app.pricing.queries.resolution import PRICE_CTES, ResolvedPrice, resolve
from app.pricing.queries.violations import list_violations
from app.pricing.rules import Ask, Request

__all__ = [
    "PRICE_CTES",
    "WHERE_AND_WHO",
    "Ask",
    "PriceGrid",
    "PriceSource",
    "Request",
    "ResolvedPrice",
    "Rung",
    "SalePlace",
    "bounds_of",
    "entry_page",
    "explain",
    "get_price_list",
    "get_settings",
    "list_assignments",
    "list_entries",
    "list_formulas",
    "list_price_lists",
    "list_violations",
    "names_of",
    "price_lines",
    "require_entitled",
    "resolve",
    "resolve_at",
    "rungs_of",
    "sale_places",
]
