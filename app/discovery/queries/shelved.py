"""What holds for all that fits: how much, which facets, and a page's rows, decided in columns.

Two statements: the packed one (:mod:`app.discovery.queries.packed`), and the names of what was
counted. Prices, where they decide, are of lists with volume breaks and plain formulas; others are
priced one by one.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from sqlalchemy import text

from app.discovery.queries import matching
from app.discovery.queries.asked import Counted, Facet, Search, Slice, binds_of, slice_of
from app.discovery.queries.columns import (
    UNPRICED,
    Flags,
    Ints,
    Sample,
    counts_of,
    sample_of,
)
from app.discovery.queries.matching import MOST_EXACT
from app.discovery.queries.packed import Packed, statement_of
from app.discovery.queries.paying import Places
from app.discovery.queries.pricing import Place, effective_units
from app.discovery.queries.viewer import Viewer
from app.discovery.rules import BILLION, BY_PRICE, DEAREST, NAME, NEWEST, NO_PRICE, Cursor, Filters
from app.infra.db import DbSession, array_of

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # of the database's instants
_MICROSECOND = timedelta(microseconds=1)

_NAMED = text(f"""
WITH carried AS (
    SELECT k.token, c.failed, c.many
    FROM unnest(
        CAST(:numbers AS integer[]), CAST(:counts AS bigint[]), CAST(:failures AS text[])
    ) AS c (number, many, failed)
    JOIN discovery_tokens k ON k.number = c.number
),
counted AS (
    SELECT token, split_part(token, '=', 1) AS facet, CAST(sum(many) AS bigint) AS many
    FROM carried WHERE failed = '' OR starts_with(token, failed || '=')
    GROUP BY token
),
{matching.NAMED_FACETS.strip().rstrip(",")}
SELECT token, many, label, title FROM facet
""")  # noqa: S608 - composed of constants only


class _Fitting(NamedTuple):
    """Rows that are found or fail one facet group alone, and what each costs, if it was asked."""

    rows: Ints
    units: Ints | None


def count(
    session: DbSession,
    viewer: Viewer,
    search: Search,
    places: Places | None,
    cursor: Cursor | None,
    now: datetime,
) -> Counted:
    """All of it; with ``places`` each at its effective price.

    Raises:
        TooLarge: a price is, and all have to be priced one by one.
    """
    packed = _read(session, viewer, search, places, cursor, now)
    sample = sample_of(packed)
    fitting = _fitting(sample, search, _places(packed, viewer, places))
    found = fitting.rows[sample.failed[fitting.rows] < 0]
    return Counted(
        len(found),
        int(np.count_nonzero(sample.failed < 0)) <= MOST_EXACT,
        _facets(session, viewer, search, sample, fitting.rows),
        _page(packed, sample, search, found, fitting.units, cursor),
    )


def _read(
    session: DbSession,
    viewer: Viewer,
    search: Search,
    places: Places | None,
    cursor: Cursor | None,
    now: datetime,
) -> Packed:
    lists = places.list_ids if places else []
    known = array_of([*viewer.seller_ids, *lists])
    binds = binds_of(viewer, search, cursor, now) | {"sources": known, "numbered": known}
    statement = statement_of(
        search.shape, search.order, is_priced=places is not None, is_later=cursor is not None
    )
    return Packed(*session.execute(statement, binds).one())


def _places(packed: Packed, viewer: Viewer, places: Places | None) -> Sequence[Place] | None:
    """The lists by their numbers."""
    if places is None:
        return None
    numbers = dict(zip(packed.numbered or (), packed.numbers or (), strict=True))
    owner, rungs = str(viewer.owner_id), places.rungs or {}
    return [
        Place(
            each.price_list_id,
            None if each.owner_id == owner else numbers.get(each.owner_id, 0),
            each.position,
            each.is_lowest,
            tuple(
                (numbers.get(rung.price_list_id, 0), rung.formulas)
                for rung in rungs[each.price_list_id]
            ),
        )
        for each in places.places
    ]


def _fitting(sample: Sample, search: Search, places: Sequence[Place] | None) -> _Fitting:
    fits = sample.entitled(only_available=search.filters.is_available)
    if places is None:
        return _Fitting(np.flatnonzero(fits), None)
    units = effective_units(sample, places)
    if search.filters.by_price:
        fits &= _between(units, search.filters)
    return _Fitting(np.flatnonzero(fits), units)


def _between(units: Ints, filters: Filters) -> Flags:
    """Rows whose unit price lies between the bounds, both inclusive."""
    fits: Flags = units != UNPRICED
    if filters.price_from is not None:
        fits &= units >= min(filters.price_from * BILLION, UNPRICED)
    if filters.price_to is not None:
        fits &= units <= min(max(filters.price_to, -1) * BILLION, UNPRICED - 1)
    return fits


def _facets(
    session: DbSession, viewer: Viewer, search: Search, sample: Sample, rows: Ints
) -> list[Facet]:
    """Counts by token; a row that fails a group counts for that group's tokens."""
    failed = np.full(len(sample), -2, dtype=np.int64)
    failed[rows] = sample.failed[rows]
    of_facet = failed[sample.facet_rows]
    numbers: list[int] = []
    counts: list[int] = []
    failures: list[str] = []
    for number, group in enumerate(["", *(group for group, _ in search.filters.tokens)], -1):
        tokens, many = counts_of(sample.facets[of_facet == number])
        numbers += tokens.tolist()
        counts += many.tolist()
        failures += [group] * len(tokens)
    if not numbers:
        return []
    binds = {
        "numbers": numbers,
        "counts": counts,
        "failures": failures,
        "reach": array_of(viewer.reach),
        "locale": search.locale,
        "chosen": [each for _, values in search.filters.tokens for each in values],
    }
    return [Facet(*row) for row in session.execute(_NAMED, binds)]


