"""Broken rules with what was measured and what was required: the decision's own facts first."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from app.routing.explain import LineStory, Story
from app.routing.queries import HeldFacts, OrderFacts
from app.routing.why.verdicts import Rule, Verdict, goods_value

Measured = tuple[Mapping[str, Any], Mapping[str, Any]]
_NOTHING: Measured = ({}, {})
# What the buyer would pay is no business of who supplies the storefront.
_BUYERS_PRICE = frozenset({"substitute_dearer", "price_not_allowed"})


@dataclass(frozen=True, slots=True)
class Measures:
    """What a story, its order and its time say about broken rules."""

    story: Story
    order: OrderFacts
    held: HeldFacts

    def of(self, line: int, verdict: Verdict) -> list[Rule]:
        """The rules of a verdict with their facts: what is broken, or lets it give but a part."""
        told = self.story.lines[line]
        rules = verdict.rules or self._limits(told, verdict)
        return [self._with_facts(rule, told, verdict) for rule in rules]

    def _limits(self, line: LineStory, verdict: Verdict) -> list[Rule]:
        """The rules that excluded nobody and were measured; they are no buyer's business."""
        if verdict.code not in {"eligible", "chosen"} or self.order.sight == "buyer":
            return []
        limit = Rule("over_capacity", verdict.location_ids)
        return [limit] if self.kept(limit, line, verdict)[0] else []

    def _with_facts(self, rule: Rule, line: LineStory, verdict: Verdict) -> Rule:
        measure = _MEASURES.get(rule.code, Measures.kept)
        measured, required = measure(self, rule, line, verdict)
        if rule.code in _BUYERS_PRICE and self.order.sight == "seller":
            measured, required = _NOTHING
        return replace(rule, measured=measured, required=required)

    def kept(self, rule: Rule, line: LineStory, verdict: Verdict) -> Measured:
        """What was kept with the decision; nothing, where a rule measures nothing."""
        candidates = self.story.decision.candidates
        for number, found in candidates.get("facts", {}).items():
            row = candidates["offers"][int(number)]
            is_meant = row[0] == line.position
            if is_meant and candidates["sellers"][row[1]] == str(verdict.seller_id):
                measured, required = found.get(rule.code, _NOTHING)
                if measured:
                    return measured, required
        return _NOTHING

    def allowed_price(self, rule: Rule, line: LineStory, verdict: Verdict) -> Measured:
        """What was asked beside what the manufacturer allowed."""
        measured, _ = self.kept(rule, line, verdict)
        return _both(measured, self.held.allowed_prices.get(line.variant_id, {}))

    def territory(self, _rule: Rule, line: LineStory, verdict: Verdict) -> Measured:
        """The address beside the territories that the seller held."""
        place = self.order.ship_to
        asked = f"{place['subdivision']} {place['postal_code']}".strip()
        held = self.held.territories.get((verdict.seller_id, line.variant_id))
        return _both({"asked": asked}, {"held": held})

    def refusal(self, _rule: Rule, line: LineStory, verdict: Verdict) -> Measured:
        """Why it had refused."""
        reason = self.held.refusals.get((verdict.seller_id, line.variant_id))
        return _both({"reason": reason}, {})

    def exclusivity(self, _rule: Rule, line: LineStory, _verdict: Verdict) -> Measured:
        """Who is exclusive there."""
        return _both({}, {"holders": self.held.holders.get(line.variant_id)})

    def stock(self, _rule: Rule, line: LineStory, verdict: Verdict) -> Measured:
        """What was available of what was asked."""
        return {"available": verdict.available}, {"asked": line.quantity}

    def quantity(self, _rule: Rule, line: LineStory, verdict: Verdict) -> Measured:
        """What was asked beside what may be asked."""
        kept = self.story.decision.candidates
        for number, row in enumerate(kept["offers"]):
            if row[0] == line.position and kept["sellers"][row[1]] == str(verdict.seller_id):
                found = kept.get("bounds", {}).get(str(number))
                if found:
                    minimum, maximum, step = found
                    return (
                        {"asked": line.quantity},
                        {"minimum": minimum, "maximum": maximum, "step": step},
                    )
        return _NOTHING

    def minimum_order(self, _rule: Rule, _line: LineStory, verdict: Verdict) -> Measured:
        """All that it could deliver beside its minimum order."""
        kept = self.story.decision.candidates
        number = str(kept["sellers"].index(str(verdict.seller_id)))
        minimum = kept.get("minimums", {}).get(number)
        if minimum is None:
            return _NOTHING
        could = [
            (other, line.quantity)
            for line in self.story.lines
            for other in line.others
            if other.seller_id == verdict.seller_id and other.codes == ("below_minimum_order",)
        ]
        return {"value": goods_value(could)}, {"minimum_order": minimum}

    def lateness(self, _rule: Rule, line: LineStory, verdict: Verdict) -> Measured:
        """The first day on which it would leave beside the last one that is wanted."""
        days = [
            other.ships_on
            for other in line.others
            if other.seller_id == verdict.seller_id and "too_late" in other.codes
        ]
        first = min((day for day in days if day), default=None)
        return _both({"ships_on": first}, {"ship_by": self.story.ship_by})

    def freight(self, rule: Rule, _line: LineStory, verdict: Verdict) -> Measured:
        """How far it is beside how far its freight goes."""
        far = [self.held.distances_km[place] for place in rule.location_ids]
        reach = self.held.reaches_km.get(verdict.seller_id, self.held.reaches_km.get(None))
        return _both({"distance": min(far, default=None)}, {"reach": reach})


def _both(measured: Mapping[str, Any], required: Mapping[str, Any]) -> Measured:
    """Facts of which all are known, or none."""
    if any(each is None for each in (*measured.values(), *required.values())):
        return _NOTHING
    return measured, required


Measure = Callable[[Measures, Rule, LineStory, Verdict], Measured]
_MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "outside_territory": Measures.territory,
        "refused_before": Measures.refusal,
        "exclusive_to_other": Measures.exclusivity,
        "no_stock": Measures.stock,
        "quantity_not_orderable": Measures.quantity,
        "below_minimum_order": Measures.minimum_order,
        "no_freight": Measures.freight,
        "too_late": Measures.lateness,
        "price_not_allowed": Measures.allowed_price,
    }
)


def places_of(story: Story) -> Sequence[uuid.UUID]:
    """Every location that was considered."""
    return [uuid.UUID(name) for name in story.decision.candidates["locations"]]


def sellers_of(story: Story) -> Sequence[uuid.UUID]:
    """Everybody who was considered."""
    return [uuid.UUID(name) for name in story.decision.candidates["sellers"]]
