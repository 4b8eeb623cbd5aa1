"""Routing as pure code: facts in, verdicts, a problem, a decision out.

A candidate is one location of one seller for one line. Every hard rule is judged for every
candidate and all broken ones are kept, so that "why not" has a complete answer. What a fulfilling
seller charges for the goods, plus freight, plus the policy's weights, is the cost that is
minimised; the buyer's own price does not depend on the path the goods take in resale.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from app.kernel.money import UnitPrice, allocate, divide_half_up
from app.kernel.quantity import OrderingRule
from app.routing.freight import Tariff, TariffTable, consignment_price, great_circle_km
from app.routing.problem import COST_SCALE, Line, Plan, Problem, Seller, Source, Supply

REASONS = {
    "variant_inactive": "the manufacturer does not sell this variant now",
    "not_in_pool": "the storefront does not work with this seller",
    "blocked_by_buyer": "the buyer's trading account blocks this seller",
    "refused_before": "this seller has already refused these units",
    "seller_suspended": "the seller is suspended",
    "agreement_inactive": "no agreement for this manufacturer is in force",
    "chain_broken": "an agreement above the seller's is not in force",
    "outside_territory": "the delivery address lies outside the seller's territory",
    "outside_assortment": "the variant lies outside the seller's assortment",
    "exclusive_to_other": "another seller is exclusive there for this category",
    "no_selling_terms": "no terms say how this seller is paid through this storefront",
    "offer_inactive": "the offer is paused or withdrawn",
    "quantity_not_orderable": "the quantity breaks the offer's minimum, maximum or step",
    "no_price": "no price applies to this buyer, quantity and instant",
    "no_stock": "nothing is available at this location",
    "no_freight": "no freight table reaches the delivery address",
    "below_minimum_order": "everything it could deliver stays below its minimum order value",
}


@dataclass(frozen=True, slots=True)
class ShipTo:
    """Where the goods go."""

    country: str
    subdivision: str
    postal_code: str
    latitude: float
    longitude: float


class WantedLine(NamedTuple):
    """A quantity of a variant."""

    variant_id: uuid.UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class RoutingRequest:
    """What is to be routed.

    ``refused`` are (seller, variant) pairs that must not be asked again; ``minimum_met`` are
    sellers that already fulfil a part of the same order.
    """

    storefront_id: uuid.UUID
    buyer_id: uuid.UUID
    ship_to: ShipTo
    lines: tuple[WantedLine, ...]
    refused: frozenset[tuple[uuid.UUID, uuid.UUID]] = frozenset()
    minimum_met: frozenset[uuid.UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """The weights of the objective, in minor units; see :class:`RoutingPolicy`."""

    id: uuid.UUID
    number: int
    priority_weight_minor: int = 0
    lead_time_weight_minor: int = 0
    split_weight_minor: int = 0
    time_limit_ms: int = 1000


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for the whole request, gathered once; freight prices are in cost units."""

    owner_id: uuid.UUID
    currency: str
    customer_group: str | None
    blocked_sellers: tuple[uuid.UUID, ...]
    policy: Policy
    freight: Mapping[uuid.UUID | None, TariffTable]


class Candidate(NamedTuple):
    """The facts of one seller's location for one line, as gathered; order fits the query."""

    line_no: int
    offer_id: uuid.UUID
    seller_id: uuid.UUID
    variant_id: uuid.UUID
    weight_g: int
    variant_active: bool
    in_pool: bool
    seller_active: bool
    offer_active: bool
    minimum_quantity: int
    maximum_quantity: int | None
    quantity_step: int
    lead_time_days: int
    authorised: bool
    intact: bool
    covers_place: bool
    covers_category: bool
    exclusive_ok: bool
    selling_model: str | None
    terms_id: uuid.UUID | None
    priority: int
    minimum_order_minor: int
    seller_price_minor: int | None
    seller_price_per: int | None
    buyer_price_minor: int | None
    buyer_price_per: int | None
    path_parties: list[uuid.UUID] | None
    path_terms: list[uuid.UUID] | None
    path_price_lists: list[uuid.UUID] | None
    location_id: uuid.UUID | None
    latitude: float | None
    longitude: float | None
    available: int


