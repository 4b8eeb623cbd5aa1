"""Effective prices over whole columns: of each row the least that an entitled seller asks.

Laws: as :func:`app.pricing.rules.choose` decides where lists have volume breaks and formulas have
neither conditions nor margins, which tests hold against the grid of pricing and against the rule;
whatever 64 bits do not hold raises :class:`app.discovery.queries.columns.TooLarge`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.discovery.queries.columns import (
    DENSE,
    UNPRICED,
    Entries,
    Flags,
    Ints,
    Sample,
    TooLarge,
    places_in,
)
from app.kernel.money import BASIS_POINTS
from app.pricing.rules import Formula

_SAFE = 2**61


@dataclass(frozen=True, slots=True)
class Place:
    """A list that may price what its owner sells: its position among the owner's.

    ``rungs`` are the numbers of the lists whose entries it asks, the nearest first, each with the
    formulas that make its price of theirs.
    """

    price_list_id: str
    owner_number: int | None  # None: the storefront's owner
    position: int
    is_lowest: bool
    rungs: tuple[tuple[int, tuple[Formula, ...]], ...]


def effective_units(sample: Sample, places: Sequence[Place]) -> Ints:
    """What each row costs at least: the least that an entitled seller asks.

    Raises:
        TooLarge: a price is.
    """
    units = np.full(len(sample), UNPRICED, dtype=np.int64)
    if not len(sample.ask_rows) or not len(sample.entry_rows) or not places:
        return units
    known = _Rungs.of(sample, places)
    which, rungs = _matched(known, sample.entries.lists)
    entries = sample.entries.of(which)
    entries = entries.at(_derived(known, rungs, entries))
    width = len(sample.sellers) + 1
    found = _Found(
        entries.since,
        entries.units(),
        sample.entry_rows[which] * width + known.owners[rungs],
        known.positions[rungs],
        known.depths[rungs],
        known.are_lowest[rungs],
    )
    asked = sample.ask_rows * width + sample.ask_owners
    prices = found.asked(asked, sample.ask_least, len(sample) * width)
    starts = np.flatnonzero(np.diff(sample.ask_rows, prepend=-1))
    units[sample.ask_rows[starts]] = np.minimum.reduceat(prices, starts)
    return units


@dataclass(frozen=True, slots=True)
class _Rungs:
    """Every list that a place may ask, by its number ascending; a list may serve several."""

    numbers: Ints
    owners: Ints
    positions: Ints
    depths: Ints
    are_lowest: Flags
    formulas: Sequence[tuple[Formula, ...]]

    @classmethod
    def of(cls, sample: Sample, places: Sequence[Place]) -> "_Rungs":
        owners: Mapping[int | None, int] = {None: len(sample.sellers)} | {
            number: place for place, number in enumerate(sample.sellers.tolist())
        }
        best: dict[str, Place] = {}
        for each in sorted(places, key=lambda one: one.position):
            best.setdefault(each.price_list_id, each)
        rows = sorted(
            (
                (number, owners[each.owner_number], each.position, depth, each.is_lowest, formulas)
                for each in best.values()
                if each.owner_number in owners
                for depth, (number, formulas) in enumerate(each.rungs)
            ),
            key=lambda row: row[:4],
        )
        whole = np.array([row[:5] for row in rows], dtype=np.int64).reshape(-1, 5)
        numbers, owners_of, positions, depths, lowest = whole.T
        return cls(numbers, owners_of, positions, depths, lowest != 0, [row[5] for row in rows])


def _matched(known: _Rungs, lists: Ints) -> tuple[Ints, Ints]:
    """Each entry with each rung that its list is."""
    numbers = np.unique(known.numbers)
    if len(numbers) == len(known.numbers):
        rungs = places_in(numbers, lists)
        which = np.flatnonzero(rungs < len(numbers))
        return which, rungs[which]
    first = np.searchsorted(known.numbers, lists, "left")
    many = np.searchsorted(known.numbers, lists, "right") - first
    return _spread(first, many)


def _spread(first: Ints, many: Ints) -> tuple[Ints, Ints]:
    """For each that has so many from a first one on: itself, and each of these."""
    which = np.repeat(np.arange(len(first)), many)
    step = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
    return which, np.repeat(first, many) + step


def _derived(known: _Rungs, rungs: Ints, entries: Entries) -> Ints:
    """The amounts after the formulas on the way up."""
    if not any(known.formulas):
        return entries.amounts
    amounts = entries.amounts.copy()
    for number, formulas in enumerate(known.formulas):
        if formulas:
            mine = np.flatnonzero(rungs == number)
            for formula in formulas:
                amounts[mine] = derive_all(formula, amounts[mine], entries.per[mine])
    return amounts


def derive_all(formula: Formula, amounts: Ints, per: Ints) -> Ints:
    """What a formula without margin makes of each price, as :func:`app.pricing.rules.derive` does.

    Raises:
        TooLarge: a number on the way is.
    """
    step, ending = formula.round_to_minor, formula.round_ending_minor
    most = int(amounts.max(initial=0)) * formula.factor_bps
    added = abs(formula.add_minor) * int(per.max(initial=0)) * BASIS_POINTS
    if most + added + (step + ending) * BASIS_POINTS >= _SAFE:
        raise TooLarge
    exact = amounts * formula.factor_bps + formula.add_minor * per * BASIS_POINTS
    offset, width = exact - ending * BASIS_POINTS, step * BASIS_POINTS
    if formula.rounding == "up":
        steps = -(-offset // width)
    elif formula.rounding == "down":
        steps = offset // width
    else:
        size = np.abs(offset)
        steps = np.sign(offset) * (size // width + (2 * (size % width) >= width))
    made: Ints = np.maximum(ending + step * steps, 0)
    return made


@dataclass(frozen=True, slots=True)
class _Found:
    """Prices found for cells (a row and an owner), and where they stand among the owner's."""

    since: Ints
    units: Ints
    cells: Ints
    positions: Ints
    depths: Ints
    are_lowest: Flags

    def asked(self, asked: Ints, least: Ints, size: int) -> Ints:
        """What each ask of a cell costs, of which so many units are bought."""
        if size <= DENSE:
            table = np.full(size, -1, dtype=np.int64)
            table[self.cells] = np.arange(len(self.cells))
            if np.count_nonzero(table >= 0) == len(self.cells):
                found = table[asked]
                fits = (found >= 0) & (np.append(self.since, 0)[found] <= least)
                return np.where(fits, np.append(self.units, 0)[found], UNPRICED)
        return self._chosen(asked, least)

    def _chosen(self, asked: Ints, least: Ints) -> Ints:
        """The same where a cell has several: the first place's nearest rung, or the lowest."""
        prices = np.full(len(asked), UNPRICED, dtype=np.int64)
        order = np.argsort(self.cells, kind="stable")
        first = np.searchsorted(self.cells, asked, "left", sorter=order)
        many = np.searchsorted(self.cells, asked, "right", sorter=order) - first
        ask, place = _spread(first, many)
        entry = order[place]
        reached = self.since[entry] <= least[ask]
        ask, entry = ask[reached], entry[reached]
        if not len(ask):
            return prices
        # of each place the nearest rung's greatest break; of who takes the first place, only that
        best = np.lexsort((-self.since[entry], self.depths[entry], self.positions[entry], ask))
        ask, entry = ask[best], entry[best]
        group = np.where(self.are_lowest[entry], self.positions[entry], 0)
        leads = np.ones(len(ask), dtype=np.bool_)
        leads[1:] = (ask[1:] != ask[:-1]) | (group[1:] != group[:-1])
        ask, found = ask[leads], self.units[entry[leads]]
        starts = np.flatnonzero(np.diff(ask, prepend=-1))
        prices[ask[starts]] = np.minimum.reduceat(found, starts)
        return prices
