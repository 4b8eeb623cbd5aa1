"""From sound candidates to a problem in integers.

The problem of a policy that asks for nothing beyond goods, freight, split, lead time and priority
has no further terms, whatever could be said of them: so it stays the optimizer's own.

What a location sends later is a source of its own. Where stock can serve a part of a line
(``settled`` says how many units), that part and the rest are two lines of the problem: one is taken
from stock, the other from what comes, so no unit in stock is displaced by a later one, whatever
strategy decides.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.routing.freight import Tariff
from app.routing.problem import COST_SCALE, Line, Problem, Seller, Source, Supply
from app.routing.rules.extras import NOTHING, Extras
from app.routing.rules.facts import Context, Judged, Offer, RoutingRequest
from app.routing.rules.places import Place
from app.routing.rules.verdicts import Places
from app.routing.rules.weighing import Posted, Weights, levels_of, seller_unit


@dataclass(frozen=True, slots=True)
class Posed:
    """A problem for a strategy, and what its numbers stand for.

    ``tariffs`` are what freight costs; the problem's own are what it counts. ``later``: the day on
    which what a source sends leaves, of sources whose goods are still to come. ``later_lines``: the
    line of the problem that stands for what of a line is to come.
    """

    problem: Problem
    candidates: Mapping[tuple[int, int], tuple[Offer, Place, int]]
    sources: Sequence[tuple[uuid.UUID, uuid.UUID]]
    distances_km: Sequence[int]
    tariffs: Sequence[Tariff]
    later: Mapping[int, date] = field(default_factory=dict)
    later_lines: Mapping[int, int] = field(default_factory=dict)


class _Poser:
    """Numbers sellers and locations as they come, and gathers what they can supply."""

    def __init__(
        self,
        request: RoutingRequest,
        context: Context,
        weights: Weights,
        settled: Mapping[int, int] | None,
    ) -> None:
        self._request, self._context, self._weights = request, context, weights
        self._settled = settled
        self._seller_no: dict[uuid.UUID, int] = {}
        self._source_no: dict[int, int] = {}
        self._wanted = sum(line.quantity for line in request.lines)
        self.sellers: list[Seller] = []
        self.seller_offers: list[Offer] = []
        self.sources: list[Source] = []
        self.supplies: list[Supply] = []
        self.names: list[tuple[uuid.UUID, uuid.UUID]] = []
        self.distances_km: list[int] = []
        self.tariffs: list[Tariff] = []
        self.by_place: dict[tuple[int, int], tuple[Offer, Place, int]] = {}
        self.line_weights = [0] * len(request.lines)
        self.later: dict[int, date] = {}
        self.later_lines: dict[int, int] = {}

    def add(self, offer: Offer, sound: Sequence[tuple[Place, int]], places: Places) -> None:
        """Take in an offer at the places where it breaks no rule."""
        goods = seller_unit(offer)
        cost = self._weights.unit_cost(offer, goods)
        policy = self._context.policy_of(offer.line_no)
        step = offer.order_step if policy.rules.breaks_pack else 1
        self.line_weights[offer.line_no] = offer.weight_g
        for place, available in sound:
            line = offer.line_no if place.later is None else self._later_line_of(offer)
            if line is None:
                continue
            source = self._source_of(offer, place, places)
            unit = cost
            if policy.terms.lead_time_minor_per_day:
                unit += self._weights.delay_cost(offer, place)
            if policy.terms.carbon is not None:
                unit += self._weights.carriage_cost(offer, self.distances_km[source])
            self.supplies.append(Supply(line, source, available, unit, goods, step))
            self.by_place[line, source] = offer, place, available

    def lines(self) -> list[Line]:
        """The lines as wanted; then, of lines that stock can serve in part, what is to come."""
        wanted = [line.quantity for line in self._request.lines]
        for line_no in self.later_lines:
            rest = wanted[line_no] - (self._settled or {})[line_no]
            wanted[line_no] -= rest
            wanted.append(rest)
        return [Line(*each) for each in zip(wanted, self.line_weights, strict=True)]

    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Lines that belong together, each with what of it is to come."""
        return tuple(
            (*group, *(self.later_lines[each] for each in group if each in self.later_lines))
            for group in self._request.kits
        )

    def _later_line_of(self, offer: Offer) -> int | None:
        """The line of the problem that later goods serve; none where stock serves all."""
        line_no = offer.line_no
        if self._settled is None or not self._settled.get(line_no):
            return line_no
        if self._settled[line_no] >= self._request.lines[line_no].quantity:
            return None
        if line_no not in self.later_lines:
            self.later_lines[line_no] = len(self.line_weights)
            self.line_weights.append(offer.weight_g)
        return self.later_lines[line_no]

    def _source_of(self, offer: Offer, place: Place, places: Places) -> int:
        source = self._source_no.get(place.number)
        if source is None:
            source = self._source_no[place.number] = len(self.sources)
            km, tariff = places.of(place, offer.seller_id)
            assert tariff is not None
            fixed = self._weights.consignment_cost(offer, km)
            weight_g = self._request.opened.get(place.location_id)
            if weight_g is not None and place.later is None:
                tariff, fixed = tariff.beyond(weight_g), 0
            counted = self._weights.tariff(tariff)
            self.sources.append(Source(self._seller_of(offer), counted, fixed))
            self.names.append((offer.seller_id, place.location_id))
            self.distances_km.append(km)
            self.tariffs.append(tariff)
            if place.later is not None:
                self.later[source] = place.later.ships_on
        return source

    def _seller_of(self, offer: Offer) -> int:
        number = self._seller_no.get(offer.seller_id)
        if number is None:
            number = self._seller_no[offer.seller_id] = len(self.sellers)
            self.sellers.append(
                Seller(
                    self._minimum_of(offer) * COST_SCALE,
                    self._weights.seller_cost(offer),
                    self._capacity_of(offer.seller_id),
                    self._weights.steps_behind(offer),
                )
            )
            self.seller_offers.append(offer)
        return number

    def _minimum_of(self, offer: Offer) -> int:
        met = offer.seller_id in self._request.minimum_met
        asked = self._context.policy.rules.below_minimum_order
        return offer.minimum_order_minor if asked and not met else 0

    def _capacity_of(self, seller_id: uuid.UUID) -> int | None:
        """What the seller still takes today, where the order could ask for more."""
        if not self._context.policy.rules.over_capacity:
            return None
        load = self._weights.extras.loads.get(seller_id)
        left = None if load is None else load.units_left
        return left if left is not None and left < self._wanted else None


