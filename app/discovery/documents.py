"""What discovery answers, as plain values with outside ids: straight from rows to JSON.

No schema is run over a page of products; a test holds these documents against the schemas that
describe them. Stock is told in bands and whoever fulfils a resale is not told at all: there the
storefront itself is the seller.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any
from uuid import UUID

import orjson

from app.catalog.rules import fallbacks, in_words
from app.discovery.queries import FeedPage, Found, ProductPage, Shown, Suggestion, Viewer
from app.discovery.queries.details import soonest
from app.discovery.queries.searching import Facet
from app.discovery.rules import Availability, Priced, best_of, public_facet
from app.kernel.ids import public_id


def price_document(priced: Priced | None, currency: str) -> dict[str, Any] | None:
    """A price: so much for so many, when one buys that quantity."""
    if priced is None:
        return None
    return {
        "amount_minor": priced.amount_minor,
        "per_quantity": priced.per_quantity,
        "quantity": priced.ask.quantity,
        "currency": currency,
    }


def availability_document(told: Availability) -> dict[str, Any]:
    """How much there is, or when it comes."""
    return {
        "availability": told.band,
        "available_from": told.since.isoformat() if told.since else None,
    }


def item_document(shown: Shown, viewer: Viewer) -> dict[str, Any]:
    """A found variant."""
    row, chosen = shown.row, shown.chosen
    return {
        "variant_id": public_id("var", row.variant_id),
        "product_id": public_id("prod", row.product_id),
        "sku": row.sku,
        "gtin": row.gtin,
        "part_number": row.part_number,
        "name": row.name,
        "product_name": row.product_name,
        "brand": row.brand,
        "manufacturer": row.maker,
        "category_id": public_id("cat", row.category_id),
        "category": row.category,
        "unit_code": row.unit_code,
        "pack_quantity": row.pack_quantity,
        "minimum_quantity": chosen.quantity,
        "lead_time_days": chosen.lead_time_days,
        **availability_document(shown.availability),
        "sellers": len({each.seller_id for each in shown.offers}),
        "price": price_document(shown.price, viewer.currency),
        "image": next((link["url"] for link in media_of(row) if link.get("kind") == "image"), None),
    }


def media_of(row: Any) -> list[dict[str, str]]:  # noqa: ANN401 - a row
    """Links to pictures and sheets, the variant's own first; only ones that a page may follow."""
    links = [*_links(row.media), *_links(row.product_media)]
    return [
        {key: str(value) for key, value in link.items()}
        for link in links
        if str(link.get("url", "")).startswith(("https://", "http://", "/"))
    ]


def _links(media: object) -> Iterable[dict[str, Any]]:
    return [each for each in media if isinstance(each, dict)] if isinstance(media, list) else []


def found_document(found: Found, viewer: Viewer, locale: str) -> dict[str, Any]:
    """A page of a search with its facets, in a language."""
    return {
        "items": [item_document(each, viewer) for each in found.items],
        "total": {"value": found.total, "relation": "exact" if found.is_exact else "at_least"},
        "facets": facet_documents(found.facets, locale),
        "facet_counts": "exact" if found.is_exact else "sampled",
        "spelling": "similar" if found.is_similar else "as_asked",
        "index_lag_ms": found.lag_ms,
        "next_cursor": found.next_cursor,
    }


def facet_documents(facets: Sequence[Facet], locale: str) -> list[dict[str, Any]]:
    """Facets by name, the best known first; values by count, numbers by size."""
    groups: dict[str, list[dict[str, Any]]] = {}
    known = {
        facet.token.partition("=")[0]: _Known(**orjson.loads(facet.title))
        for facet in facets
        if facet.title
    }
    for facet in sorted(facets, key=lambda one: (-one.many, one.label or one.token)):
        name, value = public_facet(facet.token)
        label = facet.label or in_words(known.get(name), value, fallbacks([locale]))
        groups.setdefault(name, []).append({"value": value, "label": label, "count": facet.many})
    for name, attribute in known.items():
        if attribute.kind == "number":
            groups[name].sort(key=lambda one: _size(one["value"]))
    return [
        {
            "name": name,
            "label": known[name].name if name in known else facet_label(name),
            "values": values,
        }
        for name, values in sorted(groups.items(), key=_by_weight)
    ]


