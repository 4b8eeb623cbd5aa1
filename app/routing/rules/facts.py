"""The facts of a request, the candidates, and what is decided from them; plain values."""

import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from app.kernel.money import UnitPrice
from app.routing.freight import TariffTable
from app.routing.rules.places import Place
from app.routing.rules.policies import Policy

if TYPE_CHECKING:
    from app.routing.problem import Limits
    from app.routing.rules.extras import Extras
    from app.routing.rules.posing import Posed
    from app.routing.rules.verdicts import Places


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
    sellers that already fulfil a part of the same order; ``opened`` are locations that send a
    parcel of so many grams anyway: more goods pay what they add to its freight. What ``cart_id``
    keeps is its own to use, and what ``order_id`` was promised of what is to come.

    What the buyer wishes besides: all or nothing (``ship_complete``), from one place
    (``one_delivery``), lines that are parts of a kit (``kits``, by position), and what may stand
    for a line: named variants, or what succeeds its variant (``takes_successor``); nothing that is
    not in stock yet (``no_backorders``); all that leaves, leaves on ``ship_by`` or before.
    """

    storefront_id: uuid.UUID
    buyer_id: uuid.UUID
    ship_to: ShipTo
    lines: tuple[WantedLine, ...]
    unit_id: uuid.UUID | None = None
    refused: frozenset[tuple[uuid.UUID, uuid.UUID]] = frozenset()
    minimum_met: frozenset[uuid.UUID] = frozenset()
    opened: Mapping[uuid.UUID, int] = field(default_factory=dict)
    cart_id: uuid.UUID | None = None
    order_id: uuid.UUID | None = None
    ship_complete: bool = False
    one_delivery: bool = False
    kits: tuple[tuple[int, ...], ...] = ()
    substitutes: Mapping[int, tuple[uuid.UUID, ...]] = field(default_factory=dict)
    takes_successor: frozenset[int] = frozenset()
    no_backorders: bool = False
    ship_by: date | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for the whole request, gathered once; freight prices are in cost units.

    ``policy`` decides what concerns the whole order; ``line_policies`` the rules and terms of lines
    that have another one. ``general_rates`` names what freight costs from sellers without a table.
    """

    owner_id: uuid.UUID
    currency: str
    customer_group: str | None
    blocked_sellers: tuple[uuid.UUID, ...]
    policy: Policy
    freight: Mapping[uuid.UUID | None, TariffTable]
    prices_bounded: bool = False
    line_policies: Mapping[int, Policy] = field(default_factory=dict)
    general_rates: str | None = None

    def policy_of(self, line_no: int) -> Policy:
        """What decides the rules and terms of a line."""
        return self.line_policies.get(line_no, self.policy) if self.line_policies else self.policy

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Every policy that takes part in the decision, the order's first."""
        others = {each.id: each for each in self.line_policies.values()}
        others.pop(self.policy.id, None)
        return (self.policy, *others.values())


class Offer(NamedTuple):
    """The facts of one seller's offer for one line, as gathered, and where its goods lie.

    ``lying``: places with what is available there; each is a candidate. An offer whose goods lie
    nowhere is a candidate, too, without a place.
    """

    line_no: int
    seller_id: uuid.UUID
    variant_id: uuid.UUID
    selling_model: str | None
    weight_g: int
    variant_active: bool
    is_shown: bool
    in_pool: bool
    seller_active: bool
    offer_active: bool
    minimum_quantity: int
    maximum_quantity: int | None
    order_step: int
    lead_time_days: int
    authorised: bool
    intact: bool
    covers_place: bool
    covers_assortment: bool
    exclusive_ok: bool
    terms_id: uuid.UUID | None
    priority: int
    minimum_order_minor: int
    path_parties: list[uuid.UUID] | None
    path_terms: list[uuid.UUID] | None
    path_price_lists: list[uuid.UUID] | None
    is_backorderable: bool
    seller_price_minor: int | None
    seller_price_per: int | None
    buyer_price_minor: int | None
    buyer_price_per: int | None
    price_allowed: bool
    lying: Sequence[tuple[Place, int]]


class Candidate(NamedTuple):
    """An offer at one of its seller's places: what a plan chooses from."""

    offer: Offer
    place: Place
    available: int

    @property
    def seller_id(self) -> uuid.UUID:
        """Who would deliver."""
        return self.offer.seller_id

    @property
    def variant_id(self) -> uuid.UUID:
        """What would be delivered."""
        return self.offer.variant_id

    @property
    def location_id(self) -> uuid.UUID:
        """Where it would come from."""
        return self.place.location_id

    @property
    def ships_on(self) -> date | None:
        """When it would leave; none where no such day is in sight."""
        return self.place.ships_on(self.offer.lead_time_days)

    @property
    def days_to_ship(self) -> int:
        """How many days pass from the order until it leaves."""
        return self.place.days_to_ship(self.offer.lead_time_days)

    @property
    def is_later(self) -> bool:
        """Whether it is still to come."""
        return self.place.later is not None

    @property
    def due_on(self) -> date | None:
        """When it comes, by the delivery that is announced."""
        return self.place.later.due_on[self.variant_id] if self.place.later else None


# Where an offer stands: a place (none when its goods lie nowhere), what is available there, and the
# rules that are broken. A plain tuple: there are hundreds in a request.
Verdict = tuple[Place | None, int, tuple[str, ...]]


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
    """What one location would send, and what that costs.

    ``ships_on``: when all of it has left. ``later_on``: the same of what is not in stock yet.
    """

    seller_id: uuid.UUID
    location_id: uuid.UUID
    weight_g: int
    distance_km: int
    freight_minor: int
    ships_on: date | None = None
    later_on: date | None = None


class Judged(NamedTuple):
    """An offer with a verdict for each place: for each candidate.

    ``sound`` are the places where it breaks no rule, and what is available there.
    """

    offer: Offer
    verdicts: Sequence[Verdict]
    sound: Sequence[tuple[Place, int]]


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
    hops: Mapping[tuple[int, int], tuple[Hop, ...]] = field(default_factory=dict)
    posed: "Posed | None" = None
    limits: "Limits | None" = None
    places: "Places | None" = None
    extras: "Extras | None" = None

    @property
    def limited_sellers(self) -> AbstractSet[uuid.UUID]:
        """Sellers that take only so much a day, where the policy asks."""
        asked = self.extras is not None and self.context.policy.rules.over_capacity
        return self.extras.loads.keys() if asked and self.extras else frozenset()

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
        return self.hops.get((item.line_no, item.candidate.place.number), ())

    def served_of(self, line_no: int) -> int:
        """Units of a line that the plan delivers."""
        return sum(item.quantity for item in self.assignments if item.line_no == line_no)


def seller_price(offer: Offer) -> UnitPrice:
    """What the fulfilling seller charges."""
    assert offer.seller_price_minor is not None
    return UnitPrice(offer.seller_price_minor, offer.seller_price_per or 1)


def buyer_price(offer: Offer) -> UnitPrice:
    """What the buyer pays."""
    assert offer.buyer_price_minor is not None
    return UnitPrice(offer.buyer_price_minor, offer.buyer_price_per or 1)
