"""Every hard rule, judged for every candidate; all that are broken are kept."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from math import ceil

from app.kernel.geometry import distances_to
from app.kernel.quantity import OrderingRule
from app.routing.freight import Tariff, TariffTable
from app.routing.rules.extras import NOTHING, Extras
from app.routing.rules.facts import (
    Context,
    Judged,
    Offer,
    RoutingRequest,
    ShipTo,
    Verdict,
    buyer_price,
    seller_price,
)
from app.routing.rules.places import Place

# Five hundred lines of it, ten times as much by a policy, are whole numbers of 64 bits.
MOST_LINE_MINOR = 10**12

REASONS = {
    "variant_inactive": "the manufacturer does not sell this variant now",
    "not_shown": "the storefront's or the buyer's assortment leaves the variant out",
    "not_in_pool": "the storefront does not work with this seller",
    "blocked_by_buyer": "the buyer's trading account blocks this seller",
    "refused_before": "this seller has already refused these units",
    "seller_suspended": "the seller is suspended",
    "agreement_inactive": "no agreement for this manufacturer is in force",
    "chain_broken": "an agreement above the seller's is not in force or does not cover this",
    "outside_territory": "the delivery address lies outside the seller's territory",
    "outside_assortment": "the variant lies outside the seller's assortment",
    "exclusive_to_other": "another seller is exclusive there for this category",
    "no_selling_terms": "no terms say how this seller is paid through this storefront",
    "offer_inactive": "the offer is paused, withdrawn or not valid at this instant",
    "quantity_not_orderable": "the quantity breaks the offer's minimum, maximum or step",
    "no_price": "no price applies to this buyer, quantity and instant",
    "value_too_great": "goods of such a value are beyond what is reckoned with",
    "price_not_allowed": "the price lies outside of what the manufacturer allows",
    "over_capacity": "the seller takes no more orders or units today",
    "seller_closed": "the seller takes no orders on this day",
    "no_stock": "nothing is available at this location",
    "no_ship_day": "nothing leaves this location within sight",
    "too_late": "it would leave after the day by which the buyer wants it to",
    "no_freight": "no freight table reaches the delivery address",
    "breaks_pack": "less than a pack is available at this location",
    "hazardous_unfit": "this location does not handle hazardous goods",
    "oversize_unfit": "this location does not handle oversize goods",
    "substitute_dearer": "it stands for another variant and would cost the buyer more",
    "beyond_credit": "the buyer's credit with this seller does not cover what it could deliver",
    "below_minimum_order": "everything it could deliver stays below its minimum order value",
}


def judge(offer: Offer, request: RoutingRequest, context: Context) -> tuple[str, ...]:
    """The rules that an offer breaks wherever its goods lie, in the order of :data:`REASONS`."""
    o = offer
    if _is_sound(o, request, context):
        return ()
    return (
        _barred(o, request, context)
        + _unentitled(
            o.authorised,
            o.intact,
            o.covers_place,
            o.covers_assortment,
            o.exclusive_ok,
            o.selling_model is not None,
        )
        + ("offer_inactive",) * (not o.offer_active)
        + ("quantity_not_orderable",) * (not _is_orderable(o, request))
        + ("no_price",) * (o.seller_price_minor is None or o.buyer_price_minor is None)
        + ("price_not_allowed",) * (not o.price_allowed)
    )


def _is_orderable(o: Offer, request: RoutingRequest) -> bool:
    if o.minimum_quantity == o.order_step == 1 and o.maximum_quantity is None:
        return True
    rule = OrderingRule(o.minimum_quantity, o.order_step, o.maximum_quantity)
    return rule.admits(request.lines[o.line_no].quantity)


def _barred(o: Offer, request: RoutingRequest, context: Context) -> tuple[str, ...]:
    """What keeps a variant or a seller from this buyer, whatever was agreed."""
    if (
        o.variant_active
        and o.is_shown
        and o.in_pool
        and o.seller_active
        and not context.blocked_sellers
        and not request.refused
    ):
        return ()
    broken = (
        ("variant_inactive", not o.variant_active),
        ("not_shown", not o.is_shown),
        ("not_in_pool", not o.in_pool),
        ("blocked_by_buyer", o.seller_id in context.blocked_sellers),
        ("refused_before", (o.seller_id, o.variant_id) in request.refused),
        ("seller_suspended", not o.seller_active),
    )
    return tuple([code for code, is_broken in broken if is_broken])


@cache
def _unentitled(*holds: bool) -> tuple[str, ...]:
    """What of an offer's agreements does not hold here; asked by the hundred, of a few answers."""
    authorised, intact, covers_place, covers_assortment, exclusive_ok, has_terms = holds
    broken = (
        ("agreement_inactive", not authorised),
        ("chain_broken", authorised and not intact),
        ("outside_territory", authorised and not covers_place),
        ("outside_assortment", authorised and not covers_assortment),
        ("exclusive_to_other", not exclusive_ok),
        ("no_selling_terms", authorised and not has_terms),
    )
    return tuple([code for code, is_broken in broken if is_broken])


