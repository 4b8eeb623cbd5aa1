"""The resale chain of each assignment, priced link by link."""

import uuid
from datetime import datetime

from app.infra.db import DbSession
from app.kernel.money import UnitPrice
from app.routing import queries
from app.routing.rules import Assignment, Decision, Hop


def price_hops(
    session: DbSession, decision: Decision, now: datetime
) -> dict[tuple[int, int], tuple[Hop, ...]]:
    """The resale chain of each assignment, priced link by link."""
    resold = [
        item for item in decision.assignments if item.candidate.offer.selling_model == "resale"
    ]
    later = [row for item in resold for row in _later_links(item, decision)]
    prices = (
        queries.list_hop_prices(
            session,
            wanted=list(dict.fromkeys(later)),
            context=decision.context,
            request=decision.request,
            now=now,
        )
        if later
        else {}
    )
    chains = {}
    for item in resold:
        chains[item.line_no, item.candidate.place.number] = _chain(item, prices)
    return chains


def _later_links(
    item: Assignment, decision: Decision
) -> list[tuple[int, uuid.UUID, uuid.UUID, int, uuid.UUID]]:
    c = item.candidate.offer
    assert c.path_parties is not None
    assert c.path_price_lists is not None
    quantity = decision.request.lines[item.line_no].quantity
    return [
        (item.line_no, c.path_parties[link], c.variant_id, quantity, c.path_price_lists[link])
        for link in range(1, len(c.path_price_lists))
    ]


def _chain(
    item: Assignment, prices: dict[tuple[int, uuid.UUID], tuple[int, int]]
) -> tuple[Hop, ...]:
    """Links from the fulfilling seller to the storefront's owner.

    A middle tier without a transfer price for the variant passes the price of the tier before it.
    """
    c = item.candidate.offer
    assert c.path_parties is not None
    assert c.path_terms is not None
    amount = item.seller_goods_minor
    links = [Hop(c.path_parties[0], c.path_parties[1], c.path_terms[0], amount)]
    for link in range(1, len(c.path_terms)):
        price = prices.get((item.line_no, c.path_parties[link]))
        amount = UnitPrice(*price).extend(item.quantity) if price else amount
        links.append(
            Hop(c.path_parties[link], c.path_parties[link + 1], c.path_terms[link], amount)
        )
    return tuple(links)
