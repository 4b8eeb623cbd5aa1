"""Fewest consignments, or fewest sellers: how many take part counts before what they cost.

First a set cover: who are the fewest that together hold the order? Of the covers that the search
finds, those that look cheapest are decided in full, by the optimal strategy on what they have.
Where that leaves units (minimums, groups, capacities), a small problem is settled by programmes,
and of a large one the best plan gives up whom it can do without.

A cover has the fewest when the search came to its end, and costs the least of those looked at.
Others may be cheaper, so what is told as the bound is what the goods alone must cost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from app.routing.check import violations
from app.routing.exact.cover import find_covers
from app.routing.exact.filling import Filling
from app.routing.exact.rows import Rows, survey
from app.routing.problem import Level, Limits, Plan, Problem
from app.routing.strategies.optimal import OptimalStrategy, is_plain
from app.routing.strategies.walking import by_most, floored, walked_plan

Ints = NDArray[np.int64]

LOOKED_AT, MOST_TRIED = 2, 3
# Of an order with more supplies only the cover that looks cheapest is decided in full.
LARGE = 1_000
# Programmes are asked about no more supplies than these: soon enough, and exact.
MOST_CELLS = 30
# What a set of givers is decided with: they are few, and a proof is not asked for.
FILLING_WORK = 2_000
# What an order is decided with in full where covers leave units.
WHOLE_WORK = 8_000
MOST_LEFT_OUT = 4
# With further terms no more supplies than these are handed to the exact methods as a whole.
MOST_FURTHER = 600
_BEST = OptimalStrategy()


class FewestParcelsStrategy:
    """As few consignments as can be, then the cheapest."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:
        """Settle the number of consignments before everything else."""
        level = Level(sources=[1] * len(problem.sources))
        givers = list(range(len(problem.sources)))
        return _Fewest(problem, limits, givers, level, survey(problem)).plan("fewest_parcels")


