"""What each term of its policies adds to a decision's objective; pure.

Law: the parts sum to what the plan costs, to the cost unit, whatever the terms.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, get_args

from app.kernel.money import divide_half_up
from app.routing.freight import consignment_price
from app.routing.problem import COST_SCALE
from app.routing.rules.extras import NOTHING, Extras
from app.routing.rules.facts import Assignment, Decision, Offer
from app.routing.rules.posing import Posed
from app.routing.rules.weighing import Weights, seller_unit

Term = Literal[
    "goods", "freight", "split", "lead_time", "priority", "rating", "margin", "load_balance",
    "distance", "carbon",
]  # fmt: skip
TERMS: tuple[Term, ...] = get_args(Term)
_CENT = 100
_Parts = Iterator[tuple[Term, int]]


def terms_of(decision: Decision, extras: Extras = NOTHING) -> dict[Term, int]:
    """Cost units by term, those of nothing too; a decision without its problem has none."""
    found: Counter[Term] = Counter(dict.fromkeys(TERMS, 0))
    posed = decision.posed
    if posed is None:
        return dict(found)
    open_ones = [offer for offer, _, sound in decision.judged if sound]
    weights = Weights.of(open_ones, decision.context, extras)
    numbers = {
        (*place, posed.later.get(number)): number for number, place in enumerate(posed.sources)
    }
    for item in decision.assignments:
        candidate = item.candidate
        leaves = candidate.ships_on if candidate.is_later else None
        source = numbers[candidate.seller_id, candidate.location_id, leaves]
        for term, amount in _of_goods(weights, item, posed.distances_km[source]):
            found[term] += amount
    used = [
        numbers[each.seller_id, each.location_id, each.later_on] for each in decision.consignments
    ]
    for place, number in zip(decision.consignments, used, strict=True):
        sent_anyway = place.location_id in decision.request.opened and place.later_on is None
        for term, amount in _of_parcel(weights, posed, number, place.weight_g, sent_anyway):
            found[term] += amount
    for offer in _first_offers(open_ones, {each.seller_id for each in decision.consignments}):
        for term, amount in _of_seller(weights, offer):
            found[term] += amount
    return dict(found)


def in_minor(terms: Mapping[Term, int]) -> dict[Term, int]:
    """The same in minor units; they sum to the objective as it is told."""
    told: dict[Term, int] = {}
    total = before = 0
    for term in TERMS:
        total += terms[term]
        rounded = divide_half_up(total, COST_SCALE)
        told[term], before = rounded - before, rounded
    return told


def _of_goods(weights: Weights, item: Assignment, km: int) -> _Parts:
    offer, units = item.candidate.offer, item.quantity
    terms = weights.context.policy_of(offer.line_no).terms
    yield "goods", seller_unit(offer) * terms.goods_percent // _CENT * units
    days = terms.lead_time_minor_per_day * item.candidate.days_to_ship
    yield "lead_time", days * COST_SCALE * units
    if terms.margin_percent:
        yield "margin", weights.lost_margin(offer) * terms.margin_percent // _CENT * units
    yield "carbon", weights.carriage_cost(offer, km) * units
    balance = weights.context.policy.terms.load_balance
    if balance is not None and balance.counted == "units":
        above = offer.seller_id in weights.above_share
        yield "load_balance", balance.minor * COST_SCALE * above * units


def _of_parcel(
    weights: Weights,
    posed: Posed,
    number: int,
    grams: int,
    sent_anyway: bool,  # noqa: FBT001 - a fact
) -> _Parts:
    yield "freight", consignment_price(posed.problem.sources[number].tariff, grams)
    if sent_anyway:
        return
    terms = weights.context.policy.terms
    yield "split", terms.split_minor * COST_SCALE
    yield "distance", terms.distance_minor_per_km * posed.distances_km[number] * COST_SCALE
    below = weights.stars_below(posed.sources[number][0])
    yield "rating", terms.rating_minor_per_star * below * COST_SCALE // _CENT


def _of_seller(weights: Weights, offer: Offer) -> _Parts:
    terms = weights.context.policy.terms
    priority = terms.priority_minor * weights.steps_behind(offer) * COST_SCALE
    yield "priority", priority
    yield "load_balance", weights.seller_cost(offer) - priority


def _first_offers(offers: Sequence[Offer], sellers: set[object]) -> Iterator[Offer]:
    """The offer of each seller that stands for it in the problem."""
    seen: set[object] = set()
    for offer in offers:
        if offer.seller_id in sellers and offer.seller_id not in seen:
            seen.add(offer.seller_id)
            yield offer
