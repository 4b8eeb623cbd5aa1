"""Staged prices that lie outside of what manufacturers allow are refused, block by block.

Most networks bound few prices: rows whose manufacturer bounds none are never looked at.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.infra.db import DbSession, array_of
from app.kernel.money import UnitPrice
from app.pricing import queries
from app.pricing.models import PriceList
from app.pricing.rules import SALE

_BLOCK = 5000

_BOUND = """
SELECT j.row_no, j.variant_id, j.from_quantity, j.amount_minor, j.per_quantity,
       GREATEST(j.valid_from, CAST(:now AS timestamptz)) AS since
FROM {judged} j JOIN catalog_variants v ON v.id = j.variant_id
WHERE j.verdict IN ('insert', 'update') AND j.row_no > :after
  AND v.manufacturer_id <> :owner_id
  AND v.manufacturer_id IN (
      SELECT owner_id FROM pricing_price_lists
      WHERE currency = :currency AND (
          purpose = 'floor' OR num_nonnulls(corridor_below_bps, corridor_above_bps) > 0)
  )
ORDER BY j.row_no LIMIT :block
"""
_ARE_BOUNDED = """
SELECT EXISTS (
    SELECT FROM pricing_price_lists
    WHERE currency = :currency AND owner_id <> :owner_id AND (
        purpose = 'floor' OR num_nonnulls(corridor_below_bps, corridor_above_bps) > 0)
)
"""
_REFUSE = """
UPDATE {judged} j SET verdict = 'price\\:' || b.breach
FROM unnest(CAST(:row_nos AS bigint[]), CAST(:breaches AS text[])) AS b (row_no, breach)
WHERE j.row_no = b.row_no
"""


def refuse_outside_bounds(
    session: DbSession, *, price_list: PriceList, judged: str, now: datetime
) -> None:
    """Refuse prices of a sale list that their manufacturers do not allow when they begin."""
    if price_list.purpose != SALE or not _are_bounded(session, price_list):
        return
    for rows in _blocks(session, price_list, judged, now):
        breaches = dict(_breaches(session, price_list, rows))
        if breaches:
            binds = {"row_nos": array_of(breaches), "breaches": list(breaches.values())}
            session.execute(text(_REFUSE.format(judged=judged)), binds)


def _are_bounded(session: DbSession, price_list: PriceList) -> bool:
    """Whether anybody else bounds prices in this currency at all."""
    binds = {"owner_id": price_list.owner_id, "currency": price_list.currency}
    return bool(session.scalar(text(_ARE_BOUNDED), binds))


def _blocks(
    session: DbSession, price_list: PriceList, judged: str, now: datetime
) -> Iterator[Sequence[Any]]:
    after = 0
    while True:
        rows = session.execute(
            text(_BOUND.format(judged=judged)),
            {
                "now": now,
                "after": after,
                "owner_id": price_list.owner_id,
                "currency": price_list.currency,
                "block": _BLOCK,
            },
        ).all()
        if not rows:
            return
        yield rows
        after = rows[-1].row_no


def _breaches(
    session: DbSession, price_list: PriceList, rows: Sequence[Any]
) -> Iterator[tuple[int, str]]:
    by_instant: dict[datetime, list[Any]] = defaultdict(list)
    for row in rows:
        by_instant[row.since].append(row)
    for instant, together in by_instant.items():
        wanted: list[tuple[uuid.UUID, int]] = [
            (row.variant_id, row.from_quantity) for row in together
        ]
        bounds = queries.bounds_of(
            session,
            wanted=wanted,
            currency=price_list.currency,
            maker_free=price_list.owner_id,
            now=instant,
        )
        for row, key in zip(together, wanted, strict=True):
            breach = bounds[key].breach(UnitPrice(row.amount_minor, row.per_quantity))
            if breach:
                yield row.row_no, breach
