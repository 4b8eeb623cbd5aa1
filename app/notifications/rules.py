"""How an event is told to the outside: flat, with public ids."""

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from app.kernel.ids import public_id

# What the ids in an event's payload are ids of; a test walks all events and finds none missing.
PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "account_id": "acct",
        "added": "org",
        "agreement_id": "agr",
        "assortment_id": "asmt",
        "allocation_ids": "alloc",
        "buyer_id": "org",
        "choice_id": "choice",
        "import_id": "imp",
        "invoice_id": "inv",
        "job_id": "job",
        "offer_ids": "offer",
        "order_id": "order",
        "order_ids": "order",
        "organization_id": "org",
        "location_id": "loc",
        "manufacturer_id": "org",
        "payment_id": "pay",
        "policy_id": "policy",
        "publication_id": "pub",
        "removed": "org",
        "seller_id": "org",
        "seller_order_id": "sorder",
        "shipment_id": "ship",
        "statement_id": "stmt",
        "storefront_id": "shop",
        "suggestion_ids": "sug",
        "terms_id": "terms",
        "variant_id": "var",
        "variant_ids": "var",
    }
)


def outside(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A payload with public ids."""
    return {
        name: _public(PREFIXES[name], value) if name in PREFIXES else value
        for name, value in payload.items()
    }


def _public(prefix: str, value: Any) -> Any:  # noqa: ANN401 - an id, several, or none
    if isinstance(value, list):
        return [_public(prefix, each) for each in value]
    return None if value is None else public_id(prefix, uuid.UUID(value))
