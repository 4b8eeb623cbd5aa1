"""A decision after sellers refused what they refused then: others are asked for those units.

Who is known to have refused a variant of this very order refuses it of every contender, down to the
units that it delivered after all; whoever was never asked then is taken to accept. All refusals
happen at once and one decision settles what is left, under the same policy, from the same facts:
parcels that go anyway pay what more goods add, and minimums that are met stay met. What is asked of
others is asked of their stock.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from app.backtest.rules import Aftermath
from app.backtest.rules.books import Taking, taking_of
from app.routing import operations as routing_operations
from app.routing.freight import consignment_price
from app.routing.operations import Gathered
from app.routing.problem import COST_SCALE, Strategy
from app.routing.rules import Assignment, Decision, Extras, Offer, WantedLine
from app.routing.rules.substitutes import Standing

Refusals = Mapping[tuple[uuid.UUID, uuid.UUID], int]
"""Units that a seller kept of a variant of which it refused some, by seller and variant."""


Parcel = tuple[uuid.UUID, date | None]
"""A location, and the day of what it sends that was still to come."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is left of a decision by assignment, and what has to come from others by line."""

    items: Sequence[tuple[Assignment, int]]
    rest: Mapping[int, int]

    def grams(self) -> dict[uuid.UUID, int]:
        """What each location still sends out of stock."""
        found: Counter[uuid.UUID] = Counter()
        for (location, later_on), grams in self.parcels().items():
            if later_on is None:
                found[location] += grams
        return dict(found)

    def parcels(self) -> Counter[Parcel]:
        """What each parcel weighs that still goes."""
        found: Counter[Parcel] = Counter()
        for item, units in self.items:
            parcel = item.candidate.location_id, _later_on(item)
            found[parcel] += item.candidate.offer.weight_g * units
        return found

    def taken(self) -> Counter[Taking]:
        """What is still taken, by location and variant, and day of what is to come."""
        found: Counter[Taking] = Counter()
        for item, units in self.items:
            found[_taking(item)] += units
        return found


def after_refusals(
    decision: Decision,
    gathered: Gathered,
    extras: Extras,
    refusals: Refusals,
    *,
    now: datetime,
    strategy: Strategy | None,
) -> Aftermath | None:
    """What a decision comes to; none where nobody it asks refused anything."""
    kept = _keep(decision.assignments, refusals)
    if not kept.rest:
        return None
    again = routing_operations.solve(
        _asked_again(gathered, kept, refusals), extras, now=now, strategy=strategy
    )
    taken = kept.taken()
    for item in again.assignments:
        taken[_taking(item)] += item.quantity
    goods = sum(_goods(item, units) for item, units in kept.items)
    return Aftermath(
        refused=sum(kept.rest.values()),
        served=sum(units for _, units in kept.items) + again.units_served,
        goods_minor=goods + again.goods_minor,
        freight_minor=_freight(decision, kept) + again.freight_minor,
        consignments=len({(key[0], *key[2:]) for key in taken}),
        taken=dict(taken),
    )


def _keep(assignments: Sequence[Assignment], refusals: Refusals) -> _Kept:
    left, rest = dict(refusals), Counter[int]()
    items = []
    for item in assignments:
        key = item.candidate.seller_id, item.candidate.variant_id
        units = min(item.quantity, left[key]) if key in left else item.quantity
        if key in left:
            left[key] -= units
        if units:
            items.append((item, units))
        if units < item.quantity:
            rest[item.line_no] += item.quantity - units
    return _Kept(items, rest)


def _asked_again(gathered: Gathered, kept: _Kept, refusals: Refusals) -> Gathered:
    """The facts of the units that are left to be served; nothing stands for their lines."""
    places = {line_no: number for number, line_no in enumerate(sorted(kept.rest))}
    request = replace(
        gathered.request,
        lines=tuple(
            WantedLine(gathered.request.lines[line_no].variant_id, kept.rest[line_no])
            for line_no in places
        ),
        refused=frozenset(refusals),
        minimum_met=frozenset(item.candidate.seller_id for item, _ in kept.items),
        opened=kept.grams(),
        ship_complete=False,
        kits=(),
        substitutes={},
        takes_successor=frozenset(),
    )
    policies = gathered.context.line_policies
    context = replace(
        gathered.context,
        line_policies={places[no]: policy for no, policy in policies.items() if no in places},
    )
    taken = kept.taken()
    offers = [_left(each, places, taken) for each in gathered.offers if each.line_no in places]
    return Gathered(request, context, Standing(request, context), offers)


def _later_on(item: Assignment) -> date | None:
    return item.candidate.ships_on if item.candidate.is_later else None


def _taking(item: Assignment) -> Taking:
    return taking_of(item.candidate.location_id, item.candidate.variant_id, _later_on(item))


def _left(offer: Offer, places: Mapping[int, int], taken: Mapping[Taking, int]) -> Offer:
    lying = [
        (place, max(0, units - taken.get((place.location_id, offer.variant_id), 0)))
        for place, units in offer.lying
    ]
    return offer._replace(line_no=places[offer.line_no], lying=lying)


def _goods(item: Assignment, units: int) -> int:
    """The goods of a part, at the price of the whole."""
    if units == item.quantity:
        return item.seller_goods_minor
    return item.seller_goods_minor * units // item.quantity


def _freight(decision: Decision, kept: _Kept) -> int:
    """What the parcels cost that still go, with what is left in them."""
    assert decision.posed is not None
    tariffs = {
        location: tariff
        for (_, location), tariff in zip(
            decision.posed.sources, decision.posed.tariffs, strict=True
        )
    }
    return sum(
        consignment_price(tariffs[location], grams) // COST_SCALE
        for (location, _), grams in kept.parcels().items()
    )
