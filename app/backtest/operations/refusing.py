"""A decision after sellers refused what they refused then: others are asked for those units.

Who is known to have refused a variant of this very order refuses it of every contender, down to the
units that it delivered after all; whoever was never asked then is taken to accept. That somebody
refuses is known when it was asked: others are then asked for what is left, as often as the policy
lets an order be routed, from the same facts. Parcels that go anyway pay what more goods add, and
minimums that are met stay met. What is asked of others is asked of their stock.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from app.backtest.rules import Aftermath
from app.backtest.rules.books import Taking, taking_of
from app.routing import operations as routing_operations
from app.routing.freight import Tariff, consignment_price
from app.routing.operations import Gathered
from app.routing.problem import COST_SCALE, Strategy
from app.routing.rules import Assignment, Decision, Extras, Offer, WantedLine
from app.routing.rules.substitutes import Standing

Refusals = Mapping[tuple[uuid.UUID, uuid.UUID], int]
"""Units that a seller kept of a variant of which it refused some, by seller and variant."""


Parcel = tuple[uuid.UUID, date | None]
"""A location, and the day of what it sends that was still to come."""


@dataclass(slots=True)
class _Story:
    """What an order has come to so far.

    ``left``: what refusers still keep; ``known``: who has refused; ``rest``: units by line that
    have to come from others.
    """

    left: dict[tuple[uuid.UUID, uuid.UUID], int]
    rest: Counter[int]
    items: list[tuple[Assignment, int]] = field(default_factory=list)
    known: set[tuple[uuid.UUID, uuid.UUID]] = field(default_factory=set)
    tariffs: dict[uuid.UUID, Tariff] = field(default_factory=dict)
    refused: int = 0

    def hear(self, decision: Decision, lines: Sequence[int]) -> None:
        """Sellers answer to what they are asked; ``lines`` are the decision's in the order."""
        assert decision.posed is not None
        for (_, location), tariff in zip(
            decision.posed.sources, decision.posed.tariffs, strict=True
        ):
            self.tariffs[location] = tariff
        for item in decision.assignments:
            units = self._kept(item)
            self.rest[lines[item.line_no]] -= units
            self.refused += item.quantity - units
            if units:
                self.items.append((item, units))

    def _kept(self, item: Assignment) -> int:
        key = item.candidate.seller_id, item.candidate.variant_id
        if key not in self.left:
            return item.quantity
        units = min(item.quantity, self.left[key])
        self.left[key] -= units
        if units < item.quantity:
            self.known.add(key)
        return units

    def grams(self) -> dict[uuid.UUID, int]:
        """What each location still sends out of stock."""
        return {
            location: grams
            for (location, later_on), grams in self.parcels().items()
            if later_on is None
        }

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

    def freight(self) -> int:
        """What the parcels cost that go, with what is in them in the end."""
        return sum(
            consignment_price(self.tariffs[location], grams) // COST_SCALE
            for (location, _), grams in self.parcels().items()
        )

    def aftermath(self) -> Aftermath:
        """All of it in figures."""
        return Aftermath(
            refused=self.refused,
            served=sum(units for _, units in self.items),
            goods_minor=sum(_goods(item, units) for item, units in self.items),
            freight_minor=self.freight(),
            consignments=len(self.parcels()),
            taken=dict(self.taken()),
        )


def after_refusals(
    decision: Decision,
    gathered: Gathered,
    extras: Extras,
    refusals: Refusals,
    *,
    attempts: int,
    now: datetime,
    strategy: Strategy | None,
) -> Aftermath | None:
    """What a decision comes to; none where nobody it asks refused anything."""
    planned: Counter[int] = Counter()
    for item in decision.assignments:
        planned[item.line_no] += item.quantity
    story = _Story(dict(refusals), planned)
    story.hear(decision, range(len(decision.request.lines)))
    if not story.refused:
        return None
    for _ in range(attempts - 1):
        lines = sorted(line_no for line_no, units in story.rest.items() if units)
        if not lines:
            break
        asked = _asked_again(gathered, story, lines)
        again = routing_operations.solve(asked, extras, now=now, strategy=strategy)
        if not again.units_served:
            break
        story.hear(again, lines)
    return story.aftermath()


def _asked_again(gathered: Gathered, story: _Story, lines: Sequence[int]) -> Gathered:
    """The facts of the units that are left to be served; nothing stands for their lines."""
    places = {line_no: number for number, line_no in enumerate(lines)}
    request = replace(
        gathered.request,
        lines=tuple(
            WantedLine(gathered.request.lines[line_no].variant_id, story.rest[line_no])
            for line_no in places
        ),
        refused=frozenset(story.known),
        minimum_met=frozenset(item.candidate.seller_id for item, _ in story.items),
        opened=story.grams(),
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
    taken = story.taken()
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