def _is_sound(o: Offer, request: RoutingRequest, context: Context) -> bool:
    """Whether none of these rules can be broken: all at once, for the many that pass."""
    return (
        o.variant_active
        and o.is_shown
        and o.in_pool
        and o.seller_active
        and o.offer_active
        and o.authorised
        and o.intact
        and o.covers_place
        and o.covers_assortment
        and o.exclusive_ok
        and o.price_allowed
        and o.selling_model is not None
        and o.seller_price_minor is not None
        and o.buyer_price_minor is not None
        and o.minimum_quantity == o.order_step == 1
        and o.maximum_quantity is None
        and o.seller_id not in context.blocked_sellers
        and not (request.refused and (o.seller_id, o.variant_id) in request.refused)
    )


class Places:
    """Distance and tariff of each place, worked out once a request."""

    def __init__(self, ship_to: ShipTo, freight: Mapping[uuid.UUID | None, TariffTable]) -> None:
        self._km_from = distances_to((ship_to.latitude, ship_to.longitude))
        self._freight, self._general = freight, freight.get(None)
        self.known: dict[int, tuple[int, Tariff | None]] = {}

    def of(self, place: Place, seller_id: uuid.UUID) -> tuple[int, Tariff | None]:
        """(distance in whole km rounded up, tariff there) of a seller's place."""
        known = self.known.get(place.number)
        if known is None:
            known = self.known[place.number] = self._measure(place, seller_id)
        return known

    def _measure(self, place: Place, seller_id: uuid.UUID) -> tuple[int, Tariff | None]:
        km = self._km_from(place.latitude, place.longitude)
        table = self._freight.get(seller_id) or self._general
        return ceil(km), table.find_tariff(km) if table else None


def judge_all(
    offers: Iterable[Offer],
    request: RoutingRequest,
    context: Context,
    extras: Extras = NOTHING,
) -> tuple[list[Judged], Places]:
    """Judge every offer at every place by every hard rule, those about a seller's whole last."""
    places = Places(request.ship_to, context.freight)
    if extras is NOTHING:
        judged = [_at_places(offer, judge(offer, request, context), places) for offer in offers]
    else:
        judged = [_with_extras(offer, request, context, places, extras) for offer in offers]
        quantities = [line.quantity for line in request.lines]
        if context.policy.rules.beyond_credit:
            judged = _without(judged, extras.beyond_credit(judged, quantities), "beyond_credit")
    judged = _within_reckoning(judged, request)
    if request.ship_by is not None:
        judged = [_in_time(each, request.ship_by) for each in judged]
    if any(policy.rules.breaks_pack for policy in context.policies):
        judged = [_in_packs(each, context) for each in judged]
    if context.policy.rules.below_minimum_order:
        judged = _without(judged, _below_minimum(judged, request), "below_minimum_order")
    return judged, places


def _within_reckoning(judged: list[Judged], request: RoutingRequest) -> list[Judged]:
    """The same, without lines of a value that would make sums of an order overflow."""
    doubtful = MOST_LINE_MINOR // max([line.quantity for line in request.lines], default=1)
    return [
        excluded(each, "value_too_great")
        if each.sound and max(_prices(each.offer)) > doubtful and _is_beyond(each.offer, request)
        else each
        for each in judged
    ]


def _prices(offer: Offer) -> tuple[int, int]:
    return offer.seller_price_minor or 0, offer.buyer_price_minor or 0


