"""A routing problem as a document, and back: what is kept so that a decision can be made anew.

Laws: `problem_of` gives back the very problem, so the same strategy with the same work comes to the
same plan, on any machine, for ever; rows are lists in the order of the problem's own fields, and a
field that is added later has its default in older documents; tariffs are written once each. What
there are hundreds of (supplies, places) is one flat list: a placement writes them while a buyer
waits.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from types import MappingProxyType
from typing import Any

from app.routing.freight import Tariff
from app.routing.problem import Level, Limits, Line, Problem, Seller, Source, Supply

Place = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True, slots=True)
class Kept:
    """A problem that was decided: who its sources are, and how hard it was tried.

    `places` are the (seller, location) of each source, `sellers` the organization of each seller.
    `lacking` is the problem of those who lack nothing but stock. `later` are the days of sources
    whose goods are still to come, `later_lines` the lines that stand for what of a line is to come.
    """

    problem: Problem
    places: Sequence[Place]
    limits: Limits
    lacking: "Kept | None" = None
    later: Mapping[int, str] = field(default_factory=dict)
    later_lines: Mapping[int, int] = field(default_factory=dict)

    @property
    def sellers(self) -> Mapping[uuid.UUID, int]:
        """Each organization's position among the problem's sellers."""
        rows = zip(self.places, self.problem.sources, strict=True)
        return {seller: source.seller for (seller, _), source in rows}

    @property
    def sources(self) -> Mapping[uuid.UUID, int]:
        """Each location's position among the problem's sources, of what it has in stock."""
        return {
            location: number
            for number, (_, location) in enumerate(self.places)
            if number not in self.later
        }

    def row_of(self, line: int, location: uuid.UUID, later_on: str | None) -> tuple[int, int]:
        """The problem's line and source of what a location sends of a line."""
        if later_on is None:
            return line, self.sources[location]
        source = next(
            number for number, day in self.later.items()
            if day == later_on and self.places[number][1] == location
            and (self.later_lines.get(line, line), number) in self._supplied
        )  # fmt: skip
        return self.later_lines.get(line, line), source

    @property
    def _supplied(self) -> set[tuple[int, int]]:
        return {(row[0], row[1]) for row in self.problem.supplies}


def extended(kept: Kept) -> tuple[Kept, list[Supply]]:
    """The problem with the sellers and places that lack stock; and what they would supply."""
    lacking, problem = kept.lacking, kept.problem
    if lacking is None or problem.levels:
        return kept, []
    sellers, sources, places = list(problem.sellers), list(problem.sources), list(kept.places)
    seller_no, source_no = dict(kept.sellers), dict(kept.sources)
    for (seller, location), source in zip(lacking.places, lacking.problem.sources, strict=True):
        if seller not in seller_no:
            seller_no[seller] = len(sellers)
            sellers.append(lacking.problem.sellers[source.seller])
        if location not in source_no:
            source_no[location] = len(sources)
            sources.append(source._replace(seller=seller_no[seller]))
            places.append((seller, location))
    rows = [
        Supply(*row)._replace(source=source_no[lacking.places[row[1]][1]])
        for row in lacking.problem.supplies
    ]
    lines = list(problem.lines)
    for number, other in enumerate(lacking.problem.lines):
        weight = max(lines[number].unit_weight_g, other.unit_weight_g)
        lines[number] = lines[number]._replace(unit_weight_g=weight)
    made = replace(problem, lines=lines, sellers=sellers, sources=sources)
    return replace(kept, problem=made, places=places, lacking=None), rows


def document_of(
    problem: Problem,
    *,
    places: Sequence[Place],
    limits: Limits,
    later: Mapping[int, date] = MappingProxyType({}),
    later_lines: Mapping[int, int] = MappingProxyType({}),
) -> dict[str, Any]:
    """Write a problem down; nothing of what is to come where nothing is."""
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
    if later:
        document["later"] = [[source, str(day)] for source, day in later.items()]
        document["later_lines"] = list(map(list, later_lines.items()))
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
    lacking = document.get("lacking")
    return Kept(
        problem,
        places,
        Limits(document["work"]),
        problem_of(lacking) if lacking else None,
        dict(document.get("later", ())),
        dict(document.get("later_lines", ())),
    )


def batched(flat: Sequence[Any], width: int) -> Iterator[Sequence[Any]]:
    """The rows of a flat list."""
    return (flat[start : start + width] for start in range(0, len(flat), width))


def _level_document(level: Level, tariffs: dict[Tariff, int]) -> list[list[int]]:
    numbered = [tariffs.setdefault(tariff, len(tariffs)) for tariff in level.tariffs]
    return [list(level.supplies), list(level.sources), list(level.sellers), numbered]


def _level(row: Sequence[Sequence[int]], tariffs: Sequence[Tariff]) -> Level:
    return Level(row[0], row[1], row[2], [tariffs[number] for number in row[3]])
