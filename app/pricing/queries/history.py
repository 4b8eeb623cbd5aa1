"""The rows that decide over prices, as they are or as they were: what an explanation reads.

Without an instant in the past only what stands is read, so that whoever asks about now pays nothing
for history. With one, a row that was replaced since is as it was before the first such change; a
row without dates of its own (an assignment, a formula, a strategy) that was written since is none.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.infra.db import Base, DbSession, array_of
from app.kernel.money import UnitPrice
from app.kernel.period import Period
from app.pricing import rules
from app.pricing.models import PriceAssignment, PriceFormula, PriceList, PricingSettings
from app.pricing.rules.past import Version, as_of

EntryKey = tuple[uuid.UUID, uuid.UUID]

_STANDS = "SELECT t.* FROM {table} t WHERE t.{by} = ANY (CAST(:ids AS uuid[]))"
_STOOD = """
SELECT t.* FROM {table} t WHERE t.{by} = ANY (CAST(:ids AS uuid[]))
  AND NOT EXISTS (
      SELECT FROM pricing_past p
      WHERE p.source = '{table}' AND p.row_id = t.{key} AND p.replaced_at > :past
  )
UNION ALL
SELECT r.*
FROM (
    SELECT DISTINCT ON (p.row_id) p.was FROM pricing_past p
    WHERE p.source = '{table}' AND p.{past_by} = ANY (CAST(:ids AS uuid[]))
      AND p.replaced_at > :past
    ORDER BY p.row_id, p.replaced_at
) p
CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS {table}), p.was) r
WHERE p.was IS NOT NULL
"""

_ENTRIES = """
SELECT variant_id, price_list_id, from_quantity, valid_from, valid_to, amount_minor, per_quantity,
       CAST(NULL AS timestamptz) AS replaced_at
FROM pricing_entries
WHERE variant_id = ANY (CAST(:variant_ids AS uuid[]))
  AND price_list_id = ANY (CAST(:list_ids AS uuid[]))
"""
_ENTRIES_STAND = text(_ENTRIES + "ORDER BY from_quantity, valid_from")
_ENTRIES_STOOD = text(
    _ENTRIES
    + """
UNION ALL
SELECT variant_id, price_list_id, from_quantity, valid_from, valid_to, amount_minor, per_quantity,
       replaced_at
FROM pricing_past_entries
WHERE variant_id = ANY (CAST(:variant_ids AS uuid[]))
  AND price_list_id = ANY (CAST(:list_ids AS uuid[])) AND replaced_at > :past
"""
)


def lists_of(
    session: DbSession, owner_ids: Collection[uuid.UUID], *, past: datetime | None
) -> Sequence[Row[Any]]:
    """The lists of these owners."""
    return _rows(session, PriceList, "owner_id", owner_ids, past)


def lists_by_id(
    session: DbSession, list_ids: Collection[uuid.UUID], *, past: datetime | None
) -> Sequence[Row[Any]]:
    """Lists by their ids."""
    return _rows(session, PriceList, "id", list_ids, past)


def formulas_of(
    session: DbSession, list_ids: Collection[uuid.UUID], *, past: datetime | None
) -> Sequence[Row[Any]]:
    """The formulas of these lists."""
    return _rows(session, PriceFormula, "price_list_id", list_ids, past)


def assignments_of(
    session: DbSession, list_ids: Collection[uuid.UUID], *, past: datetime | None
) -> Sequence[Row[Any]]:
    """To whom these lists apply."""
    return _rows(session, PriceAssignment, "price_list_id", list_ids, past)


def settings_of(
    session: DbSession, owner_ids: Collection[uuid.UUID], *, past: datetime | None
) -> Sequence[Row[Any]]:
    """How these owners' lists decide between them; nothing of those who never said."""
    return _rows(session, PricingSettings, "owner_id", owner_ids, past)


def entries_of(
    session: DbSession,
    list_ids: Collection[uuid.UUID],
    variant_ids: Collection[uuid.UUID],
    *,
    past: datetime | None,
) -> Mapping[EntryKey, list[rules.Entry]]:
    """The entries of these variants on these lists."""
    binds = {"list_ids": array_of(list_ids), "variant_ids": array_of(variant_ids)}
    if past is None:
        found: dict[EntryKey, list[rules.Entry]] = defaultdict(list)
        for row in session.execute(_ENTRIES_STAND, binds):
            found[row.price_list_id, row.variant_id].append(_entry(row))
        return found
    versions: dict[EntryKey, list[Version]] = defaultdict(list)
    for row in session.execute(_ENTRIES_STOOD, {**binds, "past": past}):
        versions[row.price_list_id, row.variant_id].append(_version(row))
    return defaultdict(list, {key: as_of(each, past) for key, each in versions.items()})


def _rows(
    session: DbSession,
    model: type[Base],
    by: str,
    ids: Collection[uuid.UUID],
    past: datetime | None,
) -> Sequence[Row[Any]]:
    (key,) = model.__table__.primary_key
    statement = (_STANDS if past is None else _STOOD).format(
        table=model.__tablename__,
        by=by,
        key=key.name,
        past_by="row_id" if by == key.name else "scope_id",
    )
    binds = {"ids": array_of(ids)} | ({} if past is None else {"past": past})
    return session.execute(text(statement), binds).all()


def _entry(row: Row[Any]) -> rules.Entry:
    return rules.Entry(
        from_quantity=row.from_quantity,
        price=UnitPrice(row.amount_minor, row.per_quantity),
        period=Period(row.valid_from, row.valid_to),
    )


def _version(row: Row[Any]) -> Version:
    if row.replaced_at is None:
        return Version(entry=_entry(row))
    return Version(entry=_entry(row), replaced_at=row.replaced_at)
