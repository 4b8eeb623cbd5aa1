"""What may stand for a line: asked for beside it, judged by itself, and taken as the line's; pure.

A substitute is asked for as a line of its own, so every rule is judged for it as for anything else;
then its candidates become the line's. One location gives a line either the wanted variant or one
substitute: the one of which it has more of what is wanted, the wanted one first.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.kernel.money import UnitPrice
from app.routing.rules.facts import (
    Context,
    Judged,
    Offer,
    RoutingRequest,
    WantedLine,
    buyer_price,
)
from app.routing.rules.verdicts import excluded


@dataclass(frozen=True, slots=True)
class Standing:
    """A request with what may stand for its lines; ``line_of`` says for which."""

    request: RoutingRequest
    context: Context
    line_of: Mapping[int, int] = field(default_factory=dict)


def with_substitutes(
    request: RoutingRequest, context: Context, wanted: Mapping[int, Sequence[uuid.UUID]]
) -> Standing:
    """Ask for substitutes as further lines."""
    taken = {line.variant_id for line in request.lines}
    pairs = [
        (line_no, variant)
        for line_no, variants in wanted.items()
        for variant in dict.fromkeys(variants)
        if variant not in taken
    ]
    first = len(request.lines)
    lines = [WantedLine(variant, request.lines[line_no].quantity) for line_no, variant in pairs]
    line_of = {first + position: line_no for position, (line_no, _) in enumerate(pairs)}
    policies = {
        position: context.line_policies[line_no]
        for position, line_no in line_of.items()
        if line_no in context.line_policies
    }
    return Standing(
        replace(request, lines=(*request.lines, *lines)),
        replace(context, line_policies={**context.line_policies, **policies}),
        line_of,
    )


def settle_judged(judged: list[Judged], standing: Standing) -> list[Judged]:
    """Make substitutes' candidates the lines' own; leave one variant a place."""
    if not standing.line_of:
        return judged
    prices = _prices_of(judged, standing)
    settled = [_as_line(each, standing, prices) for each in judged]
    return _one_a_place(settled, standing.request)


def _prices_of(judged: Iterable[Judged], standing: Standing) -> dict[int, UnitPrice]:
    return dearest_wanted(offer for offer, _, _ in judged if offer.line_no not in standing.line_of)


def dearest_wanted(offers: Iterable[Offer]) -> dict[int, UnitPrice]:
    """What the wanted variant of each line costs the buyer at most."""
    prices: dict[int, UnitPrice] = {}
    for offer in offers:
        if offer.buyer_price_minor is None:
            continue
        price, known = buyer_price(offer), prices.get(offer.line_no)
        if known is None or _is_dearer(price, known):
            prices[offer.line_no] = price
    return prices


def _is_dearer(price: UnitPrice, other: UnitPrice) -> bool:
    return price.amount_minor * other.per_quantity > other.amount_minor * price.per_quantity


def _as_line(judged: Judged, standing: Standing, prices: Mapping[int, UnitPrice]) -> Judged:
    line_no = standing.line_of.get(judged.offer.line_no)
    if line_no is None:
        return judged
    policy = standing.context.policy_of(line_no)
    price = prices.get(line_no)
    asked = policy.rules.substitute_dearer and judged.sound
    if asked and price is not None and _is_dearer(buyer_price(judged.offer), price):
        judged = excluded(judged, "substitute_dearer")
    return judged._replace(offer=judged.offer._replace(line_no=line_no))


def _one_a_place(judged: list[Judged], request: RoutingRequest) -> list[Judged]:
    best: dict[tuple[int, int], tuple[int, int, int]] = {}
    for position, (offer, _, sound) in enumerate(judged):
        line = request.lines[offer.line_no]
        for place, available in sound:
            units = min(available, line.quantity)
            rank = (units, int(offer.variant_id == line.variant_id), -position)
            key = offer.line_no, place.number
            best[key] = max(best.get(key, rank), rank)
    return [
        each._replace(sound=[
            (place, available) for place, available in each.sound
            if best[each.offer.line_no, place.number][2] == -position
        ])
        for position, each in enumerate(judged)
    ]  # fmt: skip
