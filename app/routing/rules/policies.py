"""A routing policy as plain data: hard rules, terms in money, order of aims, limits; pure.

A policy is a *document* (JSON) while it is kept and shown, and a :class:`Policy` while it decides;
``rules.reading`` turns one into the other. What a policy may switch is listed here; the laws (who
may sell what to whom, at which price, from which stock) are in no policy's reach.

The most specific policy wins: buyer, category (the deepest), storefront, manufacturer, network. A
buyer's policy is a promise made to one customer by name; a category's says what its goods need,
whoever sells them; a storefront's is how the shop works; a manufacturer's is a wish about all its
goods; the network's is for what nobody thought of.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

Scope = Literal["buyer", "category", "storefront", "manufacturer", "network"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""Kinds of scopes, the most specific first."""

Mode = Literal["weighted", "lexicographic"]
MODES: tuple[Mode, ...] = get_args(Mode)
Aim = Literal[
    "goods", "freight", "split", "sellers", "lead_time", "priority", "rating", "margin",
    "load_balance", "distance", "carbon",
]  # fmt: skip
AIMS: tuple[Aim, ...] = get_args(Aim)
"""What a lexicographic policy can put into an order, each measured in its own unit."""
PAYERS = ("operator", "storefront", "refusing_seller")
LAST_RESORTS = ("wait", "cancel", "ask_buyer")
SUBSTITUTES = ("never", "successors", "named")
KITS = ("together", "apart")
BACKORDERS = ("never", "when_short", "any")
WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Oversize:
    """From which size on goods are oversize: the longest side, the weight of a unit."""

    longest_mm: int = 1200
    weight_g: int = 30_000


@dataclass(frozen=True, slots=True)
class Rules:
    """The hard rules that a policy switches; see the codes of ``verdicts.REASONS``.

    Attributes:
        below_minimum_order: a seller's minimum order value is kept.
        over_capacity: what a seller takes in a day is kept.
        seller_closed: a seller's blackout dates are kept.
        beyond_credit: the buyer's credit with a seller that sells on account is kept.
        breaks_pack: a part of a line is whole packs of its offer.
        hazardous_unfit: the boolean attribute that marks hazardous goods; none: not asked.
        oversize_unfit: which goods are oversize; none: not asked.
        substitute_dearer: a substitute costs the buyer no more than what it stands for.
    """

    below_minimum_order: bool = True
    over_capacity: bool = False
    seller_closed: bool = False
    beyond_credit: bool = False
    breaks_pack: bool = False
    hazardous_unfit: str | None = None
    oversize_unfit: Oversize | None = None
    substitute_dearer: bool = True


@dataclass(frozen=True, slots=True)
class LoadBalance:
    """What it costs to give more to a seller that had more than its share in the last days.

    ``shares_bps`` are quotas by seller, in ten-thousandths; the others share the rest alike.
    ``counted``: units cost for each unit, orders once a seller order.
    """

    minor: int
    counted: Literal["units", "orders"] = "units"
    days: int = 7
    shares_bps: Mapping[uuid.UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Carbon:
    """What emissions cost: grams of CO2e a tonne and kilometre, money a kilogram."""

    g_per_tonne_km: int
    minor_per_kg: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What counts how much in the objective, in minor units or hundredths of an amount."""

    goods_percent: int = 100
    freight_percent: int = 100
    split_minor: int = 0
    lead_time_minor_per_day: int = 0
    priority_minor: int = 0
    rating_minor_per_star: int = 0
    margin_percent: int = 0
    distance_minor_per_km: int = 0
    load_balance: LoadBalance | None = None
    carbon: Carbon | None = None


@dataclass(frozen=True, slots=True)
class PolicyLimits:
    """How hard to try, how often, and how many may take part."""

    work_ms: int = 20
    attempts: int | None = None
    answer_hours: int | None = None
    most_sellers: int | None = None
    most_deliveries: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of a policy, as it decides.

    What happens after the plan (``price_difference``, ``last_resort``, ``reoptimize`` and the
    limits of answers and attempts) is as the storefront settled where the policy says nothing.
    ``backorders``: goods that are not in stock yet are promised for what stock cannot serve, count
    like any others by what the terms say of them, or never.
    """

    id: uuid.UUID
    number: int
    scope: Scope = "network"
    rules: Rules = field(default_factory=Rules)
    terms: Terms = field(default_factory=Terms)
    mode: Mode = "weighted"
    levels: tuple[Aim, ...] = ()
    strategy: str = "optimal"
    limits: PolicyLimits = field(default_factory=PolicyLimits)
    substitutes: str = "successors"
    kits: str = "together"
    backorders: str = "when_short"
    price_difference: str | None = None
    last_resort: str | None = None
    reoptimize: bool | None = None

    @property
    def aims(self) -> tuple[Aim, ...]:
        """What counts before the cost, the first most."""
        return self.levels if self.mode == "lexicographic" else ()


@dataclass(frozen=True, slots=True)
class PolicyScope:
    """What a policy is for: at most one of these; none is the network."""

    storefront_id: uuid.UUID | None = None
    manufacturer_id: uuid.UUID | None = None
    category_id: uuid.UUID | None = None
    buyer_id: uuid.UUID | None = None

    @property
    def kind(self) -> Scope:
        """What sort of thing it is for."""
        return next((kind for kind in SCOPES[:-1] if getattr(self, f"{kind}_id")), "network")

    @property
    def subject_id(self) -> uuid.UUID | None:
        """What it is for."""
        return self.storefront_id or self.manufacturer_id or self.category_id or self.buyer_id


def settle(
    base: Policy, of_goods: Mapping[int, Sequence[Policy]], *, lines: int
) -> tuple[Policy, dict[int, Policy]]:
    """The policy of the order, and those of lines that have another one.

    ``base`` is the buyer's, storefront's or network's; ``of_goods`` are by line those of categories
    (the deepest first) and the manufacturer. What covers every line may decide for the order.
    """
    if not of_goods:
        return base, {}
    shared = [
        policy for policy in of_goods.get(0, ())
        if all(policy in of_goods.get(line_no, ()) for line_no in range(1, lines))
    ]  # fmt: skip
    whole = most_specific([base, *shared])
    chosen = {line_no: most_specific([base, *policies]) for line_no, policies in of_goods.items()}
    return whole, {line_no: policy for line_no, policy in chosen.items() if policy is not whole} | {
        line_no: base for line_no in range(lines) if line_no not in chosen and base is not whole
    }


def most_specific(policies: Sequence[Policy]) -> Policy:
    """The one of the most specific scope; among categories, which come deepest first, the first."""
    return min(policies, key=lambda policy: SCOPES.index(policy.scope))
