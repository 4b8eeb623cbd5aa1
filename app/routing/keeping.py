"""A routing problem as a document, and back: what is kept so that a decision can be made anew.

Laws: `problem_of` gives back the very problem, so the same strategy with the same work comes to the
same plan, on any machine, for ever; rows are lists in the order of the problem's own fields, and a
field that is added later has its default in older documents; tariffs are written once each. What
there are hundreds of (supplies, places) is one flat list: a placement writes them while a buyer
waits.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from app.routing.freight import Tariff
from app.routing.problem import Level, Limits, Line, Problem, Seller, Source, Supply

Place = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True, slots=True)
class Kept:
    """A problem that was decided: who its sources are, and how hard it was tried.

    `places` are the (seller, location) of each source, `sellers` the organization of each seller.
    """

    problem: Problem
    places: Sequence[Place]
    limits: Limits

    @property
    def sellers(self) -> Mapping[uuid.UUID, int]:
        """Each organization's position among the problem's sellers."""
        rows = zip(self.places, self.problem.sources, strict=True)
        return {seller: source.seller for (seller, _), source in rows}

    @property
    def sources(self) -> Mapping[uuid.UUID, int]:
        """Each location's position among the problem's sources."""
        return {location: number for number, (_, location) in enumerate(self.places)}


def document_of(problem: Problem, *, places: Sequence[Place], limits: Limits) -> dict[str, Any]:
    """Write a problem down."""
    tariffs: dict[Tariff, int] = {}
    document = {
        "lines": list(map(list, problem.lines)),
        "sellers": list(map(list, problem.sellers)),
        "sources": [
            [row[0], tariffs.setdefault(row[1], len(tariffs)), *row[2:]] for row in problem.sources
        ],
        "supplies": list(chain.from_iterable(problem.supplies)),
        "width": len(problem.supplies[0]) if problem.supplies else 1,
        "places": list(chain.from_iterable(places)),
        "work": limits.work,
        "levels": [_level_document(level, tariffs) for level in problem.levels],
        "must_serve_all": problem.must_serve_all,
        "most_sellers": problem.most_sellers,
        "most_sources": problem.most_sources,
        "together": list(map(list, problem.together)),
        "complete": list(map(list, problem.complete)),
    }
    return document | {"tariffs": [list(map(list, tariff.bands)) for tariff in tariffs]}


def problem_of(document: Mapping[str, Any]) -> Kept:
    """Read it back."""
    tariffs = [Tariff(tuple((up_to, price) for up_to, price in t)) for t in document["tariffs"]]
    problem = Problem(
        [Line(*row) for row in document["lines"]],
        [Seller(*row) for row in document["sellers"]],
        [Source(row[0], tariffs[row[1]], *row[2:]) for row in document["sources"]],
        [Supply(*row) for row in batched(document["supplies"], document["width"])],
        must_serve_all=document["must_serve_all"],
        levels=tuple(_level(row, tariffs) for row in document["levels"]),
        most_sellers=document["most_sellers"],
        most_sources=document["most_sources"],
        together=tuple(map(tuple, document["together"])),
        complete=tuple(map(tuple, document["complete"])),
    )
    named = batched(document["places"], 2)
    places = [(uuid.UUID(seller), uuid.UUID(location)) for seller, location in named]
    return Kept(problem, places, Limits(document["work"]))


def batched(flat: Sequence[Any], width: int) -> Iterator[Sequence[Any]]:
    """The rows of a flat list."""
    return (flat[start : start + width] for start in range(0, len(flat), width))


def _level_document(level: Level, tariffs: dict[Tariff, int]) -> list[list[int]]:
    numbered = [tariffs.setdefault(tariff, len(tariffs)) for tariff in level.tariffs]
    return [list(level.supplies), list(level.sources), list(level.sellers), numbered]


def _level(row: Sequence[Sequence[int]], tariffs: Sequence[Tariff]) -> Level:
    return Level(row[0], row[1], row[2], [tariffs[number] for number in row[3]])
