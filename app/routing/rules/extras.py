"""What only some policies ask of sellers, places and goods, and the hard rules made of it; pure.

A policy without such rules and terms has :data:`NOTHING` gathered, and nothing here is asked.
"""

import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from app.routing.rules.facts import Context, Judged, Offer, seller_price
from app.routing.rules.places import Place
from app.routing.rules.policies import WHOLE, LoadBalance, Policy


class Load(NamedTuple):
    """What a seller took: today, against what it takes in a day (none: as much as there is)."""

    orders_a_day: int | None = None
    units_a_day: int | None = None
    orders: int = 0
    units: int = 0

    @property
    def units_left(self) -> int | None:
        """How many units it still takes today."""
        return None if self.units_a_day is None else max(0, self.units_a_day - self.units)

    @property
    def is_full(self) -> bool:
        """Whether it takes no further order today."""
        return not self.admits(1)

    def admits(self, units: int) -> bool:
        """Whether it takes one more order of so many units today."""
        takes_order = self.orders_a_day is None or self.orders < self.orders_a_day
        return takes_order and (self.units_left is None or units <= self.units_left)


class Closed(NamedTuple):
    """On which day a seller takes no orders, and from when to when (both included) that is so."""

    on: date
    first: date
    last: date


class Ability(NamedTuple):
    """Which special goods a place handles."""

    hazardous: bool = False
    oversize: bool = False


class Goods(NamedTuple):
    """What a variant is like: the boolean attributes that are true, its longest side, its unit."""

    marks: AbstractSet[str] = frozenset()
    longest_mm: int = 0


@dataclass(frozen=True, slots=True)
class Extras:
    """What was gathered because a policy asked; by seller, place or variant.

    ``taken``: units or orders of each seller in the period of the load balance.
    ``credit_left``: what a buyer may still owe a seller that has an account with it.
    """

    loads: Mapping[uuid.UUID, Load] = field(default_factory=dict)
    closed: Mapping[uuid.UUID, Closed] = field(default_factory=dict)
    abilities: Mapping[uuid.UUID, Ability] = field(default_factory=dict)
    goods: Mapping[uuid.UUID, Goods] = field(default_factory=dict)
    credit_left: Mapping[uuid.UUID, int] = field(default_factory=dict)
    ratings: Mapping[uuid.UUID, int] = field(default_factory=dict)
    taken: Mapping[uuid.UUID, int] = field(default_factory=dict)

    def of_offer(self, offer: Offer, context: Context) -> tuple[str, ...]:
        """The rules that an offer breaks wherever its goods lie."""
        rules, broken = context.policy.rules, []
        load = self.loads.get(offer.seller_id)
        if rules.over_capacity and load is not None and load.is_full:
            broken.append("over_capacity")
        if rules.seller_closed and offer.seller_id in self.closed:
            broken.append("seller_closed")
        return tuple(broken)

    def of_place(self, offer: Offer, place: Place, policy: Policy) -> tuple[str, ...]:
        """The rules that an offer breaks at one of its places."""
        ability = self.abilities.get(place.location_id, Ability())
        goods = self.goods.get(offer.variant_id, Goods())
        broken = []
        if policy.rules.hazardous_unfit in goods.marks and not ability.hazardous:
            broken.append("hazardous_unfit")
        sizes = policy.rules.oversize_unfit
        if sizes is not None and not ability.oversize:
            is_large = goods.longest_mm >= sizes.longest_mm or offer.weight_g >= sizes.weight_g
            broken += ["oversize_unfit"] * is_large
        return tuple(broken)

    def beyond_credit(self, judged: Sequence[Judged], quantities: Sequence[int]) -> set[uuid.UUID]:
        """Sellers that the buyer may not owe all that they could deliver.

        Asked of the most that a seller could get, so that no plan exceeds its credit.
        """
        owed = self.most_owed(judged, quantities)
        return {seller for seller, value in owed.items() if value > self.credit_left[seller]}

    def most_owed(
        self, judged: Sequence[Judged], quantities: Sequence[int]
    ) -> Mapping[uuid.UUID, int]:
        """What the buyer would owe sellers with an account for all that they could deliver."""
        most: dict[uuid.UUID, int] = {}
        for offer, _, sound in judged:
            if not sound or offer.seller_id not in self.credit_left:
                continue
            if offer.selling_model == "agency":
                units = min(sum(available for _, available in sound), quantities[offer.line_no])
                value = seller_price(offer).extend(units)
                most[offer.seller_id] = most.get(offer.seller_id, 0) + value
        return most

    def above_share(self, balance: LoadBalance, sellers: Sequence[uuid.UUID]) -> set[uuid.UUID]:
        """Those of the sellers that had more than their share of what all of them got."""
        total = sum(self.taken.get(seller, 0) for seller in sellers)
        quotas = {each: balance.shares_bps[each] for each in sellers if each in balance.shares_bps}
        # An equal part of the rest, as a fraction: rounded down, everybody could be above it.
        rest = max(0, WHOLE - sum(quotas.values())), len(sellers) - len(quotas)
        return {
            seller
            for seller in sellers
            if _is_above(self.taken.get(seller, 0), total, quotas.get(seller), rest)
        }


def _is_above(taken: int, total: int, quota: int | None, rest: tuple[int, int]) -> bool:
    share, among = rest if quota is None else (quota, 1)
    return taken * WHOLE * among > share * total


NOTHING = Extras()