class FewestSellersStrategy:
    """As few sellers as can be, whatever the number of their consignments; then the cheapest."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:
        """Settle the number of sellers before everything else."""
        level = Level(sellers=[1] * len(problem.sellers))
        givers = [source.seller for source in problem.sources]
        return _Fewest(problem, limits, givers, level, survey(problem)).plan("fewest_sellers")


@dataclass(slots=True)
class _Fewest:
    """A problem to be decided by few givers: whose each source is, and how they are counted."""

    problem: Problem
    limits: Limits
    giver_of: Sequence[int]
    level: Level
    rows: Rows
    fills: bool = False

    def plan(self, name: str) -> Plan:
        """Decide it by few."""
        self.fills = is_plain(self.problem)
        has, wanted = _tables(self.problem, self.rows)
        most = int(wanted.sum())
        plan = self._by_covers(has, wanted) if most and self._may_cover() else None
        if plan is None or plan.units < most:
            plan = self._otherwise(plan)
        return floored(self.problem, plan.allocations, name, self.rows)

    def _may_cover(self) -> bool:
        """Whether covers are worth a look: a large order with counts is walked at once."""
        counts = self.problem.most_sellers, self.problem.most_sources
        return counts == (None, None) or len(self.problem.supplies) <= MOST_FURTHER

    def _by_covers(self, has: Ints, wanted: Ints) -> Plan:
        """The cheapest of the covers that look cheapest, or who serves most of those tried."""
        gives = np.zeros((max(self.giver_of) + 1, len(wanted)), dtype=np.int64)
        np.add.at(gives, self.giver_of, has)
        sets = [self._sources_of(cover) for cover in find_covers(gives, wanted).covers]
        filling = Filling.of(self.problem, has, wanted)
        enough = LOOKED_AT if len(self.problem.supplies) <= LARGE else 1
        plans: list[Plan] = []
        for each in islice(_cheapest(filling, sets), MOST_TRIED):
            plans.append(self._filled(filling, each) or self._decided(each))
            if sum(plan.units == wanted.sum() for plan in plans) == enough:
                break
        return min(plans, key=self._rank)

    def _filled(self, filling: Filling, sources: Sequence[int]) -> Plan | None:
        """The cheapest way to fill every line, where that alone decides what the set costs."""
        if not self.fills or any(self.problem.sources[no].tariff.bands for no in sources):
            return None
        parts = filling.fill(sources)
        if violations(self.problem, parts):
            return None
        return floored(self.problem, parts, "filled", self.rows)

    def _otherwise(self, plan: Plan | None) -> Plan:
        """Where covers leave units: programmes if it is small, else the best plan made smaller."""
        if len(self.problem.supplies) <= MOST_CELLS and not self.fills:
            counted = replace(self.problem, levels=(self.level, *self.problem.levels))
            return _BEST.plan(counted, self.limits)
        best = self._shrunk(self._whole())
        return best if plan is None else min(best, plan, key=self._rank)

    def _whole(self) -> Plan:
        """A plan from all; a walk, where the exact methods for further terms would take long."""
        if not self.fills and len(self.problem.supplies) > MOST_FURTHER:
            return walked_plan(self.problem, by_most, "walk")
        return _BEST.plan(self.problem, Limits(min(self.limits.work, WHOLE_WORK)))

    def _shrunk(self, plan: Plan) -> Plan:
        """Leave givers out, of those who give least, as long as as much is served."""
        if not self.fills and len(self.problem.supplies) > MOST_FURTHER:
            return plan
        for giver in self._least_first(plan)[:MOST_LEFT_OUT]:
            kept = self._givers(plan) - {giver}
            other = self._decided(self._sources_of(sorted(kept))) if kept else plan
            if other.units == plan.units and len(self._givers(other)) < len(self._givers(plan)):
                plan = other
        return plan

    def _least_first(self, plan: Plan) -> list[int]:
        units: dict[int, int] = {}
        for part in plan.allocations:
            giver = self.giver_of[part.source]
            units[giver] = units.get(giver, 0) + part.quantity
        return sorted(units, key=lambda giver: (units[giver], giver))

    def _rank(self, plan: Plan) -> tuple[int, ...]:
        return -plan.units, len(self._givers(plan)), *plan.levels, plan.cost

    def _givers(self, plan: Plan) -> set[int]:
        return {self.giver_of[part.source] for part in plan.allocations}

    def _sources_of(self, givers: Sequence[int]) -> list[int]:
        chosen = set(givers)
        return [no for no, giver in enumerate(self.giver_of) if giver in chosen]

    def _decided(self, sources: Sequence[int]) -> Plan:
        """The best plan from some sources alone."""
        limits = Limits(min(self.limits.work, FILLING_WORK))
        return _BEST.plan(_only(self.problem, set(sources)), limits)


def _tables(problem: Problem, rows: Rows) -> tuple[Ints, Ints]:
    """What can be had by source and line, of sellers that can reach their minimum; and in all."""
    has = np.zeros((len(problem.sources), len(problem.lines)), dtype=np.int64)
    worth = np.zeros(len(problem.sellers), dtype=np.int64)
    owner = np.array([source.seller for source in problem.sources], dtype=np.int64)
    wanted = np.array(rows.most, dtype=np.int64)
    for (line, source), row in rows.by_place.items():
        units = min(row.packs * row.step, rows.most[line])
        whole = problem.lines[line].is_whole and units < rows.most[line]
        has[source, line] = 0 if whole else units
        worth[owner[source]] += units * row.goods_value
    least = np.array([seller.minimum_value for seller in problem.sellers], dtype=np.int64)
    has[(worth < least)[owner]] = 0
    return has, np.minimum(wanted, has.sum(axis=0))


def _cheapest(filling: Filling, sets: Sequence[Sequence[int]]) -> Iterator[Sequence[int]]:
    """The sets, those first that look cheapest."""
    if len(sets) == 1:
        return iter(sets)
    estimates: list[tuple[float, Sequence[int]]] = []
    for size in sorted({len(each) for each in sets}):
        alike = [each for each in sets if len(each) == size]
        estimates += zip(filling.estimate(alike).tolist(), alike, strict=True)
    return (each for _, each in sorted(estimates))


def _only(problem: Problem, sources: set[int]) -> Problem:
    """The same with some sources alone; what levels say of others' supplies goes with them."""
    kept = [no for no, row in enumerate(problem.supplies) if row[1] in sources]
    levels = tuple(
        level._replace(supplies=[level.supplies[no] for no in kept] if level.supplies else ())
        for level in problem.levels
    )
    return replace(problem, supplies=[problem.supplies[no] for no in kept], levels=levels)
