"""What the viewer pays at least: effective prices of many variants by one statement of pricing."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from app.discovery.queries.viewer import Viewer
from app.discovery.rules import Ask, Priced, cheapest
from app.infra.db import DbSession
from app.pricing import queries as pricing_queries
from app.pricing.queries import PriceSource

Line = tuple[uuid.UUID, int]


def price(
    session: DbSession, *, viewer: Viewer, asks: Collection[Ask], now: datetime
) -> list[Priced]:
    """The asks that have a price, with it; one statement, however many variants and sellers.

    Goods that the storefront's owner sells itself or resells have its price, others their
    seller's.
    """
    if not asks:
        return []
    lines = dict.fromkeys((each.variant_id, each.quantity) for each in asks)
    position = {line: number for number, line in enumerate(lines)}
    owner = str(viewer.owner_id)
    sources = {each.seller_id: _sale(each.seller_id or owner) for each in asks}
    grid = pricing_queries.price_lines(
        session,
        sources=set(sources.values()),
        lines=_as_lines(lines),
        context=viewer.price_context(),
        now=now,
    )
    columns = {seller_id: grid.column(source) for seller_id, source in sources.items()}
    return [
        Priced(each, *found)
        for each in asks
        if (found := columns[each.seller_id].get(position[each.variant_id, each.quantity]))
    ]


def effective_prices(
    session: DbSession, *, viewer: Viewer, asks: Collection[Ask], now: datetime
) -> dict[str, Priced]:
    """The lowest price of each variant among its entitled sellers; those without are missing."""
    return cheapest(price(session, viewer=viewer, asks=asks, now=now))


def _sale(owner_id: str) -> PriceSource:
    return PriceSource(owner_id, "sale")


def _as_lines(lines: Iterable[tuple[str, int]]) -> Sequence[Line]:
    return [(uuid.UUID(variant_id), quantity) for variant_id, quantity in lines]
