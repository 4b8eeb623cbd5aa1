"""What is to be said of a seller and a line, as codes and numbers; pure.

`Said` is a template's name with its values; words are found later, in any language.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from app.kernel.money import UnitPrice, divide_half_up
from app.routing.explain import LineStory, Other, Story
from app.routing.keeping import Kept
from app.routing.problem import COST_SCALE, Allocation
from app.routing.why import forcing
from app.routing.why.resolving import Changes, Costs, Resolver


@dataclass(frozen=True, slots=True)
class Rule:
    """A broken rule, where, and what was measured and required; none where nothing measures."""

    code: str
    location_ids: tuple[uuid.UUID, ...] = ()
    measured: Mapping[str, Any] = field(default_factory=dict)
    required: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a plan compares with the chosen one, in minor units; parts sum to the whole."""

    units: int
    total_minor: int
    goods_minor: int
    freight_minor: int
    terms_minor: int
    levels: tuple[int, ...] = ()

    @classmethod
    def of(cls, costs: Costs) -> "Difference":
        """Round each part once; what the policy adds takes up the rest."""
        total, goods, freight = (
            divide_half_up(amount, COST_SCALE)
            for amount in (costs.total, costs.goods, costs.freight)
        )
        return cls(costs.units, total, goods, freight, total - goods - freight, costs.levels)


@dataclass(frozen=True, slots=True)
class Change:
    """What would make a seller win: a price, its freight, a stock. Amounts are minor units."""

    kind: str
    by: int
    was: int = 0
    becomes: int = 0
    per_quantity: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """A seller and a line: `code` is chosen, eligible, excluded or not_offered.

    An eligible seller has a difference when a lawful plan takes the line from it.
    """

    seller_id: uuid.UUID
    code: str
    quantity: int = 0
    location_ids: tuple[uuid.UUID, ...] = ()
    available: int = 0
    units: int = 0
    rules: Sequence[Rule] = ()
    difference: Difference | None = None
    is_resolved: bool = False
    changes: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class Alternative:
    """The best plan with something changed: `without` a seller, from a `single` one, `fewer`."""

    kind: str
    seller_id: uuid.UUID | None
    difference: Difference | None
    sellers: tuple[uuid.UUID, ...] = ()


@dataclass(frozen=True)
class Deliberation:
    """A decision's story beside its problem, to be asked about sellers and lines."""

    story: Story
    resolver: Resolver | None

    @cached_property
    def sellers(self) -> list[uuid.UUID]:
        """Who was considered: the chosen first, then who could do most lines."""
        eligible: dict[uuid.UUID, tuple[int, int]] = {}
        for line in self.story.lines:
            for seller, verdict in _by_seller(line).items():
                chosen, able = eligible.get(seller, (0, 0))
                eligible[seller] = (
                    chosen + (verdict.code == "chosen"), able + (verdict.code != "excluded")
                )  # fmt: skip
        return sorted(eligible, key=lambda seller: (*(-n for n in eligible[seller]), seller))

    def at_first_sight(self, line: int) -> Mapping[uuid.UUID, Verdict]:
        """Each considered seller's verdict of a line, without deciding anything anew."""
        return _by_seller(self.story.lines[line])

    def verdict(self, line: int, seller_id: uuid.UUID) -> Verdict:
        """A seller's verdict of a line; of one that was not chosen, with what it would cost."""
        seen = self.at_first_sight(line).get(seller_id) or Verdict(seller_id, "not_offered")
        number = self._number(seller_id)
        if seen.code == "excluded" and {rule.code for rule in seen.rules} == {"no_stock"}:
            return self._without_stock(line, seen)
        if seen.code != "eligible" or self.resolver is None or number is None:
            return seen
        asked = self._line_of(line, number)
        found = self.resolver.with_line(asked, number)
        return Verdict(
            seller_id,
            "eligible",
            available=seen.available,
            location_ids=seen.location_ids,
            units=found.units if found else 0,
            rules=seen.rules,
            difference=Difference.of(found.outcome.difference) if found else None,
            is_resolved=True,
            changes=self._changes(line, asked, seller_id, number, seen.available),
        )

    def _line_of(self, line: int, seller: int) -> int:
        """The problem's line: what is to come of one is another, asked of who has nothing else."""
        assert self.resolver is not None
        rest = self.resolver.kept.later_lines.get(line)
        has = {
            row.line
            for row in forcing.rows_of(self.resolver.kept.problem)
            if forcing.seller_of(self.resolver.kept.problem, row) == seller
        }
        return rest if rest in has and line not in has and rest is not None else line

    def _without_stock(self, line: int, seen: Verdict) -> Verdict:
        """Of who lacks nothing but stock: how much of it would have won the line."""
        if self.resolver is None:
            return seen
        units = self.resolver.stock_from_nothing(line, seen.seller_id)
        changes = [] if units is None else [Change("stock", units, 0, units)]
        return replace(seen, is_resolved=True, changes=changes)

    def alternatives(self) -> list[Alternative]:
        """The next best plans of the whole order."""
        resolver = self.resolver
        if resolver is None or not resolver.chosen:
            return []
        names = {number: seller for seller, number in resolver.kept.sellers.items()}
        used = sorted(
            {resolver.kept.problem.sources[part.source].seller for part in resolver.chosen}
        )
        found = [("without", seller, resolver.without(seller)) for seller in used]
        single, fewer = resolver.single(), resolver.one_fewer()
        if single and len(used) > 1:
            found.append(("single", *single))
        told = [
            Alternative(kind, names[seller], *_told(outcome, resolver, names))
            for kind, seller, outcome in found
        ]
        if fewer and len(used) > 2:  # noqa: PLR2004 - of two, one fewer is the single one
            told.append(Alternative("fewer", None, *_told(fewer, resolver, names)))
        return told

    def _number(self, seller_id: uuid.UUID) -> int | None:
        return None if self.resolver is None else self.resolver.kept.sellers.get(seller_id)

    def _changes(
        self, line: int, asked: int, seller_id: uuid.UUID, number: int, available: int
    ) -> list[Change]:
        assert self.resolver is not None
        found = self.resolver.changes(asked, number)
        price = next(
            (o for o in self.story.lines[line].others if o.seller_id == seller_id and not o.codes),
            None,
        )
        return [*_price_change(found, price), *_other_changes(found, available)]