def _is_beyond(offer: Offer, request: RoutingRequest) -> bool:
    quantity = request.lines[offer.line_no].quantity
    values = (price.extend(quantity) for price in (seller_price(offer), buyer_price(offer)))
    return max(values) > MOST_LINE_MINOR


def _in_packs(judged: Judged, context: Context) -> Judged:
    """The same, without places where there is less than a pack; who has none breaks none."""
    offer = judged.offer
    step = offer.order_step if context.policy_of(offer.line_no).rules.breaks_pack else 1
    if all(available >= step for _, available in judged.sound):
        return judged
    verdicts = [
        (place, available, ("breaks_pack",) if not broken and available < step else broken)
        for place, available, broken in judged.verdicts
    ]
    sound = [(place, available) for place, available in judged.sound if available >= step]
    return Judged(offer, verdicts, sound)


def _with_extras(
    offer: Offer, request: RoutingRequest, context: Context, places: Places, extras: Extras
) -> Judged:
    of_offer = judge(offer, request, context) + extras.of_offer(offer, context)
    judged = _at_places(offer, of_offer, places)
    policy = context.policy_of(offer.line_no)
    verdicts = [
        (place, available, broken + extras.of_place(offer, place, policy) if place else broken)
        for place, available, broken in judged.verdicts
    ]
    sound = [(place, units) for place, units, broken in verdicts if place and not broken]
    return Judged(offer, verdicts, sound)


def _in_time(judged: Judged, ship_by: date) -> Judged:
    """The same, with every place excluded that its goods would leave too late."""
    offer = judged.offer
    late = {
        place.number
        for place, _, _ in judged.verdicts
        if place and (place.ships_on(offer.lead_time_days) or date.max) > ship_by
    }
    if not late:
        return judged
    verdicts = [
        (place, available, (*broken, "too_late") if place and place.number in late else broken)
        for place, available, broken in judged.verdicts
    ]
    sound = [(place, units) for place, units in judged.sound if place.number not in late]
    return Judged(offer, verdicts, sound)


def _at_places(offer: Offer, of_offer: tuple[str, ...], places: Places) -> Judged:
    if not offer.lying:
        return Judged(offer, [(None, 0, (*of_offer, "no_stock"))], ())
    verdicts: list[Verdict] = []
    sound: list[tuple[Place, int]] = []
    seller_id, known = offer.seller_id, places.known
    for place, available in offer.lying:
        _, tariff = known.get(place.number) or places.of(place, seller_id)
        broken = of_offer
        if available <= 0 or tariff is None or place.never_sends(offer.lead_time_days):
            broken += _lacking(offer, place, available, tariff)
        elif not broken:
            sound.append((place, available))
        verdicts.append((place, available, broken))
    return Judged(offer, verdicts, sound)


def _lacking(offer: Offer, place: Place, available: int, tariff: Tariff | None) -> tuple[str, ...]:
    return (
        ("no_stock",) * (available <= 0)
        + ("no_ship_day",) * place.never_sends(offer.lead_time_days)
        + ("no_freight",) * (tariff is None)
    )


def _without(judged: list[Judged], sellers: set[uuid.UUID], code: str) -> list[Judged]:
    """The same, with what these sellers could deliver excluded by a rule."""
    if not sellers:
        return judged
    return [excluded(each, code) if each.offer.seller_id in sellers else each for each in judged]


def excluded(judged: Judged, code: str) -> Judged:
    """The same offer, with a rule broken wherever none was."""
    verdicts = [
        (place, available, broken or (code,)) for place, available, broken in judged.verdicts
    ]
    return Judged(judged.offer, verdicts, ())


def _below_minimum(judged: Sequence[Judged], request: RoutingRequest) -> set[uuid.UUID]:
    """Sellers that stay below their minimum even if they delivered all that they could."""
    most: dict[uuid.UUID, int] = {}
    minimum: dict[uuid.UUID, int] = {}
    for offer, _, sound in judged:
        if not sound or not offer.minimum_order_minor or offer.seller_id in request.minimum_met:
            continue
        units = sum([available for _, available in sound])
        quantity = min(units, request.lines[offer.line_no].quantity)
        value = seller_price(offer).extend(quantity)
        most[offer.seller_id] = most.get(offer.seller_id, 0) + value
        minimum[offer.seller_id] = offer.minimum_order_minor
    return {seller_id for seller_id, value in most.items() if value < minimum[seller_id]}
