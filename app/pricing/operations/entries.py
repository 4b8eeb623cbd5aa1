"""Prices are put on a list, many at once, all or none.

An entry is known by its variant, ``from_quantity`` and ``valid_from``: put again, it replaces
itself. So a new price from an instant on is two entries: the old one with an end, and the new.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.catalog import queries as catalog_queries
from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import refusing
from app.kernel.money import UnitPrice
from app.pricing import queries
from app.pricing.errors import (
    EntriesEndTooSoon,
    EntriesOverlap,
    EntriesUnknown,
    MixedPerQuantity,
    OutsideBounds,
)
from app.pricing.models import PriceList
from app.pricing.operations.lists import lock_own_list
from app.pricing.rules import SALE
from app.pricing.rules.bounds import BELOW_FLOOR, BREACHES, Bounds

MAX_ENTRIES = 1000
_REFUSALS = {
    "ex_pricing_entries_no_overlap": EntriesOverlap(),
    "ck_pricing_entries_same_per_quantity": MixedPerQuantity(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """A price to put; without ``valid_from`` it holds as long as the list does."""

    variant_id: uuid.UUID
    amount_minor: int
    per_quantity: int = 1
    from_quantity: int = 1
    valid_from: datetime | None = None
    valid_to: datetime | None = None


_WANTED = """
WITH wanted AS (
    SELECT * FROM unnest(
        CAST(:variant_ids AS uuid[]), CAST(:from_quantities AS integer[]),
        CAST(:amounts AS bigint[]), CAST(:per_quantities AS integer[]),
        CAST(:valid_from AS timestamptz[]), CAST(:valid_to AS timestamptz[])
    ) WITH ORDINALITY AS w(
        variant_id, from_quantity, amount_minor, per_quantity, valid_from, valid_to, row_no)
)
"""

# Overlaps with what will stand beside a row: other rows, and stored entries that none replaces.
_OVERLAPS = text(
    _WANTED
    + """
SELECT w.row_no, o.row_no AS other_no, o.valid_from, o.valid_to
FROM wanted w JOIN wanted o USING (variant_id, from_quantity)
WHERE o.row_no < w.row_no
  AND tstzrange(w.valid_from, w.valid_to) && tstzrange(o.valid_from, o.valid_to)
UNION ALL
SELECT w.row_no, NULL, o.valid_from, o.valid_to
FROM wanted w JOIN pricing_entries o
  ON o.variant_id = w.variant_id AND o.price_list_id = :price_list_id
 AND o.from_quantity = w.from_quantity
WHERE tstzrange(w.valid_from, w.valid_to) && tstzrange(o.valid_from, o.valid_to)
  AND NOT EXISTS (
      SELECT FROM wanted r
      WHERE r.variant_id = o.variant_id AND r.from_quantity = o.from_quantity
        AND r.valid_from = o.valid_from
  )
