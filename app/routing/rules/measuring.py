"""What was measured and what was required where a rule is broken, for whoever asks later; pure.

Only what is gone afterwards: what a seller took that day, what credit was left, what goods weighed
against what the policy said then. Territories, terms and freight have versions and are read again.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from app.kernel.money import UnitPrice
from app.routing.rules.extras import NOTHING, Extras, Goods, Load
from app.routing.rules.facts import Context, Decision, Judged, RoutingRequest, buyer_price
from app.routing.rules.substitutes import dearest_wanted

Facts = dict[str, Any]
Measured = tuple[Facts, Facts]


def facts_of(decision: Decision) -> dict[int, dict[str, Measured]]:
    """By a judged offer's position and rule: what was measured, and what was required."""
    measuring = _Measuring(
        decision.request, decision.context, decision.judged, decision.extras or NOTHING
    )
    found = {}
    for position, judged in enumerate(decision.judged):
        codes = _measurable(judged) or measuring.limits(judged)
        if codes:
            found[position] = {code: _MEASURES[code](measuring, judged) for code in codes}
    return found


def _measurable(judged: Judged) -> list[str]:
    broken = {code for _, _, codes in judged.verdicts for code in _measured(codes)}
    return [code for code in _MEASURES if code in broken] if broken else []


@lru_cache(maxsize=4096)
def _measured(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some broken rules of which a measure is kept."""
    return tuple(code for code in codes if code in _MEASURES)


def price_fact(price: UnitPrice) -> Facts:
    """A price as it is told."""
    return {"amount_minor": price.amount_minor, "per_quantity": price.per_quantity}


@dataclass(frozen=True)
class _Measuring:
    request: RoutingRequest
    context: Context
    judged: Sequence[Judged]
    extras: Extras

    def limits(self, judged: Judged) -> list[str]:
        """What breaks no rule and still gives no more: a day that has room for a part only."""
        asked = self.context.policy.rules.over_capacity and judged.sound
        load = self.extras.loads.get(judged.offer.seller_id)
        if not asked or load is None or load.units_left is None:
            return []
        wanted = self.request.lines[judged.offer.line_no].quantity
        return ["over_capacity"] if load.units_left < wanted else []

    def capacity(self, judged: Judged) -> Measured:
        """What the seller took today and is wanted besides, beside what it takes in a day."""
        load = self.extras.loads.get(judged.offer.seller_id, Load())
        wanted = self.request.lines[judged.offer.line_no].quantity
        taken = {"orders": load.orders, "units": load.units}
        limits = {"orders": load.orders_a_day, "units": load.units_a_day}
        set_ = [name for name, limit in limits.items() if limit is not None]
        return (
            {name: taken[name] for name in set_} | {"wanted": wanted},
            {f"{name}_a_day": limits[name] for name in set_},
        )

    def closure(self, judged: Judged) -> Measured:
        """The day, and from when to when the seller is closed."""
        closed = self.extras.closed[judged.offer.seller_id]
        return (
            {"day": closed.on.isoformat()},
            {"closed_from": closed.first.isoformat(), "closed_to": closed.last.isoformat()},
        )

    def credit(self, judged: Judged) -> Measured:
        """All that the seller could deliver, beside what the buyer may still owe it."""
        seller = judged.offer.seller_id
        return {"value": self._owed[seller]}, {"credit_left": self.extras.credit_left[seller]}

    @cached_property
    def _owed(self) -> Mapping[uuid.UUID, int]:
        """Of sellers that are beyond their credit: sound places were emptied when it was found."""
        beyond = [_at_places_of(each, "beyond_credit") for each in self.judged]
        return self.extras.most_owed(beyond, [line.quantity for line in self.request.lines])

    def pack(self, judged: Judged) -> Measured:
        """What lies at one place at the most, beside a pack."""
        units = [left for _, left, broken in judged.verdicts if "breaks_pack" in broken]
        return {"available": max(units)}, {"pack": judged.offer.order_step}

    def hazardous(self, judged: Judged) -> Measured:
        """The mark of the goods, and what the place would have to handle."""
        rules = self.context.policy_of(judged.offer.line_no).rules
        return {"marked": rules.hazardous_unfit}, {"handles": "hazardous"}

    def oversize(self, judged: Judged) -> Measured:
        """What is too long or too heavy, and from where on goods are oversize."""
        sizes = self.context.policy_of(judged.offer.line_no).rules.oversize_unfit
        assert sizes is not None
        goods = self.extras.goods.get(judged.offer.variant_id, Goods())
        sized = {
            "longest_mm": (goods.longest_mm, sizes.longest_mm),
            "weight_g": (judged.offer.weight_g, sizes.weight_g),
        }
        over = {name: pair for name, pair in sized.items() if pair[0] >= pair[1]}
        return (
            {name: pair[0] for name, pair in over.items()},
            {f"{name}_from": pair[1] for name, pair in over.items()},
        )

    def dearer(self, judged: Judged) -> Measured:
        """What the substitute costs the buyer, beside what it stands for."""
        wanted = self._wanted_prices[judged.offer.line_no]
        price = buyer_price(judged.offer)
        return {"price": price_fact(price)}, {"wanted_price": price_fact(wanted)}

    @cached_property
    def _wanted_prices(self) -> Mapping[int, UnitPrice]:
        lines = self.request.lines
        return dearest_wanted(
            each.offer for each in self.judged
            if each.offer.variant_id == lines[each.offer.line_no].variant_id
        )  # fmt: skip

    def price(self, judged: Judged) -> Measured:
        """What was asked; what is allowed has versions."""
        return {"price": price_fact(buyer_price(judged.offer))}, {}


def _at_places_of(judged: Judged, code: str) -> Judged:
    sound = [(place, units) for place, units, broken in judged.verdicts
             if place and broken == (code,)]  # fmt: skip
    return judged._replace(sound=sound)


_MEASURES: dict[str, Callable[[_Measuring, Judged], Measured]] = {
    "over_capacity": _Measuring.capacity,
    "seller_closed": _Measuring.closure,
    "beyond_credit": _Measuring.credit,
    "breaks_pack": _Measuring.pack,
    "hazardous_unfit": _Measuring.hazardous,
    "oversize_unfit": _Measuring.oversize,
    "substitute_dearer": _Measuring.dearer,
    "price_not_allowed": _Measuring.price,
}
