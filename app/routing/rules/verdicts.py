"""Every hard rule, judged for every candidate; all that are broken are kept."""

import uuid
from collections.abc import Iterable, Mapping, Sequence

from app.kernel.money import UnitPrice
from app.kernel.quantity import OrderingRule
from app.routing.freight import Tariff, TariffTable, great_circle_km
from app.routing.rules.facts import (
    Candidate,
    Context,
    Judged,
    RoutingRequest,
    ShipTo,
    seller_price,
)

REASONS = {
    "variant_inactive": "the manufacturer does not sell this variant now",
    "not_in_pool": "the storefront does not work with this seller",
    "blocked_by_buyer": "the buyer's trading account blocks this seller",
    "refused_before": "this seller has already refused these units",
    "seller_suspended": "the seller is suspended",
    "agreement_inactive": "no agreement for this manufacturer is in force",
    "chain_broken": "an agreement above the seller's is not in force",
    "outside_territory": "the delivery address lies outside the seller's territory",
    "outside_assortment": "the variant lies outside the seller's assortment",
    "exclusive_to_other": "another seller is exclusive there for this category",
    "no_selling_terms": "no terms say how this seller is paid through this storefront",
    "offer_inactive": "the offer is paused or withdrawn",
    "quantity_not_orderable": "the quantity breaks the offer's minimum, maximum or step",
    "no_price": "no price applies to this buyer, quantity and instant",
    "no_stock": "nothing is available at this location",
    "no_freight": "no freight table reaches the delivery address",
    "below_minimum_order": "everything it could deliver stays below its minimum order value",
}


def judge(
    candidate: Candidate, request: RoutingRequest, context: Context, tariff: Tariff | None
) -> tuple[str, ...]:
    """Every hard rule that a candidate breaks, in the order of :data:`REASONS`."""
    if _is_sound(candidate, request, context) and tariff is not None:
        return ()
    c = candidate
    quantity = request.lines[c.line_no].quantity
    orderable = OrderingRule(c.minimum_quantity, c.quantity_step, c.maximum_quantity)
    broken = (
        ("variant_inactive", not c.variant_active),
        ("not_in_pool", not c.in_pool),
        ("blocked_by_buyer", c.seller_id in context.blocked_sellers),
        ("refused_before", (c.seller_id, c.variant_id) in request.refused),
        ("seller_suspended", not c.seller_active),
        ("agreement_inactive", not c.authorised),
        ("chain_broken", c.authorised and not c.intact),
        ("outside_territory", c.authorised and not c.covers_place),
        ("outside_assortment", c.authorised and not c.covers_category),
        ("exclusive_to_other", not c.exclusive_ok),
        ("no_selling_terms", c.authorised and c.selling_model is None),
        ("offer_inactive", not c.offer_active),
        ("quantity_not_orderable", not orderable.admits(quantity)),
        ("no_price", c.seller_price_minor is None or c.buyer_price_minor is None),
        ("no_stock", c.location_id is None or c.available <= 0),
        ("no_freight", c.location_id is not None and tariff is None),
    )
    return tuple(code for code, is_broken in broken if is_broken)


def _is_sound(c: Candidate, request: RoutingRequest, context: Context) -> bool:
    """Whether no rule but freight can be broken: the same rules at once, for the many that pass."""
    facts = (
        c.variant_active,
        c.in_pool,
        c.seller_active,
        c.offer_active,
        c.authorised,
        c.intact,
        c.covers_place,
        c.covers_category,
        c.exclusive_ok,
        c.selling_model,
        c.seller_price_minor is not None,
        c.buyer_price_minor is not None,
        c.location_id,
        c.available > 0,
    )
    return (
        all(facts)
        and c.minimum_quantity == c.quantity_step == 1
        and c.maximum_quantity is None
        and c.seller_id not in context.blocked_sellers
        and (c.seller_id, c.variant_id) not in request.refused
    )


class Places:
    """Distance and tariff of each location, worked out once a request."""

    def __init__(self, ship_to: ShipTo, freight: Mapping[uuid.UUID | None, TariffTable]) -> None:
        self._ship_to = (ship_to.latitude, ship_to.longitude)
        self._freight = freight
        self._known: dict[uuid.UUID, tuple[int, Tariff | None]] = {}

    def of(self, candidate: Candidate) -> tuple[int, Tariff | None]:
        """(distance in whole km rounded up, tariff there) of a candidate's location."""
        if candidate.location_id is None:
            return 0, None
        known = self._known.get(candidate.location_id)
        if known is None:
            known = self._known[candidate.location_id] = self._measure(candidate)
        return known

    def _measure(self, candidate: Candidate) -> tuple[int, Tariff | None]:
        assert candidate.latitude is not None
        assert candidate.longitude is not None
        km = great_circle_km((candidate.latitude, candidate.longitude), self._ship_to)
        table = self._freight.get(candidate.seller_id) or self._freight.get(None)
        return int(-(-km // 1)), table.find_tariff(km) if table else None


def judge_all(
    candidates: Iterable[Candidate], request: RoutingRequest, context: Context
) -> tuple[list[Judged], Places]:
    """Judge every candidate by every hard rule, the minimum order value last."""
    places = Places(request.ship_to, context.freight)
    judged = [Judged(c, judge(c, request, context, places.of(c)[1])) for c in candidates]
    hopeless = _below_minimum(judged, request)
    return [
        Judged(item.candidate, ("below_minimum_order",))
        if not item.broken and item.candidate.seller_id in hopeless
        else item
        for item in judged
    ], places


def _below_minimum(judged: Sequence[Judged], request: RoutingRequest) -> set[uuid.UUID]:
    """Sellers that stay below their minimum even if they delivered all that they could."""
    stock: dict[tuple[uuid.UUID, int], int] = {}
    price: dict[tuple[uuid.UUID, int], UnitPrice] = {}
    minimum: dict[uuid.UUID, int] = {}
    for item in judged:
        if item.broken:
            continue
        c = item.candidate
        key = c.seller_id, c.line_no
        stock[key] = stock.get(key, 0) + c.available
        price[key] = seller_price(c)
        minimum[c.seller_id] = 0 if c.seller_id in request.minimum_met else c.minimum_order_minor
    most: dict[uuid.UUID, int] = {}
    for (seller_id, line_no), units in stock.items():
        quantity = min(units, request.lines[line_no].quantity)
        value = price[seller_id, line_no].extend(quantity)
        most[seller_id] = most.get(seller_id, 0) + value
    return {seller_id for seller_id, value in most.items() if value < minimum[seller_id]}
