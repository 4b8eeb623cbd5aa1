"""What the viewer pays at least: effective prices of many variants by one statement of pricing."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from app.discovery.queries.viewer import Viewer
from app.discovery.rules import Ask, Priced, price_key
from app.infra.db import DbSession
from app.pricing import queries as pricing_queries
from app.pricing.queries import PriceSource

Line = tuple[uuid.UUID, int]
Price = tuple[int, int]


def price(
    session: DbSession, *, viewer: Viewer, asks: Collection[Ask], now: datetime
) -> list[Priced]:
    """The asks that have a price, with it; one statement, however many variants and sellers.

    Goods that the storefront's owner sells itself or resells have its price, others their
    seller's.
    """
    found = _found(session, viewer=viewer, asks=asks, now=now)
    return [Priced(ask, amount, per) for ask, (amount, per) in found]


def effective_prices(
    session: DbSession, *, viewer: Viewer, asks: Collection[Ask], now: datetime
) -> dict[str, Priced]:
    """The lowest price of each variant among its entitled sellers; those without are missing.

    As :func:`app.discovery.rules.cheapest` chooses; asks are counted in tens
    of thousands here, so only what wins becomes a value.
    """
    best: dict[str, tuple[int, Ask, Price]] = {}
    for ask, found in _found(session, viewer=viewer, asks=asks, now=now):
        key = price_key(*found)
        known = best.get(ask.variant_id)
        if known is None or key < known[0] or (key == known[0] and _rank(ask) < _rank(known[1])):
            best[ask.variant_id] = key, ask, found
    return {variant_id: Priced(ask, *found) for variant_id, (_, ask, found) in best.items()}


def _rank(ask: Ask) -> tuple[str, int]:
    return ask.seller_id or "", ask.quantity


def _found(
    session: DbSession, *, viewer: Viewer, asks: Collection[Ask], now: datetime
) -> Iterator[tuple[Ask, Price]]:
    if not asks:
        return
    lines = dict.fromkeys((each.variant_id, each.quantity) for each in asks)
    position = dict(zip(lines, range(len(lines)), strict=True))
    owner = str(viewer.owner_id)
    sellers = {each.seller_id for each in asks}
    sources = {seller_id: _sale(seller_id or owner) for seller_id in sellers}
    grid = pricing_queries.price_lines(
        session,
        sources=set(sources.values()),
        lines=_as_lines(lines),
        context=viewer.price_context(),
        now=now,
    )
    columns = {seller_id: grid.column(source) for seller_id, source in sources.items()}
    for ask in asks:
        found = columns[ask.seller_id].get(position[ask.variant_id, ask.quantity])
        if found is not None:
            yield ask, found


def _sale(owner_id: str) -> PriceSource:
    return PriceSource(owner_id, "sale")


def _as_lines(lines: Iterable[tuple[str, int]]) -> Sequence[Line]:
    return [(uuid.UUID(variant_id), quantity) for variant_id, quantity in lines]