def _page(
    packed: Packed,
    sample: Sample,
    search: Search,
    found: Ints,
    units: Ints | None,
    cursor: Cursor | None,
) -> Slice:
    keys = _sort_keys(sample, search.order, units)[found]
    if cursor is not None:
        later = _later(packed, sample, search.order, found, keys, cursor)
        found, keys = found[later], keys[later]
    order = np.lexsort((sample.low[found], sample.high[found], keys))[: search.limit + 1]
    rows = [
        (_told(packed, search.order, int(keys[each])), _id_of(sample, int(found[each])))
        for each in order.tolist()
    ]
    return slice_of(rows, search.limit)


def _sort_keys(sample: Sample, order: str, units: Ints | None) -> Ints:
    if order == NEWEST:
        return -sample.keys
    if order not in BY_PRICE or units is None:
        return sample.keys
    return units if order != DEAREST else np.where(units == UNPRICED, units, -units)


def _later(
    packed: Packed, sample: Sample, order: str, found: Ints, keys: Ints, cursor: Cursor
) -> Flags:
    """Which rows come after the cursor's."""
    if order == NAME:
        return keys > packed.first
    key = _key_of(cursor, order)
    high, low = cursor.after.int >> 64, cursor.after.int & (2**64 - 1)
    highs = sample.high[found]
    after = (highs > np.uint64(high)) | (
        (highs == np.uint64(high)) & (sample.low[found] > np.uint64(low))
    )
    later: Flags = (keys > key) | ((keys == key) & after)
    return later


def _key_of(cursor: Cursor, order: str) -> int:
    if order == NEWEST:
        return -((datetime.fromisoformat(cursor.key) - _EPOCH) // _MICROSECOND)
    return max(-UNPRICED, min(int(cursor.key), UNPRICED))


def _told(packed: Packed, order: str, key: int) -> str:
    """A sort key as cursors hold it."""
    if order == NEWEST:
        return (_EPOCH - key * _MICROSECOND).isoformat()
    if order == NAME:
        return _name_at(packed, key)
    return NO_PRICE if order in BY_PRICE and key == UNPRICED else str(key)


def _name_at(packed: Packed, place: int) -> str:
    """The name that stands at a place in their order."""
    places = np.frombuffer(packed.keys or b"", ">i4")
    lengths = np.frombuffer(packed.name_lengths or b"", ">i4")
    at = int(np.flatnonzero(places == place)[0])
    start = int(lengths[:at].sum())
    return (packed.names or "")[start : start + int(lengths[at])]


def _id_of(sample: Sample, row: int) -> str:
    digits = f"{int(sample.high[row]):016x}{int(sample.low[row]):016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
