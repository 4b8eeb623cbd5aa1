"""What the exchange can be asked."""

from app.exchange.queries.imports import (
    find_profile_for,
    get_import,
    get_profile,
    list_imports,
    list_profiles,
    refusals_of,
)
from app.exchange.queries.sight import attribute_codes, currency_of, sight_of

__all__ = [
    "attribute_codes",
    "currency_of",
    "find_profile_for",
    "get_import",
    "get_profile",
    "list_imports",
    "list_profiles",
    "refusals_of",
    "sight_of",
]