@dataclass(frozen=True, slots=True)
class Hop:
    """One link of a resale chain for an allocation: who buys from whom, for how much."""

    seller_id: uuid.UUID
    buyer_id: uuid.UUID
    terms_id: uuid.UUID
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """A quantity of a line from one location, with all four amounts; see ordering's allocation."""

    line_no: int
    candidate: Candidate
    quantity: int
    seller_goods_minor: int
    buyer_goods_minor: int
    freight_minor: int


@dataclass(frozen=True, slots=True)
class PlannedConsignment:
    """What one location would send, and what that costs."""

    seller_id: uuid.UUID
    location_id: uuid.UUID
    weight_g: int
    distance_km: int
    freight_minor: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with every rule that it breaks."""

    candidate: Candidate
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, from what, and how well it is proved. Amounts are minor units."""

    request: RoutingRequest
    context: Context
    decided_at: datetime
    judged: Sequence[Judged]
    assignments: Sequence[Assignment]
    consignments: Sequence[PlannedConsignment]
    units_requested: int
    units_served: int
    objective_minor: int
    bound_minor: int
    proof: str
    method: str
    duration_us: int = 0
    hops: Mapping[tuple[int, uuid.UUID], tuple[Hop, ...]] = field(default_factory=dict)

    @property
    def goods_minor(self) -> int:
        """What the fulfilling sellers charge for the goods."""
        return sum(item.seller_goods_minor for item in self.assignments)

    @property
    def buyer_goods_minor(self) -> int:
        """What the buyer pays for the goods."""
        return sum(item.buyer_goods_minor for item in self.assignments)

    @property
    def freight_minor(self) -> int:
        """What all consignments cost."""
        return sum(item.freight_minor for item in self.consignments)

    @property
    def gap_ppm(self) -> int:
        """How far the plan may be from the best, in parts per million of its cost."""
        if not self.objective_minor:
            return 0
        return (self.objective_minor - self.bound_minor) * 1_000_000 // self.objective_minor

    def hops_of(self, item: Assignment) -> tuple[Hop, ...]:
        """The resale chain of an assignment; empty when it is not resold."""
        location_id = item.candidate.location_id
        assert location_id is not None
        return self.hops.get((item.line_no, location_id), ())

    def served_of(self, line_no: int) -> int:
        """Units of a line that the plan delivers."""
        return sum(item.quantity for item in self.assignments if item.line_no == line_no)


@dataclass(frozen=True, slots=True)
class Posed:
    """A problem for a strategy, and what its numbers stand for."""

    problem: Problem
    candidates: Mapping[tuple[int, int], Candidate]
    sources: Sequence[tuple[uuid.UUID, uuid.UUID]]
    distances_km: Sequence[int]


def judge(
    candidate: Candidate, request: RoutingRequest, context: Context, tariff: Tariff | None
) -> tuple[str, ...]:
    """Every hard rule that a candidate breaks, in the order of :data:`REASONS`."""
    if _is_sound(candidate, request, context) and tariff is not None:
        return ()
    c = candidate
    quantity = request.lines[c.line_no].quantity
    orderable = OrderingRule(c.minimum_quantity, c.quantity_step, c.maximum_quantity)
    broken = (
        ("variant_inactive", not c.variant_active),
        ("not_in_pool", not c.in_pool),
        ("blocked_by_buyer", c.seller_id in context.blocked_sellers),
        ("refused_before", (c.seller_id, c.variant_id) in request.refused),
        ("seller_suspended", not c.seller_active),
        ("agreement_inactive", not c.authorised),
        ("chain_broken", c.authorised and not c.intact),
        ("outside_territory", c.authorised and not c.covers_place),
        ("outside_assortment", c.authorised and not c.covers_category),
        ("exclusive_to_other", not c.exclusive_ok),
        ("no_selling_terms", c.authorised and c.selling_model is None),
        ("offer_inactive", not c.offer_active),
        ("quantity_not_orderable", not orderable.admits(quantity)),
        ("no_price", c.seller_price_minor is None or c.buyer_price_minor is None),
        ("no_stock", c.location_id is None or c.available <= 0),
        ("no_freight", c.location_id is not None and tariff is None),
    )
    return tuple(code for code, is_broken in broken if is_broken)


