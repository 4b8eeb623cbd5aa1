"""Plans made by walking sellers one after the other: lawful, quick, and seldom the cheapest.

Whoever walks says who is next; the walk takes from a seller all that it can, keeps every term of
the problem, and passes over a seller whose goods would stay below its minimum. Groups that fall
short at the end are left out, and the walk begins anew without them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from app.routing.exact.rows import Bundle, Row, Rows, survey
from app.routing.problem import Allocation, Problem

# From a walk and the sellers not yet asked, what the next one gives; None ends the walk.
Choice = Callable[["Walk", Sequence[int]], tuple[int, list[Allocation]] | None]


def walk(problem: Problem, choose: Choice, rows: Rows | None = None) -> list[Allocation]:
    """Walk to the end, as often as groups fall short."""
    rows = rows or survey(problem)
    shut: set[int] = set()
    while True:
        walked = Walk.begin(problem, rows, shut)
        walked.go(choose)
        short = walked.short_lines()
        if not short:
            return walked.taken
        shut |= short


@dataclass(slots=True)
class _Room:
    """What a seller may still give while it is asked."""

    left: list[int]
    places: int
    capacity: int | None


@dataclass(slots=True)
class Walk:
    """A walk under way: what is taken, what is left, and who was asked."""

    problem: Problem
    rows: Rows
    rows_of: dict[int, list[Row]]
    bundles_of: dict[int, list[Bundle]]
    sources_of: dict[int, list[int]]
    left: list[int]
    taken: list[Allocation] = field(default_factory=list)
    used_sources: int = 0
    used_sellers: int = 0

    @classmethod
    def begin(cls, problem: Problem, rows: Rows, shut: set[int]) -> "Walk":
        """Stand at the start, with some lines left out."""
        left = [0 if no in shut else most for no, most in enumerate(rows.most)]
        rows_of: dict[int, list[Row]] = defaultdict(list)
        bundles_of: dict[int, list[Bundle]] = defaultdict(list)
        for row in rows.rows:
            rows_of[row.source].append(row)
        for bundle in rows.bundles:
            for source in bundle.sources:
                bundles_of[source].append(bundle)
        sources_of: dict[int, list[int]] = defaultdict(list)
        for source in sorted(rows_of.keys() | bundles_of.keys()):
            sources_of[problem.sources[source].seller].append(source)
        return cls(problem, rows, rows_of, bundles_of, sources_of, left)

    def go(self, choose: Choice) -> None:
        """Ask sellers until none is chosen."""
        waiting = sorted(self.sources_of)
        while waiting and any(self.left):
            chosen = choose(self, waiting)
            if chosen is None:
                return
            seller, parts = chosen
            waiting.remove(seller)
            self._take(parts)

    def offer(self, seller: int) -> list[Allocation]:
        """What a seller would give now; nothing when that were against the problem's terms."""
        limits = self.problem
        if limits.most_sellers is not None and self.used_sellers >= limits.most_sellers:
            return []
        places = len(limits.sources) if limits.most_sources is None else limits.most_sources
        room = _Room(list(self.left), places - self.used_sources, limits.sellers[seller].capacity)
        parts: list[Allocation] = []
        for source in self._most_first(seller):
            parts += self._given(source, room)
        worth = sum(
            self.rows.by_place[line, source].goods_value * quantity
            for line, source, quantity in parts
        )
        return parts if worth >= limits.sellers[seller].minimum_value else []

    def cost(self, parts: Sequence[Allocation]) -> int:
        """The goods' cost."""
        return sum(
            self.rows.by_place[line, source].unit_cost * quantity
            for line, source, quantity in parts
        )

    def short_lines(self) -> set[int]:
        """Lines of groups that are served in part."""
        served: dict[int, int] = defaultdict(int)
        for line, _, quantity in self.taken:
            served[line] += quantity
        short: set[int] = set()
        for group in self.rows.complete:
            in_full = all(served[line] == self.problem.lines[line].quantity for line in group)
            if not in_full and any(served[line] for line in group):
                short |= set(group)
        return short

    def _most_first(self, seller: int) -> list[int]:
        """A seller's locations, those that can give most first."""
        own = self.sources_of[seller]
        if len(own) == 1:
            return own
        gives = {
            source: sum(
                part.quantity for part in self._given(source, _Room(list(self.left), 1, None))
            )
            for source in own
        }
        return sorted(own, key=lambda source: (-gives[source], source))

    def _given(self, source: int, room: _Room) -> list[Allocation]:
        """What a source gives, taken off the room."""
        if room.places <= 0:
            return []
        capacity = self.problem.sources[source].capacity
        if room.capacity is not None:
            capacity = room.capacity if capacity is None else min(capacity, room.capacity)
        inner = replace(room, capacity=capacity)
        parts = [*self._bundled(source, inner), *self._loose(source, inner)]
        if parts:
            room.places -= 1
            if room.capacity is not None and inner.capacity is not None and capacity is not None:
                room.capacity -= capacity - inner.capacity
        return parts

    def _bundled(self, source: int, room: _Room) -> Iterator[Allocation]:
        """Bundles that fit."""
        for bundle in self.bundles_of.get(source, ()):
            wanted = [(line, self.problem.lines[line]) for line in bundle.lines]
            size = sum(line.quantity * line.size for _, line in wanted)
            # A line that is left out (its other group fell short) leaves out all that ship with it.
            is_wanted = all(room.left[number] for number in bundle.lines)
            if not is_wanted or (room.capacity is not None and size > room.capacity):
                continue
            if room.capacity is not None:
                room.capacity -= size
            for number, line in wanted:
                room.left[number] = 0
                yield Allocation(number, source, line.quantity)

    def _loose(self, source: int, room: _Room) -> Iterator[Allocation]:
        """Lines by themselves, cheapest first where the capacity is short."""
        rows = self.rows_of.get(source, [])
        if room.capacity is not None:
            rows = sorted(rows, key=lambda row: (row.unit_cost, row.line))
        for row in rows:
            line = self.problem.lines[row.line]
            units = min(room.left[row.line], row.packs * row.step)
            if room.capacity is not None and line.size:
                units = min(units, room.capacity // line.size)
            units -= units % row.step
            if units <= 0 or (line.is_whole and units < self._whole(row.line)):
                continue
            room.left[row.line] = 0 if line.is_whole else room.left[row.line] - units
            if room.capacity is not None:
                room.capacity -= units * line.size
            yield Allocation(row.line, source, units)

    def _whole(self, line: int) -> int:
        """What a whole line is served at least, so that no better source is lost."""
        return self.rows.most[line]

    def _take(self, parts: Sequence[Allocation]) -> None:
        for line, _, quantity in parts:
            whole = self.problem.lines[line].is_whole
            self.left[line] = 0 if whole else self.left[line] - quantity
        self.used_sources += len({part.source for part in parts})
        self.used_sellers += 1 if parts else 0
        self.taken += parts