def chosen_allocations(story: Story, kept: Kept) -> list[Allocation]:
    """A story's plan in terms of its problem."""
    return [
        Allocation(*kept.row_of(line.position, part.location_id, part.later_on), part.quantity)
        for line in story.lines
        for part in line.chosen
    ]


def _by_seller(line: LineStory) -> dict[uuid.UUID, Verdict]:
    others: dict[uuid.UUID, list[Other]] = {}
    for other in line.others:
        others.setdefault(other.seller_id, []).append(other)
    found = {seller: _unchosen(seller, rows) for seller, rows in others.items()}
    for part in line.chosen:
        before = found.get(part.seller_id)
        quantity, places = (
            (before.quantity, before.location_ids)
            if before and before.code == "chosen"
            else (0, ())
        )
        found[part.seller_id] = Verdict(
            part.seller_id,
            "chosen",
            quantity=quantity + part.quantity,
            location_ids=(*places, part.location_id),
        )
    return found


def _unchosen(seller_id: uuid.UUID, rows: Sequence[Other]) -> Verdict:
    able = [row for row in rows if not row.codes]
    meant = able or rows
    return Verdict(
        seller_id,
        "eligible" if able else "excluded",
        location_ids=tuple(row.location_id for row in meant if row.location_id),
        available=sum(row.available for row in meant),
        rules=() if able else _rules(rows),
    )


def _rules(rows: Iterable[Other]) -> list[Rule]:
    places: dict[str, list[uuid.UUID]] = {}
    for row in rows:
        for code in row.codes:
            places.setdefault(code, []).extend([row.location_id] if row.location_id else [])
    return [Rule(code, tuple(where)) for code, where in places.items()]


def _told(
    outcome: Any,  # noqa: ANN401 - an outcome
    resolver: Resolver,
    names: Mapping[int, uuid.UUID],
) -> tuple[Difference | None, tuple[uuid.UUID, ...]]:
    used = {resolver.kept.problem.sources[part.source].seller for part in outcome.allocations}
    if not used:
        return None, ()
    return Difference.of(outcome.difference), tuple(names[seller] for seller in sorted(used))


def _price_change(found: Changes, price: Other | None) -> list[Change]:
    """As much lower as is needed, in whole minor units of the price that the seller sets."""
    if found.price is None or price is None or price.unit_price_minor is None:
        return []
    per = price.per_quantity or 1
    by = -(-found.price * per // COST_SCALE)
    was = price.unit_price_minor
    return [Change("price", by, was, was - by, per)] if 0 < by <= was else []


def _other_changes(found: Changes, available: int) -> list[Change]:
    changes = []
    if found.freight is not None:
        changes.append(Change("freight", -(-found.freight // COST_SCALE)))
    if found.stock is not None:
        changes.append(Change("stock", found.stock - available, available, found.stock))
    return changes


def goods_value(rows: Iterable[tuple[Other, int]]) -> int:
    """What a seller could deliver of several lines comes to, at its own prices."""
    return sum(
        UnitPrice(row.unit_price_minor, row.per_quantity or 1).extend(min(row.available, quantity))
        for row, quantity in rows
        if row.unit_price_minor is not None
    )