ORDER BY row_no
"""
)

# Ends are moved first: what is added may begin where an old entry now ends.
_REPLACE_THEN_ADD = """,
replaced AS (
    UPDATE pricing_entries e
    SET amount_minor = w.amount_minor, per_quantity = w.per_quantity, valid_to = w.valid_to
    FROM wanted w
    WHERE e.price_list_id = :price_list_id AND e.variant_id = w.variant_id
      AND e.from_quantity = w.from_quantity AND e.valid_from = w.valid_from
    RETURNING w.row_no
),
added AS (
    INSERT INTO pricing_entries (
        price_list_id, variant_id, from_quantity, amount_minor, per_quantity, valid_from, valid_to)
    SELECT CAST(:price_list_id AS uuid), variant_id, from_quantity, amount_minor, per_quantity,
           valid_from, valid_to
    FROM wanted LEFT JOIN replaced USING (row_no)
    WHERE replaced.row_no IS NULL
    RETURNING 1
)
SELECT (SELECT count(*) FROM replaced) AS replaced, (SELECT count(*) FROM added) AS added
"""
_PUT = text(_WANTED + _REPLACE_THEN_ADD)


def put_entries(
    session: DbSession,
    *,
    caller: Caller,
    price_list_id: uuid.UUID,
    entries: Sequence[EntryDraft],
    now: datetime,
) -> int:
    """Put entries on a list of the caller's; how many were written.

    Raises:
        PriceListNotFound: the caller has no such list.
        EntriesUnknown: some name a variant that the caller may not know of.
        EntriesEndTooSoon: some end before they begin.
        EntriesOverlap: some hold at the same time as others.
        MixedPerQuantity: graduated breaks would be prices for different numbers of units.
        OutsideBounds: some lie outside of what the manufacturer allows.
    """
    price_list = lock_own_list(session, caller=caller, price_list_id=price_list_id)
    _require_known(session, caller, entries)
    _require_periods(price_list.valid_from, entries)
    binds = _binds(price_list_id, price_list.valid_from, entries)
    overlaps = session.execute(_OVERLAPS, binds).all()
    if overlaps:
        raise EntriesOverlap(errors=[_overlap(row) for row in overlaps])
    _require_within_bounds(session, price_list, entries, now)
    with refusing(session, _REFUSALS):
        written = session.execute(_PUT, binds).one()
    audit.note(
        session,
        caller=caller,
        action="price_list.entries_put",
        subject_type="price_list",
        subject_id=price_list_id,
        now=now,
        details={"replaced": written.replaced, "added": written.added},
    )
    total: int = written.replaced + written.added
    return total


def _binds(
    price_list_id: uuid.UUID, since: datetime, entries: Sequence[EntryDraft]
) -> dict[str, Any]:
    return {
        "price_list_id": price_list_id,
        "variant_ids": [each.variant_id for each in entries],
        "from_quantities": [each.from_quantity for each in entries],
        "amounts": [each.amount_minor for each in entries],
        "per_quantities": [each.per_quantity for each in entries],
        "valid_from": [each.valid_from or since for each in entries],
        "valid_to": [each.valid_to for each in entries],
    }


def _require_known(session: DbSession, caller: Caller, entries: Sequence[EntryDraft]) -> None:
    known = catalog_queries.known_variants(
        session, caller=caller, variant_ids=[each.variant_id for each in entries]
    )
    problems = [
        _pointed(row, "/variant_id", "No variant that you may sell")
        for row, each in enumerate(entries)
        if each.variant_id not in known
    ]
    if problems:
        raise EntriesUnknown(errors=problems)


def _require_periods(since: datetime, entries: Sequence[EntryDraft]) -> None:
    problems = [
        _pointed(row, "/valid_to", "Not after its beginning")
        for row, each in enumerate(entries)
        if each.valid_to is not None and each.valid_to <= (each.valid_from or since)
    ]
    if problems:
        raise EntriesEndTooSoon(errors=problems)


def _require_within_bounds(
    session: DbSession, price_list: PriceList, entries: Sequence[EntryDraft], now: datetime
) -> None:
    """Refuse what a manufacturer does not allow when the entry begins to hold (or now)."""
    if price_list.purpose != SALE:
        return
    problems = []
    since = [max(now, each.valid_from or price_list.valid_from) for each in entries]
    for instant in sorted(set(since)):
        rows = [row for row, begins in enumerate(since) if begins == instant]
        wanted = [(entries[row].variant_id, entries[row].from_quantity) for row in rows]
        bounds = queries.bounds_of(
            session,
            wanted=wanted,
            currency=price_list.currency,
            maker_free=price_list.owner_id,
            now=instant,
        )
        for row, key in zip(rows, wanted, strict=True):
            price = UnitPrice(entries[row].amount_minor, entries[row].per_quantity)
            breach = bounds[key].breach(price) if key in bounds else None
            if breach:
                problems.append(_breach(row, breach, bounds[key]))
    if problems:
        raise OutsideBounds(errors=problems)


def _breach(row: int, breach: str, bounds: Bounds) -> dict[str, Any]:
    bound = bounds.floor if breach == BELOW_FLOOR else bounds.recommended
    assert bound is not None
    return {
        **_pointed(row, "/amount_minor", BREACHES[breach]),
        "code": breach,
        "bound": {"amount_minor": bound.amount_minor, "per_quantity": bound.per_quantity},
    }


def _overlap(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    other = "an entry of the list" if row.other_no is None else f"entry {row.other_no - 1}"
    until = row.valid_to.isoformat() if row.valid_to else "ever"
    return _pointed(
        row.row_no - 1, "", f"Overlaps {other}: {row.valid_from.isoformat()} to {until}"
    )


def _pointed(row: int, field: str, message: str) -> dict[str, Any]:
    return {"in": "json", "pointer": f"/entries/{row}{field}", "message": message}
