"""What a page of found variants says of each: names, codes, sellers, stock in bands, prices.

The entitlement is asked again for these few, so that nothing is shown that was not entitled at
this very instant; a variant that is not is left out.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text

from app.discovery.queries.coming import Coming, list_coming
from app.discovery.queries.matching import SMALLEST
from app.discovery.queries.prices import effective_prices
from app.discovery.queries.viewer import Viewer
from app.discovery.rules import (
    Arriving,
    Ask,
    Availability,
    Priced,
    availability_of,
    best_of,
)
from app.infra.db import DbSession, array_of
from app.inventory.queries import AVAILABLE_SQL
from app.offers.eligibility import ENTITLED_CTES


def said(alias: str, field: str) -> str:
    """A text in the asked language, or as it was written."""
    return (
        f"COALESCE(NULLIF({alias}.translations -> CAST(:locale AS text)"
        f" ->> '{field}', ''), {alias}.{field})"
    )


_DETAILS = f"""
WITH RECURSIVE wanted AS MATERIALIZED (
    SELECT unnest(CAST(:variant_ids AS uuid[])) AS variant_id
),
{ENTITLED_CTES},
lying AS (
    SELECT e.offer_id, sum({AVAILABLE_SQL}) AS available
    FROM entitled e
    JOIN inventory_stock s ON s.variant_id = e.variant_id
    JOIN inventory_locations l
      ON l.id = s.location_id AND l.seller_id = e.seller_id AND l.is_active
    WHERE {AVAILABLE_SQL} > 0
    GROUP BY e.offer_id
),
seller AS (
    SELECT e.variant_id, jsonb_agg(jsonb_build_array(
        CASE WHEN e.model = 'agency' THEN e.seller_id END, o.name,
        {SMALLEST}, e.lead_time_days, COALESCE(lying.available, 0), e.seller_id,
        e.backorder <> 'none'
    ) ORDER BY e.seller_id) AS offers
    FROM entitled e
    JOIN network_organizations o ON o.id = e.seller_id
    LEFT JOIN lying ON lying.offer_id = e.offer_id
    GROUP BY e.variant_id
)
SELECT CAST(v.id AS text) AS id, v.id AS variant_id, v.product_id, v.sku, v.gtin, v.part_number,
       v.unit_code, v.pack_quantity, v.status, {said("v", "name")} AS name,
       {said("p", "name")} AS product_name, p.brand, v.category_id,
       {said("c", "name")} AS category, m.name AS maker, v.attributes,
       v.media, p.media AS product_media, v.packs, seller.offers /* more */
FROM seller
-- by their keys, for they are a page's: however many the planner expects to be entitled
CROSS JOIN LATERAL (SELECT * FROM catalog_variants WHERE id = seller.variant_id OFFSET 0) v
CROSS JOIN LATERAL (SELECT * FROM catalog_products WHERE id = v.product_id OFFSET 0) p
JOIN catalog_categories c ON c.id = v.category_id
JOIN network_organizations m ON m.id = v.manufacturer_id
"""  # noqa: S608 - composed of constants only

DETAILS = text(_DETAILS)
ALL_DETAILS = text(
    _DETAILS.replace(
        "/* more */",
        f""", {said("p", "description")} AS description, v.weight_g, v.length_mm, v.width_mm,
        v.height_mm, CAST(v.successor_id AS text) AS successor_id,
        p.attributes AS product_attributes""",
    )
    + " ORDER BY v.id"
)


class Offered(NamedTuple):
    """What one entitled seller has of a variant; ``seller_id`` is None where the shop sells.

    ``holder_id`` is whose goods they are, which is told to nobody.
    """

    seller_id: str | None
    name: str
    quantity: int
    lead_time_days: int
    available: int
    holder_id: str
    is_backorderable: bool
    arriving: tuple[Arriving, ...] = ()

    @property
    def availability(self) -> Availability:
        """How much there is, as far as it is told, or when it comes."""
        return availability_of(self.available, self.quantity, self.arriving)


Found = list[tuple[Any, list[Offered]]]


class Shown(NamedTuple):
    """A variant as its viewer may see it."""

    row: Any
    offers: Sequence[Offered]
    price: Priced | None

    @property
    def availability(self) -> Availability:
        """The best of what the sellers have."""
        return best_of(each.availability for each in self.offers)

    @property
    def chosen(self) -> Offered:
        """The offer that the price is of; without one the soonest."""
        fits = [
            each
            for each in self.offers
            if self.price is not None
            and (each.seller_id, each.quantity)
            == (self.price.ask.seller_id, self.price.ask.quantity)
        ]
        return soonest(fits or self.offers)


def soonest(offers: Sequence[Offered]) -> Offered:
    """The one that can leave first: what is there, then what comes, then what does not."""
    return min(offers, key=lambda each: (*each.availability.order[:2], each.lead_time_days))


def with_arriving(session: DbSession, *, viewer: Viewer, found: Found, now: datetime) -> Found:
    """The same with what is to come, where stock is short and the viewer may be promised it.

    By routing's own facts: what inventory may promise, and the policy that would decide an order.
    """
    short = [
        (row.variant_id, each.lead_time_days)
        for row, offers in found
        for each in offers
        if each.is_backorderable and each.available < each.quantity
    ]
    if not short:
        return found
    coming = list_coming(
        session,
        viewer=viewer,
        variant_ids=sorted({variant for variant, _ in short}),
        longest_lead_time=max(days for _, days in short),
        now=now,
    )
    return [(row, [_arriving(row.id, each, coming) for each in offers]) for row, offers in found]


def _arriving(variant_id: str, offer: Offered, found: Mapping[tuple[str, str], Coming]) -> Offered:
    coming = found.get((variant_id, offer.holder_id))
    if coming is None or offer.available >= offer.quantity:
        return offer
    return offer._replace(arriving=tuple(coming.arriving(offer.lead_time_days)))


def asks_of(variant_id: str, offers: Sequence[Offered]) -> list[Ask]:
    """Whose prices count for a variant, and for how many."""
    return list(dict.fromkeys(Ask(variant_id, each.seller_id, each.quantity) for each in offers))


def read_details(
    session: DbSession,
    *,
    statement: TextClause,
    viewer: Viewer,
    locale: str,
    variant_ids: Sequence[uuid.UUID | str],
    now: datetime,
) -> Found:
    """What may be said of variants, with their offers: one statement where stock is not short."""
    binds = {
        **viewer.binds(now),
        "variant_ids": array_of(variant_ids),
        "locale": locale,
    }
    rows = session.execute(statement, binds).all()
    found = [(row, [Offered(*each) for each in row.offers]) for row in rows]
    return with_arriving(session, viewer=viewer, found=found, now=now)


def show(
    session: DbSession,
    *,
    viewer: Viewer,
    locale: str,
    variant_ids: Sequence[uuid.UUID | str],
    now: datetime,
    prices: Mapping[str, Priced] | None = None,
) -> list[Shown]:
    """A page of variants in the given order: one statement, and one for prices not yet known."""
    if not variant_ids:
        return []
    found = {
        row.id: (row, offers)
        for row, offers in read_details(
            session, statement=DETAILS, viewer=viewer, locale=locale, variant_ids=variant_ids,
            now=now,
        )
    }  # fmt: skip
    asks = [ask for key, (_, offers) in found.items() for ask in asks_of(key, offers)]
    known = (
        effective_prices(session, viewer=viewer, asks=asks, now=now) if prices is None else prices
    )
    return [Shown(*found[key], known.get(key)) for key in map(str, variant_ids) if key in found]