def _is_sound(c: Candidate, request: RoutingRequest, context: Context) -> bool:
    """Whether no rule but freight can be broken: the same rules at once, for the many that pass."""
    facts = (
        c.variant_active,
        c.in_pool,
        c.seller_active,
        c.offer_active,
        c.authorised,
        c.intact,
        c.covers_place,
        c.covers_category,
        c.exclusive_ok,
        c.selling_model,
        c.seller_price_minor is not None,
        c.buyer_price_minor is not None,
        c.location_id,
        c.available > 0,
    )
    return (
        all(facts)
        and c.minimum_quantity == c.quantity_step == 1
        and c.maximum_quantity is None
        and c.seller_id not in context.blocked_sellers
        and (c.seller_id, c.variant_id) not in request.refused
    )


class _Places:
    """Distance and tariff of each location, worked out once a request."""

    def __init__(self, ship_to: ShipTo, freight: Mapping[uuid.UUID | None, TariffTable]) -> None:
        self._ship_to = (ship_to.latitude, ship_to.longitude)
        self._freight = freight
        self._known: dict[uuid.UUID, tuple[int, Tariff | None]] = {}

    def of(self, candidate: Candidate) -> tuple[int, Tariff | None]:
        """(distance in whole km rounded up, tariff there) of a candidate's location."""
        if candidate.location_id is None:
            return 0, None
        known = self._known.get(candidate.location_id)
        if known is None:
            known = self._known[candidate.location_id] = self._measure(candidate)
        return known

    def _measure(self, candidate: Candidate) -> tuple[int, Tariff | None]:
        assert candidate.latitude is not None
        assert candidate.longitude is not None
        km = great_circle_km((candidate.latitude, candidate.longitude), self._ship_to)
        table = self._freight.get(candidate.seller_id) or self._freight.get(None)
        return int(-(-km // 1)), table.find_tariff(km) if table else None


def judge_all(
    candidates: Iterable[Candidate], request: RoutingRequest, context: Context
) -> tuple[list[Judged], "_Places"]:
    """Judge every candidate by every hard rule, the minimum order value last."""
    places = _Places(request.ship_to, context.freight)
    judged = [Judged(c, judge(c, request, context, places.of(c)[1])) for c in candidates]
    hopeless = _below_minimum(judged, request)
    return [
        Judged(item.candidate, ("below_minimum_order",))
        if not item.broken and item.candidate.seller_id in hopeless
        else item
        for item in judged
    ], places


def _below_minimum(judged: Sequence[Judged], request: RoutingRequest) -> set[uuid.UUID]:
    """Sellers that stay below their minimum even if they delivered all that they could."""
    stock: dict[tuple[uuid.UUID, int], int] = {}
    price: dict[tuple[uuid.UUID, int], UnitPrice] = {}
    minimum: dict[uuid.UUID, int] = {}
    for item in judged:
        if item.broken:
            continue
        c = item.candidate
        key = c.seller_id, c.line_no
        stock[key] = stock.get(key, 0) + c.available
        price[key] = seller_price(c)
        minimum[c.seller_id] = 0 if c.seller_id in request.minimum_met else c.minimum_order_minor
    most: dict[uuid.UUID, int] = {}
    for (seller_id, line_no), units in stock.items():
        quantity = min(units, request.lines[line_no].quantity)
        value = price[seller_id, line_no].extend(quantity)
        most[seller_id] = most.get(seller_id, 0) + value
    return {seller_id for seller_id, value in most.items() if value < minimum[seller_id]}


def seller_price(candidate: Candidate) -> UnitPrice:
    """What the fulfilling seller charges."""
    assert candidate.seller_price_minor is not None
    return UnitPrice(candidate.seller_price_minor, candidate.seller_price_per or 1)


def buyer_price(candidate: Candidate) -> UnitPrice:
    """What the buyer pays."""
    assert candidate.buyer_price_minor is not None
    return UnitPrice(candidate.buyer_price_minor, candidate.buyer_price_per or 1)


class _Poser:
    """Numbers sellers and locations as they come, and gathers what they can supply."""

    def __init__(self, request: RoutingRequest, policy: Policy, best_priority: int) -> None:
        self._request, self._policy, self._best_priority = request, policy, best_priority
        self._seller_no: dict[uuid.UUID, int] = {}
        self._source_no: dict[uuid.UUID, int] = {}
        self.sellers: list[Seller] = []
        self.sources: list[Source] = []
        self.supplies: list[Supply] = []
        self.names: list[tuple[uuid.UUID, uuid.UUID]] = []
        self.distances_km: list[int] = []
        self.by_place: dict[tuple[int, int], Candidate] = {}
        self.weights = [0] * len(request.lines)

    def add(self, c: Candidate, places: _Places) -> None:
        source = self._source_of(c, places)
        price = seller_price(c)
        goods = divide_half_up(price.amount_minor * COST_SCALE, price.per_quantity)
        wait = self._policy.lead_time_weight_minor * c.lead_time_days * COST_SCALE
        self.weights[c.line_no] = c.weight_g
        self.supplies.append(Supply(c.line_no, source, c.available, goods + wait, goods))
        self.by_place[c.line_no, source] = c

    def _source_of(self, c: Candidate, places: _Places) -> int:
        assert c.location_id is not None
        if c.location_id not in self._source_no:
            distance_km, tariff = places.of(c)
            assert tariff is not None
            self._source_no[c.location_id] = len(self.sources)
            fixed = self._policy.split_weight_minor * COST_SCALE
            self.sources.append(Source(self._seller_of(c), tariff, fixed))
            self.names.append((c.seller_id, c.location_id))
            self.distances_km.append(distance_km)
        return self._source_no[c.location_id]

    def _seller_of(self, c: Candidate) -> int:
        if c.seller_id not in self._seller_no:
            self._seller_no[c.seller_id] = len(self.sellers)
            minimum = 0 if c.seller_id in self._request.minimum_met else c.minimum_order_minor
            behind = self._best_priority - c.priority
            fixed = self._policy.priority_weight_minor * behind * COST_SCALE
            self.sellers.append(Seller(minimum * COST_SCALE, fixed))
        return self._seller_no[c.seller_id]


def pose(
    judged: Sequence[Judged], places: _Places, request: RoutingRequest, policy: Policy
) -> Posed:
    """The problem that the unbroken candidates make."""
    open_ones = [item.candidate for item in judged if not item.broken]
    poser = _Poser(request, policy, max((c.priority for c in open_ones), default=0))
    for candidate in open_ones:
        poser.add(candidate, places)
    lines = [Line(line.quantity, poser.weights[no]) for no, line in enumerate(request.lines)]
    problem = Problem(lines, poser.sellers, poser.sources, poser.supplies)
    return Posed(problem, poser.by_place, poser.names, poser.distances_km)


def conclude(
    *,
    request: RoutingRequest,
    context: Context,
    judged: Sequence[Judged],
    posed: Posed,
    plan: Plan,
    decided_at: datetime,
    duration_us: int,
) -> Decision:
    """Turn a strategy's plan back into sellers, locations, prices and freight."""
    consignments, assignments = _price(posed, plan)
    return Decision(
        request=request,
        context=context,
        decided_at=decided_at,
        judged=judged,
        assignments=assignments,
        consignments=consignments,
        units_requested=sum(line.quantity for line in request.lines),
        units_served=plan.units,
        objective_minor=divide_half_up(plan.cost, COST_SCALE),
        bound_minor=divide_half_up(plan.bound, COST_SCALE),
        proof=plan.proof if plan.units_proved else "bounded",
        method=plan.method,
        duration_us=duration_us,
    )


def _price(posed: Posed, plan: Plan) -> tuple[list[PlannedConsignment], list[Assignment]]:
    """Price a plan's consignments and share each one's freight over its goods by weight."""
    consignments: list[PlannedConsignment] = []
    assignments: list[Assignment] = []
    by_source: dict[int, list[tuple[Candidate, int]]] = {}
    for line_no, source, quantity in sorted(plan.allocations):
        taken = posed.candidates[line_no, source], quantity
        by_source.setdefault(source, []).append(taken)
    for source, goods in sorted(by_source.items(), key=lambda item: posed.sources[item[0]]):
        grams = [candidate.weight_g * quantity for candidate, quantity in goods]
        tariff = posed.problem.sources[source].tariff
        freight = consignment_price(tariff, sum(grams)) // COST_SCALE
        shares = allocate(freight, grams if sum(grams) else [quantity for _, quantity in goods])
        seller_id, location_id = posed.sources[source]
        consignments.append(
            PlannedConsignment(
                seller_id, location_id, sum(grams), posed.distances_km[source], freight
            )
        )
        assignments += [
            Assignment(
                candidate.line_no,
                candidate,
                quantity,
                seller_price(candidate).extend(quantity),
                buyer_price(candidate).extend(quantity),
                share,
            )
            for (candidate, quantity), share in zip(goods, shares, strict=True)
        ]
    return consignments, assignments
