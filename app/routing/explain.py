"""The story of a decision, told from what was kept when it was made; pure.

For every line: who was chosen, who could have delivered but made the whole dearer, and who was
excluded by which rules. Nothing is computed anew, so the story is the same for ever.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.kernel.money import Money
from app.routing.models import RoutingDecision
from app.routing.rules import REASONS


@dataclass(frozen=True, slots=True)
class Chosen:
    """A part of a line and where it comes from."""

    seller_id: uuid.UUID
    location_id: uuid.UUID
    quantity: int
    goods_minor: int
    substitute_id: uuid.UUID | None = None
    ships_on: date | None = None
    is_later: bool = False

    @property
    def later_on(self) -> str | None:
        """The day on which it leaves, of what was not in stock."""
        return str(self.ships_on) if self.is_later else None


@dataclass(frozen=True, slots=True)
class Other:
    """A candidate that was not chosen; no codes means that it would have made the order dearer.

    ``ships_on``: when it would have left; ``is_later``: it was not in stock yet.
    """

    seller_id: uuid.UUID
    location_id: uuid.UUID | None
    available: int
    unit_price_minor: int | None
    per_quantity: int | None
    codes: tuple[str, ...]
    ships_on: date | None = None
    is_later: bool = False

    @property
    def later_on(self) -> str | None:
        """The day on which it would have left, of what was not in stock."""
        return str(self.ships_on) if self.is_later else None


@dataclass(frozen=True, slots=True)
class LineStory:
    """A wanted line, what was chosen, and who else was considered."""

    position: int
    variant_id: uuid.UUID
    quantity: int
    chosen: list[Chosen] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)

    @property
    def served(self) -> int:
        """Units that the plan delivers."""
        return sum(part.quantity for part in self.chosen)


@dataclass(frozen=True, slots=True)
class Story:
    """One decision, as it can be told."""

    decision: RoutingDecision
    lines: list[LineStory]
    funnel: Mapping[str, int]

    @property
    def decided_at(self) -> datetime:
        """The instant of the decision."""
        return self.decision.decided_at

    @property
    def ship_by(self) -> date | None:
        """The day by which the buyer wanted all of it to leave, if any."""
        day = self.decision.plan.get("ship_by")
        return date.fromisoformat(day) if day else None

    def parties(self) -> set[uuid.UUID]:
        """Every organization and location that the story names."""
        found: set[uuid.UUID] = set()
        for line in self.lines:
            found |= {place for part in line.chosen for place in (part.seller_id, part.location_id)}
            found |= {other.seller_id for other in line.others}
            found |= {other.location_id for other in line.others if other.location_id}
        return found


def story_of(decision: RoutingDecision) -> Story:
    """Read a kept decision back into a story."""
    plan, kept = decision.plan, decision.candidates
    lines = [
        LineStory(position, uuid.UUID(line["variant_id"]), line["quantity"])
        for position, line in enumerate(plan["lines"])
    ]
    taken = set()
    for item in plan["assignments"]:
        seller, location = uuid.UUID(item["seller_id"]), uuid.UUID(item["location_id"])
        sent = uuid.UUID(item["variant_id"]) if "variant_id" in item else None
        day = date.fromisoformat(item["ships_on"]) if "ships_on" in item else None
        part = Chosen(
            seller,
            location,
            item["quantity"],
            item["goods_minor"],
            sent,
            day,
            item.get("is_later", False),
        )
        taken.add((item["line"], location, part.later_on))
        lines[item["line"]].chosen.append(part)
    funnel: Counter[str] = Counter(candidates=0)
    for row in kept["offers"]:
        for other in _others(row, kept):
            funnel.update(("candidates", *(other.codes or ("eligible",))))
            if (row[0], other.location_id, other.later_on) not in taken:
                lines[row[0]].others.append(other)
    return Story(decision, lines, dict(funnel))


def _others(row: list[Any], kept: Mapping[str, Any]) -> Iterator[Other]:
    """The candidates of a kept offer, one a place."""
    _line, seller, price, per, lead_time, links, places = row
    # A price inside a longer resale chain is known to its two parties alone.
    shows_price = links <= 1
    for location, available, rules in places:
        yield Other(
            uuid.UUID(kept["sellers"][seller]),
            None if location is None else uuid.UUID(kept["locations"][location]),
            available,
            price if shows_price else None,
            per if shows_price else None,
            tuple(kept["rules"][rules]),
            *_leaves(kept, location, lead_time),
        )


def _leaves(
    kept: Mapping[str, Any], location: int | None, lead_time: int
) -> tuple[date | None, bool]:
    """When a candidate's goods would have left, and whether they were still to come."""
    if location is None:
        return None, False
    later = kept.get("later", {}).get(str(location))
    if later is not None:
        return date.fromisoformat(later), True
    number = kept["leaves"][location] if "leaves" in kept else None
    days = [] if number is None else kept["calendars"][number]
    at = lead_time + 1
    return (date.fromisoformat(days[at]) if at < len(days) else None), False


def sentences(story: Story, *, currency: str, names: Mapping[uuid.UUID, str]) -> list[str]:
    """The decision in plain words, one sentence a fact."""
    made = story.decision
    served = (
        f"{made.units_served} of {made.units_requested} units are served by "
        f"{_count(len(made.plan['consignments']), 'consignment')} for "
        f"{Money(made.goods_minor, currency)} of goods and "
        f"{Money(made.freight_minor, currency)} of freight."
    )
    considered = (
        f"{_count(story.funnel['candidates'], 'candidate')} were considered; "
        f"{story.funnel.get('eligible', 0)} broke no rule."
    )
    lines = [_of_line(line, names) for line in story.lines]
    return [served, considered, _proof(made, currency), *lines]


def _proof(made: RoutingDecision, currency: str) -> str:
    took = f"{made.duration_us / 1000:.1f} ms"
    if made.proof == "optimal":
        return f"No plan that serves as much costs less: proved by {made.method} in {took}."
    gap = (made.objective_minor - made.bound_minor) * 100 / max(made.objective_minor, 1)
    return (
        f"No plan that serves as much costs less than {Money(made.bound_minor, currency)}, so this "
        f"one is within {gap:.2f} % of the best ({made.method}, {took})."
    )


def _of_line(line: LineStory, names: Mapping[uuid.UUID, str]) -> str:
    if not line.chosen:
        why = Counter(code for other in line.others for code in other.codes)
        reasons = "; ".join(f"{REASONS[code]} ({n})" for code, n in why.most_common(3))
        return f"Line {line.position + 1}: nobody can serve it: {reasons or 'nobody offers it'}."
    parts = ", ".join(
        f"{part.quantity} from {names.get(part.seller_id, '?')}"
        f" ({names.get(part.location_id, '?')}){_when(part)}"
        f"{', as a substitute' if part.substitute_id else ''}"
        for part in line.chosen
    )
    dearer = sum(1 for other in line.others if not other.codes)
    excluded = sum(1 for other in line.others if other.codes)
    return (
        f"Line {line.position + 1}: {parts}; {_count(dearer, 'other location')} would have made "
        f"the order dearer, {excluded} were excluded by a rule."
    )


def _when(part: Chosen) -> str:
    if part.ships_on is None:
        return ""
    return f", {'to come, ' * part.is_later}leaving on {part.ships_on:%d %b}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
