"""What each term of a policy costs, in cost units, and each aim's amounts in its own unit; pure.

Per line (by the line's policy): goods, lead time, margin, carbon. Per consignment: split, rating,
distance, freight. Per seller order: priority, load balance by orders; load balance by units is paid
by the unit. Lead time is days from the order to the shipment, as the place counts days. The margin
that counts is what the storefront forgoes: the line's best margin less this one's, so that no cost
is below nought and serving a unit never earns anything.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.kernel.money import divide_half_up
from app.routing.freight import Tariff
from app.routing.problem import COST_SCALE, Level
from app.routing.rules.extras import NOTHING, Extras
from app.routing.rules.facts import (
    Context,
    Offer,
    buyer_price,
    seller_price,
)
from app.routing.rules.places import Place
from app.routing.rules.policies import Aim, Carbon, Policy

BEST_RATING = 500
_CENT = 100
_G_KM = 1_000_000  # gram kilometres make a tonne and kilometre
_KG = 1000


def seller_unit(offer: Offer) -> int:
    """What a unit costs at the fulfilling seller, in cost units."""
    price = seller_price(offer)
    return divide_half_up(price.amount_minor * COST_SCALE, price.per_quantity)


def margin_of(offer: Offer) -> int:
    """What the storefront has of a unit, in cost units."""
    price = buyer_price(offer)
    return divide_half_up(price.amount_minor * COST_SCALE, price.per_quantity) - seller_unit(offer)


def emitted_mg(carbon: Carbon, weight_g: int, km: int) -> int:
    """What carrying a weight so far emits, in milligrams of CO2e."""
    return carbon.g_per_tonne_km * weight_g * km * _KG // _G_KM


@dataclass(frozen=True, slots=True)
class Weights:
    """A request's policies, and what they need to know of all its candidates."""

    context: Context
    extras: Extras = NOTHING
    best_priority: int = 0
    best_margin: Mapping[int, int] = field(default_factory=dict)
    above_share: frozenset[uuid.UUID] = frozenset()

    @classmethod
    def of(cls, offers: Sequence[Offer], context: Context, extras: Extras) -> "Weights":
        """Look at all open offers once, for what the policies ask."""
        best = max((offer.priority for offer in offers), default=0)
        margins: dict[int, int] = {}
        if any(each.terms.margin_percent or "margin" in each.aims for each in context.policies):
            for offer in offers:
                held = margins.get(offer.line_no)
                margin = margin_of(offer)
                margins[offer.line_no] = margin if held is None else max(held, margin)
        above: frozenset[uuid.UUID] = frozenset()
        balance = context.policy.terms.load_balance
        if balance is not None:
            sellers = sorted({offer.seller_id for offer in offers})
            above = frozenset(extras.above_share(balance, sellers))
        return cls(context, extras, best, margins, above)

    def unit_cost(self, offer: Offer, goods: int) -> int:
        """What a unit costs wherever it lies and whenever it leaves."""
        terms = self.context.policy_of(offer.line_no).terms
        cost = goods if terms.goods_percent == _CENT else goods * terms.goods_percent // _CENT
        if terms.margin_percent:
            cost += self.lost_margin(offer) * terms.margin_percent // _CENT
        balance = self.context.policy.terms.load_balance
        if balance is not None and balance.counted == "units":
            cost += balance.minor * COST_SCALE * (offer.seller_id in self.above_share)
        return cost

    def delay_cost(self, offer: Offer, place: Place) -> int:
        """What it costs that a unit leaves its place only then."""
        minor = self.context.policy_of(offer.line_no).terms.lead_time_minor_per_day
        return minor * place.days_to_ship(offer.lead_time_days) * COST_SCALE if minor else 0

    def carriage_cost(self, offer: Offer, km: int) -> int:
        """What carrying a unit from its place costs besides freight."""
        carbon = self.context.policy_of(offer.line_no).terms.carbon
        if carbon is None:
            return 0
        milligrams = emitted_mg(carbon, offer.weight_g, km)
        return divide_half_up(milligrams * carbon.minor_per_kg * COST_SCALE, _KG * _KG)

    def lost_margin(self, offer: Offer) -> int:
        """How much less the storefront has of a unit than from the line's best candidate."""
        return self.best_margin[offer.line_no] - margin_of(offer)

    def steps_behind(self, offer: Offer) -> int:
        """How far an offer's priority is below the best one."""
        return self.best_priority - offer.priority

    def stars_below(self, seller_id: uuid.UUID) -> int:
        """Hundredths of stars below five; who is not rated yet is not blamed for it."""
        return BEST_RATING - self.extras.ratings.get(seller_id, BEST_RATING)

    def seller_cost(self, offer: Offer) -> int:
        """What using a seller at all costs."""
        terms = self.context.policy.terms
        cost = terms.priority_minor * self.steps_behind(offer) * COST_SCALE
        balance = terms.load_balance
        if balance is not None and balance.counted == "orders":
            cost += balance.minor * COST_SCALE * (offer.seller_id in self.above_share)
        return cost

    def consignment_cost(self, offer: Offer, km: int) -> int:
        """What a consignment costs besides its freight."""
        terms = self.context.policy.terms
        cost = (terms.split_minor + terms.distance_minor_per_km * km) * COST_SCALE
        if terms.rating_minor_per_star:
            below = self.stars_below(offer.seller_id)
            cost += terms.rating_minor_per_star * below * COST_SCALE // _CENT
        return cost

    def tariff(self, tariff: Tariff) -> Tariff:
        """What freight counts, of what it is."""
        percent = self.context.policy.terms.freight_percent
        if percent == _CENT:
            return tariff
        return Tariff(tuple((grams, price * percent // _CENT) for grams, price in tariff.bands))


@dataclass(frozen=True, slots=True)
class Posted:
    """What a problem's supplies, sources and sellers stand for, in its order."""

    supplies: Iterable[tuple[tuple[int, int], tuple[Offer, Place, int]]]
    sources: Sequence[tuple[uuid.UUID, uuid.UUID]]
    sellers: Sequence[Offer]
    distances_km: Sequence[int]
    tariffs: Sequence[Tariff]


def levels_of(policy: Policy, weights: Weights, posted: Posted) -> list[Level]:
    """What counts before the cost, in order; empty for a weighted policy."""
    return [_LEVELS[aim](weights, posted) for aim in policy.aims]


def _by_supply(
    measure: Callable[[Weights, Offer, Place, int], int],
) -> Callable[[Weights, Posted], Level]:
    def level(weights: Weights, posted: Posted) -> Level:
        return Level(
            supplies=[
                measure(weights, offer, place, posted.distances_km[source])
                for (_, source), (offer, place, _) in posted.supplies
            ]
        )

    return level


def _carbon_of(weights: Weights, offer: Offer, _place: Place, km: int) -> int:
    carbon = weights.context.policy.terms.carbon
    return 0 if carbon is None else emitted_mg(carbon, offer.weight_g, km)


def _days_to_ship(_weights: Weights, offer: Offer, place: Place, _km: int) -> int:
    return place.days_to_ship(offer.lead_time_days)


def _above(weights: Weights, offer: Offer, _place: Place, _km: int) -> int:
    return int(offer.seller_id in weights.above_share)


_LEVELS: Mapping[Aim, Callable[[Weights, Posted], Level]] = {
    "goods": _by_supply(lambda _weights, offer, _place, _km: seller_unit(offer)),
    "freight": lambda _, posted: Level(tariffs=posted.tariffs),
    "split": lambda _, posted: Level(sources=[1] * len(posted.sources)),
    "sellers": lambda _, posted: Level(sellers=[1] * len(posted.sellers)),
    "lead_time": _by_supply(_days_to_ship),
    "priority": lambda weights, posted: Level(
        sellers=[weights.steps_behind(offer) for offer in posted.sellers]
    ),
    "rating": lambda weights, posted: Level(
        sources=[weights.stars_below(seller) for seller, _ in posted.sources]
    ),
    "margin": _by_supply(lambda weights, offer, _place, _km: weights.lost_margin(offer)),
    "load_balance": _by_supply(_above),
    "distance": lambda _, posted: Level(sources=posted.distances_km),
    "carbon": _by_supply(_carbon_of),
}
