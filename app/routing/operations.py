"""Deciding who delivers what: gather once, judge, solve, and keep the decision for ever.

``decide`` writes nothing, so a simulation and an order get the same answer from the same code.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from app.infra.db import Base, DbSession
from app.kernel.ids import new_id
from app.kernel.money import UnitPrice
from app.routing import keeping, queries
from app.routing.models import FreightRate, FreightTable, RoutingDecision, RoutingPolicy
from app.routing.problem import Limits, Strategy
from app.routing.rules import (
    Assignment,
    Context,
    Decision,
    Hop,
    Judged,
    Posed,
    RoutingRequest,
    conclude,
    judge_all,
    pose,
)
from app.routing.strategies import OptimalStrategy

_optimal = OptimalStrategy()
# Not by insert_rows: on its way through a record set a document would be taken apart.
_insert_decision = insert(Base.metadata.tables[RoutingDecision.__tablename__])


_NO_STOCK = ("no_stock",)
_MOST_LACKING = 200


def decide(
    session: DbSession,
    *,
    request: RoutingRequest,
    now: datetime,
    strategy: Strategy = _optimal,
) -> Decision:
    """The best plan for a request, with everything that was considered. Writes nothing.

    Raises:
        StorefrontNotFound, NoRoutingPolicy, UnknownVariant: the request cannot be routed at all.
    """
    context = queries.get_context(
        session, storefront_id=request.storefront_id, buyer_id=request.buyer_id, now=now
    )
    offers = queries.list_offers(session, request=request, context=context, now=now)
    started = time.perf_counter_ns()
    judged, places = judge_all(offers, request, context)
    posed = pose(judged, places, request, context.policy)
    limits = Limits().within(context.policy.time_limit_ms)
    plan = strategy.plan(posed.problem, limits)
    decision = conclude(
        request=request,
        context=context,
        judged=judged,
        posed=posed,
        plan=plan,
        decided_at=now,
        duration_us=(time.perf_counter_ns() - started) // 1000,
    )
    return replace(
        decision, hops=_hops(session, decision, now), posed=posed, limits=limits, places=places
    )


def _hops(
    session: DbSession, decision: Decision, now: datetime
) -> dict[tuple[int, uuid.UUID], tuple[Hop, ...]]:
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
        chains[item.line_no, item.candidate.location_id] = _chain(item, prices)
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


def record_decision(
    session: DbSession, *, decision: Decision, order_id: uuid.UUID, attempt: int, trigger: str
) -> uuid.UUID:
    """Keep a decision for ever; returns its id."""
    decision_id = new_id()
    row = {
        "id": decision_id,
        "order_id": order_id,
        "attempt": attempt,
        "trigger": trigger,
        "storefront_id": decision.request.storefront_id,
        "policy_id": decision.context.policy.id,
        "decided_at": decision.decided_at,
        "units_requested": decision.units_requested,
        "units_served": decision.units_served,
        "objective_minor": decision.objective_minor,
        "goods_minor": decision.goods_minor,
        "freight_minor": decision.freight_minor,
        "bound_minor": decision.bound_minor,
        "proof": decision.proof,
        "method": decision.method,
        "duration_us": decision.duration_us,
        "candidates": candidates_document(decision.judged),
        "plan": plan_document(decision),
        "problem": problem_document(decision),
    }
    session.execute(_insert_decision, row)
    return decision_id


def problem_document(decision: Decision) -> dict[str, Any] | None:
    """The problem that was decided, so that it can be decided anew."""
    posed, limits = decision.posed, decision.limits
    if posed is None or limits is None:
        return None
    document = keeping.document_of(posed.problem, places=posed.sources, limits=limits)
    lacking = _lacking(decision)
    if lacking is not None:
        document["lacking"] = keeping.document_of(
            lacking.problem, places=lacking.sources, limits=limits
        )
    return document


def _lacking(decision: Decision) -> Posed | None:
    """Offers that lack nothing but stock, as they would be posed: stock is explained, too."""
    judged = []
    for offer, verdicts, _ in decision.judged:
        empty = [(place, 0) for place, _, broken in verdicts if place and broken == _NO_STOCK]
        if empty:
            judged.append(Judged(offer, verdicts, empty))
    if not judged or decision.places is None:
        return None
    some = judged[:_MOST_LACKING]
    return pose(some, decision.places, decision.request, decision.context.policy)


def candidates_document(judged: Sequence[Judged]) -> dict[str, Any]:
    """Every candidate as a compact document: sellers, locations and rule sets named once.

    A row is an offer: ``[line, seller, unit price, per, lead time, links, places]``; each of its
    places is ``[location or null, available, rules]``, with positions into the three tables.
    ``links`` counts the resale chain's links, so that a price that only a middle tier may know is
    shown to nobody else. ``bounds`` are (minimum, maximum, step) of an offer's row and ``minimums``
    the minimum orders of sellers, each only where a rule was broken that measures them.
    """
    sellers: dict[uuid.UUID, int] = {}
    locations: dict[int, int] = {}
    rule_sets: dict[tuple[str, ...], int] = {}
    names: list[str] = []
    rows: list[tuple[Any, ...]] = []
    bounds: dict[int, Any] = {}
    minimums: dict[int, int] = {}
    for offer, verdicts, _sound in judged:
        places = []
        for place, available, broken in verdicts:
            if place is not None and place.number not in locations:
                locations[place.number] = len(locations)
                names.append(str(place.location_id))
            location = None if place is None else locations[place.number]
            places.append((location, available, rule_sets.setdefault(broken, len(rule_sets))))
        codes = {code for _, _, broken in verdicts for code in broken}
        if "quantity_not_orderable" in codes:
            bounds[len(rows)] = (offer.minimum_quantity, offer.maximum_quantity, offer.order_step)
        if "below_minimum_order" in codes:
            seller = sellers.setdefault(offer.seller_id, len(sellers))
            minimums[seller] = offer.minimum_order_minor
        rows.append(
            (
                offer.line_no,
                sellers.setdefault(offer.seller_id, len(sellers)),
                offer.seller_price_minor,
                offer.seller_price_per,
                offer.lead_time_days,
                len(offer.path_terms or ()),
                places,
            )
        )
    return {
        "sellers": [str(seller_id) for seller_id in sellers],
        "locations": names,
        "rules": [list(broken) for broken in rule_sets],
        "offers": rows,
        "bounds": bounds,
        "minimums": minimums,
    }


def plan_document(decision: Decision) -> dict[str, Any]:
    """The chosen plan as a document."""
    return {
        "policy": {**asdict(decision.context.policy), "id": str(decision.context.policy.id)},
        "lines": [
            {"variant_id": str(line.variant_id), "quantity": line.quantity}
            for line in decision.request.lines
        ],
        "assignments": [
            {
                "line": item.line_no,
                "seller_id": str(item.candidate.seller_id),
                "location_id": str(item.candidate.location_id),
                "quantity": item.quantity,
                "goods_minor": item.seller_goods_minor,
            }
            for item in decision.assignments
        ],
        "consignments": [
            {
                "seller_id": str(item.seller_id),
                "location_id": str(item.location_id),
                "weight_g": item.weight_g,
                "distance_km": item.distance_km,
                "freight_minor": item.freight_minor,
            }
            for item in decision.consignments
        ],
    }


def create_policy(
    session: DbSession,
    *,
    storefront_id: uuid.UUID | None,
    weights: dict[str, int],
    valid_from: datetime,
) -> RoutingPolicy:
    """A new version of a storefront's policy, or of the network's default."""
    number = session.scalar(
        select(func.coalesce(func.max(RoutingPolicy.number), 0) + 1).where(
            RoutingPolicy.storefront_id.is_not_distinct_from(storefront_id)
        )
    )
    policy = RoutingPolicy(
        storefront_id=storefront_id, number=number, valid_from=valid_from, **weights
    )
    session.add(policy)
    session.flush()
    return policy


def put_freight_table(
    session: DbSession,
    *,
    seller_id: uuid.UUID | None,
    currency: str,
    name: str,
    rates: Sequence[tuple[int, int, int]],
) -> FreightTable:
    """Replace a seller's freight table (or the network's); rates are (km, g, minor units)."""
    table = session.scalar(
        select(FreightTable).where(
            FreightTable.seller_id.is_not_distinct_from(seller_id),
            FreightTable.currency == currency,
        )
    )
    if table is None:
        table = FreightTable(id=new_id(), seller_id=seller_id, currency=currency, name=name)
        session.add(table)
    table.name, table.rates_id = name, new_id()
    session.flush()
    session.execute(delete(FreightRate).where(FreightRate.table_id == table.id))
    session.execute(
        insert(FreightRate),
        [
            {
                "table_id": table.id,
                "distance_km_up_to": km,
                "weight_g_up_to": grams,
                "price_minor": price,
            }
            for km, grams, price in rates
        ],
    )
    return table


__all__ = [
    "Context",
    "candidates_document",
    "create_policy",
    "decide",
    "plan_document",
    "problem_document",
    "put_freight_table",
    "record_decision",
]