def _size(value: str) -> float:
    """A number's place among others; what is none comes last."""
    try:
        return float(value)
    except ValueError:
        return inf


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of an attribute."""

    name: str
    kind: str
    unit_code: str | None
    options: Sequence[Mapping[str, Any]]


def _by_weight(group: tuple[str, list[dict[str, Any]]]) -> tuple[int, int, str]:
    name, values = group
    first = ("category", "brand", "maker")
    place = first.index(name) if name in first else len(first)
    return place, -sum(each["count"] for each in values), name


def facet_label(name: str) -> str:
    """A facet's name for people."""
    known = {"category": "Category", "brand": "Brand", "maker": "Manufacturer"}
    return known.get(name) or name.removeprefix("a.").replace("_", " ").capitalize()


def suggestion_documents(found: Sequence[Suggestion]) -> dict[str, Any]:
    """Suggestions."""
    return {
        "items": [
            {"kind": each.kind, "value": _suggested(each), "text": each.text, "note": each.note}
            for each in found
        ]
    }


def _suggested(suggestion: Suggestion) -> str:
    prefixes = {"product": "var", "category": "cat"}
    if suggestion.kind not in prefixes:
        return suggestion.value
    return public_id(prefixes[suggestion.kind], UUID(suggestion.value))


def product_document(page: ProductPage, viewer: Viewer) -> dict[str, Any]:
    """A product with all that may be told of its variants."""
    first = page.variants[0].row
    return {
        "id": public_id("prod", first.product_id),
        "name": first.product_name,
        "brand": first.brand,
        "manufacturer": first.maker,
        "category_id": public_id("cat", first.category_id),
        "category": first.category,
        "description": first.description,
        "attributes": first.product_attributes or {},
        "variants": [_variant(page, each, viewer) for each in page.variants],
        "index_lag_ms": viewer.lag_ms,
    }


def _variant(page: ProductPage, shown: Shown, viewer: Viewer) -> dict[str, Any]:
    row = shown.row
    successor = row.successor_id
    return item_document(shown, viewer) | {
        "status": row.status,
        "successor_id": public_id("var", UUID(successor)) if successor else None,
        "attributes": row.attributes,
        "packs": row.packs or [],
        "media": media_of(row),
        "weight_g": row.weight_g,
        "offers": offers_of(page, shown, viewer),
    }


def offers_of(page: ProductPage, shown: Shown, viewer: Viewer) -> list[dict[str, Any]]:
    """From whom, cheapest first; the storefront's own supply counts as one seller."""
    sellers: dict[str | None, list[Any]] = {}
    for each in shown.offers:
        sellers.setdefault(each.seller_id, []).append(each)
    offers = []
    for seller_id, offered in sellers.items():
        best = soonest(offered)
        breaks = page.breaks_of(shown, best)
        offers.append(
            {
                "seller_id": public_id("org", UUID(seller_id) if seller_id else viewer.owner_id),
                "seller": best.name if seller_id else viewer.name,
                **availability_document(best_of(each.availability for each in offered)),
                "lead_time_days": best.lead_time_days,
                "minimum_quantity": min(each.quantity for each in offered),
                "prices": [price_document(one, viewer.currency) for one in breaks],
            }
        )
    return sorted(offers, key=lambda one: _cheapest_first(one["prices"]))


def _cheapest_first(prices: Sequence[dict[str, Any]]) -> tuple[bool, int]:
    if not prices:
        return True, 0
    return False, prices[0]["amount_minor"] * 10**9 // prices[0]["per_quantity"]


def feed_document(page: FeedPage, viewer: Viewer) -> dict[str, Any]:
    """A page of a feed."""
    return {
        "items": [item_document(each, viewer) for each in page.items],
        "next_cursor": page.next_cursor,
    }
