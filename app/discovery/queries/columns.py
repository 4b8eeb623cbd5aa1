"""Packed answers as columns, and what is decided over whole columns at once.

Laws: every variant that was matched has one row, known by its place among the shelves; a price is
compared by :func:`app.discovery.rules.price_key`, exactly; what has no price has :data:`UNPRICED`.
Whatever these columns cannot hold exactly raises :class:`TooLarge` and is priced one by one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.discovery.queries.packed import Packed
from app.discovery.rules import BILLION

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

UNPRICED = np.iinfo(np.int64).max
LARGEST = 9 * BILLION  # of one unit, in minor units: its key is a 64-bit number
DENSE = 4_000_000
_OFFER = np.dtype([("seller", ">i4"), ("least", ">i4"), ("stocked", "i1")])
_ENTRY = np.dtype([("list", ">i4"), ("amount", ">i4")])
_BREAK = np.dtype([("list", ">i4"), ("since", ">i4"), ("amount", ">i8"), ("per", ">i4")])
_RIGHT = np.dtype([("scope", ">i4"), ("seller", ">i4"), ("agency", ">i4")])
_PLACE = np.dtype([("place", ">i4"), ("scope", ">i4")])
_LINE = np.dtype([("high", ">u8"), ("low", ">u8"), ("scope", ">i8")])
_NOBODY, _OWNER, _SELLER = 0, 1, 2  # whose price counts


class TooLarge(ValueError):
    """A price of one unit that columns do not hold exactly."""


@dataclass(frozen=True, slots=True)
class Sample:
    """All that was matched: a row a variant, and what hangs on rows.

    ``sellers`` are the entitled ones' numbers, ascending; ``asks`` are offers of these, each with
    the place of its price's owner among them (their number of the storefront's owner).
    """

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    failed: Ints
    keys: Ints
    facet_rows: Ints
    facets: Ints
    sellers: Ints
    ask_rows: Ints
    ask_owners: Ints
    ask_least: Ints
    ask_stocked: Flags
    entry_rows: Ints
    entries: "Entries"

    def __len__(self) -> int:
        """How many variants were matched."""
        return len(self.high)

    def entitled(self, *, only_available: bool) -> Flags:
        """Which rows anybody entitled offers, or has."""
        found = np.zeros(len(self), dtype=np.bool_)
        found[self.ask_rows[self.ask_stocked] if only_available else self.ask_rows] = True
        return found


@dataclass(frozen=True, slots=True)
class Entries:
    """Prices that hold: of which list, from which quantity on, how much for how many."""

    lists: Ints
    since: Ints
    amounts: Ints
    per: Ints

    def at(self, amounts: Ints) -> "Entries":
        """The same at other amounts."""
        return Entries(self.lists, self.since, amounts, self.per)

    def of(self, which: Any) -> "Entries":  # noqa: ANN401 - an index of numpy's
        """Some of them."""
        return Entries(self.lists[which], self.since[which], self.amounts[which], self.per[which])

    def units(self) -> Ints:
        """What they are compared by.

        Raises:
            TooLarge: one of them cannot be.
        """
        whole = self.amounts // self.per
        if len(whole) and int(whole.max()) >= LARGEST:
            raise TooLarge
        return whole * BILLION + (self.amounts % self.per) * BILLION // self.per


def sample_of(packed: Packed) -> Sample:
    """Read an answer's columns."""
    high, low = _ids(_joined(packed.trusted, packed.packed))
    order = _order_of(packed.ids or b"", high, low)
    markers, facets = _facets(packed.facets or b"")
    scopes = _scopes(packed, order, markers, high, low)
    offers = np.frombuffer(_joined(packed.offers, packed.packed_offers), _OFFER)
    is_head = offers["seller"] < 0
    heads = offers[is_head]
    entry_rows, entries = _entries(packed, heads)
    rows = np.cumsum(is_head) - 1
    sellers, rights = _rights(packed.rights or b"", int(scopes.max(initial=0)))
    places = places_in(sellers, offers["seller"].astype(np.int64))
    models = rights[scopes[rows], places] if len(offers) else np.zeros(0, np.int8)
    asks = np.flatnonzero(models)
    return Sample(
        high=high,
        low=low,
        failed=_permuted(packed.failed, ">i2", order, -1),
        keys=_permuted(packed.keys, f">i{len(packed.keys or b'') // max(len(high), 1)}", order, 0),
        facet_rows=order[facets[0]],
        facets=facets[1],
        sellers=sellers,
        ask_rows=rows[asks],
        ask_owners=np.where(models[asks] == _SELLER, places[asks], len(sellers)),
        ask_least=offers["least"][asks].astype(np.int64),
        ask_stocked=offers["stocked"][asks] != 0,
        entry_rows=entry_rows,
        entries=entries,
    )