def pose(
    judged: Sequence[Judged],
    places: Places,
    request: RoutingRequest,
    context: Context,
    extras: Extras = NOTHING,
    settled: Mapping[int, int] | None = None,
) -> Posed:
    """The problem that the unbroken candidates make.

    ``settled``: units of each line that are taken from stock before anything that is to come.
    """
    open_ones = [(offer, sound) for offer, _, sound in judged if sound]
    weights = Weights.of([offer for offer, _ in open_ones], context, extras)
    poser = _Poser(request, context, weights, settled)
    for offer, sound in open_ones:
        poser.add(offer, sound, places)
    posted = Posted(
        poser.by_place.items(), poser.names, poser.seller_offers, poser.distances_km, poser.tariffs
    )
    problem = Problem(
        poser.lines(),
        poser.sellers,
        poser.sources,
        poser.supplies,
        levels=levels_of(context.policy, weights, posted),
        **_wishes(request, context, poser.groups()),
    )
    return Posed(
        problem,
        poser.by_place,
        poser.names,
        poser.distances_km,
        poser.tariffs,
        poser.later,
        poser.later_lines,
    )


def _wishes(
    request: RoutingRequest, context: Context, kits: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """What holds for the order as a whole, by the buyer's wish or the policy's limits."""
    limits = context.policy.limits
    deliveries = 1 if request.one_delivery else limits.most_deliveries
    kept = "together" if context.policy.kits == "together" else "complete"
    return {
        "most_sellers": limits.most_sellers,
        "most_sources": deliveries,
        "must_serve_all": request.ship_complete,
        kept: kits,
    }
