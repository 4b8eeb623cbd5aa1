"""A product's page: its variants that the viewer is entitled to, from whom, at which breaks.

Five statements, however many variants and breaks: the viewer, which variants, what is said of
them, at which quantities prices may change, and the prices at all of these.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.discovery.errors import NotOnShow
from app.discovery.queries.details import ALL_DETAILS, Offered, Shown, asks_of, read_details
from app.discovery.queries.prices import price
from app.discovery.queries.viewer import Viewer
from app.discovery.rules import Ask, Priced, cheapest, price_key
from app.infra.db import DbSession, array_of

MOST_VARIANTS = 200

_VARIANTS = text(f"""
SELECT variant_id FROM discovery_documents
WHERE product_id = CAST(:product_id AS uuid) OR product_id = (
    SELECT product_id FROM discovery_documents WHERE variant_id = CAST(:variant_id AS uuid)
)
ORDER BY variant_id LIMIT {MOST_VARIANTS}
""")  # noqa: S608 - composed of constants only

# Only where to ask: what is asked for there is resolved like every other price.
_QUANTITIES = text("""
SELECT DISTINCT CAST(variant_id AS text), from_quantity FROM pricing_entries
WHERE variant_id = ANY (CAST(:variant_ids AS uuid[])) AND from_quantity > 1
ORDER BY 1, 2 LIMIT 2000
""")


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A product's variants with their effective prices, and each seller's prices by quantity."""

    variants: Sequence[Shown]
    breaks: Mapping[tuple[str, str | None], Sequence[Priced]]

    def breaks_of(self, shown: Shown, offer: Offered) -> Sequence[Priced]:
        """What one seller asks for one variant, from its smallest quantity on."""
        return self.breaks.get((shown.row.id, offer.seller_id), ())


def product(
    session: DbSession,
    *,
    viewer: Viewer,
    locale: str,
    now: datetime,
    product_id: uuid.UUID | None = None,
    variant_id: uuid.UUID | None = None,
) -> ProductPage:
    """A product by its id or by one of its variants'.

    Raises:
        NotOnShow: there is none that the viewer is entitled to see.
    """
    ids = session.scalars(_VARIANTS, {"product_id": product_id, "variant_id": variant_id}).all()
    found = _details(session, viewer, locale, ids, now) if ids else []
    if not found:
        raise NotOnShow
    quantities: dict[str, list[int]] = {}
    for key, quantity in session.execute(
        _QUANTITIES, {"variant_ids": array_of(row.id for row, _ in found)}
    ):
        quantities.setdefault(key, []).append(quantity)
    priced = price(session, viewer=viewer, asks=_asks(found, quantities), now=now)
    return ProductPage(_shown(found, priced), _breaks(priced))


def _details(
    session: DbSession, viewer: Viewer, locale: str, ids: Sequence[uuid.UUID], now: datetime
) -> list[tuple[Any, list[Offered]]]:
    return read_details(
        session, statement=ALL_DETAILS, viewer=viewer, locale=locale, variant_ids=ids, now=now
    )


def _asks(
    found: Sequence[tuple[Any, list[Offered]]], quantities: Mapping[str, Sequence[int]]
) -> list[Ask]:
    """Each seller at its smallest quantity, and wherever a price may change above it."""
    asks: dict[Ask, None] = {}
    for row, offers in found:
        for ask in asks_of(row.id, offers):
            asks[ask] = None
            asks.update(
                (ask._replace(quantity=each), None)
                for each in quantities.get(row.id, ())
                if each > ask.quantity
            )
    return list(asks)


def _shown(found: Sequence[tuple[Any, list[Offered]]], priced: Sequence[Priced]) -> list[Shown]:
    """The effective prices: those at the sellers' smallest quantities."""
    smallest = {ask for row, offers in found for ask in asks_of(row.id, offers)}
    prices = cheapest(each for each in priced if each.ask in smallest)
    return [Shown(row, offers, prices.get(row.id)) for row, offers in found]


def _breaks(priced: Sequence[Priced]) -> dict[tuple[str, str | None], list[Priced]]:
    """By variant and seller, ascending, only where the price changes."""
    breaks: dict[tuple[str, str | None], list[Priced]] = {}
    for each in sorted(priced, key=lambda one: one.ask.quantity):
        steps = breaks.setdefault((each.ask.variant_id, each.ask.seller_id), [])
        if not steps or _unit(steps[-1]) != _unit(each):
            steps.append(each)
    return breaks


def _unit(priced: Priced) -> int:
    return price_key(priced.amount_minor, priced.per_quantity)