def _joined(*parts: bytes | None) -> bytes:
    return b"".join(each for each in parts if each)


def _ids(data: bytes) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    pairs = np.frombuffer(data, ">u8").astype(np.uint64).reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].copy()


def _order_of(ids: bytes, high: NDArray[np.uint64], low: NDArray[np.uint64]) -> Ints:
    """The row of each document: the same ids in another order."""
    other_high, other_low = _ids(ids)
    order = np.empty(len(high), dtype=np.int64)
    order[np.lexsort((other_low, other_high))] = np.lexsort((low, high))
    return order


def _permuted(data: bytes | None, kind: str, order: Ints, default: int) -> Ints:
    found = np.full(len(order), default, dtype=np.int64)
    if data:
        found[order] = np.frombuffer(data, kind)
    return found


def _facets(data: bytes) -> tuple[Ints, tuple[Ints, Ints]]:
    """Each document's place, and (document, number of the token) for each facet of each."""
    numbers = np.frombuffer(data, ">i4").astype(np.int64)
    is_place = numbers < 0
    rows = np.cumsum(is_place) - 1
    return -numbers[is_place], (rows[~is_place], numbers[~is_place])


def _scopes(
    packed: Packed,
    order: Ints,
    markers: Ints,
    high: NDArray[np.uint64],
    low: NDArray[np.uint64],
) -> Ints:
    """The scope that each row falls in: its place's, or, where assortments are in play, its own."""
    scopes = np.zeros(len(order), dtype=np.int64)
    if packed.lines:
        lines = np.frombuffer(packed.lines, _LINE)
        order = np.lexsort((low, high))
        scopes[order] = lines["scope"][np.lexsort((lines["low"], lines["high"]))]
    elif packed.places:
        known = np.sort(np.frombuffer(packed.places, _PLACE), order="place")
        numbers = known["place"].astype(np.int64)
        scopes[order] = known["scope"][np.searchsorted(numbers, markers)]
    return scopes


def _rights(data: bytes, most: int) -> tuple[Ints, NDArray[np.int8]]:
    """Entitled sellers, and by scope and seller whose price counts; the last seller is nobody."""
    known = np.frombuffer(data, _RIGHT)
    sellers = np.unique(known["seller"].astype(np.int64))
    table = np.zeros((most + 1, len(sellers) + 1), dtype=np.int8)
    table[known["scope"], np.searchsorted(sellers, known["seller"])] = np.where(
        known["agency"] != 0, _SELLER, _OWNER
    )
    return sellers, table


def places_in(known: Ints, asked: Ints) -> Ints:
    """Where numbers stand among known ones; what is not known stands behind them."""
    if not len(known):
        return np.zeros(len(asked), dtype=np.int64)
    places = np.searchsorted(known, asked)
    return np.where(known[np.minimum(places, len(known) - 1)] == asked, places, len(known))


def _entries(packed: Packed, heads: Any) -> tuple[Ints, Entries]:  # noqa: ANN401 - records
    plain = np.frombuffer(_joined(packed.entries, packed.packed_entries), _ENTRY)
    breaks = np.frombuffer(_joined(packed.breaks, packed.packed_breaks), _BREAK)
    if not len(plain) and not len(breaks):
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, Entries(nothing, nothing, nothing, nothing)
    rows = np.arange(len(heads))
    ones = np.ones(len(plain), dtype=np.int64)
    return (
        np.concatenate([np.repeat(rows, -1 - heads["seller"]), np.repeat(rows, heads["least"])]),
        Entries(
            np.concatenate([plain["list"].astype(np.int64), breaks["list"]]),
            np.concatenate([ones, breaks["since"]]),
            np.concatenate([plain["amount"].astype(np.int64), breaks["amount"]]),
            np.concatenate([ones, breaks["per"]]),
        ),
    )


def counts_of(numbers: Ints) -> tuple[Ints, Ints]:
    """Each number, and how often it is there."""
    if len(numbers) and int(numbers.max()) < DENSE:
        counts = np.bincount(numbers)
        found = np.flatnonzero(counts)
        return found, counts[found]
    found, many = np.unique(numbers, return_counts=True)
    return found, many
