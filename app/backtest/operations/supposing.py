"""One order, as things are and as they are supposed to be: both decided now, nothing written."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime

from app.backtest import queries
from app.backtest.errors import ScenarioInvalid
from app.backtest.operations.running import outcome_of
from app.backtest.queries.asked import Asked, Goods
from app.backtest.rules import Key, Outcome, Suppositions
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.ordering import operations as ordering_operations
from app.ordering import queries as ordering_queries
from app.ordering.errors import CartNotFound, OrderAlreadyPlaced
from app.routing import operations as routing_operations
from app.routing import queries as routing_queries
from app.routing.errors import document_at
from app.routing.operations import Gathered
from app.routing.rules import (
    Assignment,
    Decision,
    Extras,
    Offer,
    Place,
    PlannedConsignment,
    Policy,
    RoutingRequest,
    Term,
    in_minor,
    terms_of,
)
from app.routing.rules.reading import policy_of
from app.storefronts import queries as storefront_queries

Taken = Mapping[Key, int]
_UNKEPT = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision in figures: in all, by term (they sum to the objective), line by line."""

    outcome: Outcome
    terms: Mapping[Term, int]
    assignments: Sequence[Assignment]
    consignments: Sequence[PlannedConsignment]
    policy: Policy
    method: str

    @property
    def longest_days(self) -> int:
        """After how many days the last goods are sent."""
        return max((each.candidate.days_to_ship for each in self.assignments), default=0)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Both decisions."""

    currency: str
    request: RoutingRequest
    now: Decided
    supposed: Decided


def what_if(
    session: DbSession,
    *,
    caller: Caller,
    placement: ordering_operations.Placement,
    suppositions: Suppositions,
    now: datetime,
) -> WhatIf:
    """Decide an order that might be placed twice, for the storefront's owner or the operator.

    Raises:
        Forbidden, NoTradingAccount, StorefrontNotFound, AddressNotFound, UnitNotFound,
        UnknownVariant: it could not be ordered.
        PolicyNotFound, PolicyInvalid, ScenarioInvalid: this cannot be supposed.
    """
    storefront = storefront_queries.get_storefront(session, storefront_id=placement.storefront_id)
    caller.require_one_of(storefront.owner_id)
    request = ordering_operations.simulated_request(session, caller=caller, placement=placement)
    return _both(session, caller, request, {}, suppositions, now)


def what_if_of_order(
    session: DbSession,
    *,
    caller: Caller,
    order_id: uuid.UUID,
    suppositions: Suppositions,
    now: datetime,
) -> WhatIf:
    """Decide a placed order twice anew, as if what it took were there still.

    Raises:
        OrderNotFound: there is none that the caller may ask this of.
        NoRoutingPolicy, UnknownVariant: it cannot be decided any more.
        PolicyNotFound, PolicyInvalid, ScenarioInvalid: this cannot be supposed.
    """
    asked = queries.asked_order(session, caller=caller, order_id=order_id)
    return what_if_of(session, caller=caller, asked=asked, suppositions=suppositions, now=now)


def what_if_of_cart(
    session: DbSession,
    *,
    caller: Caller,
    cart_id: uuid.UUID,
    suppositions: Suppositions,
    now: datetime,
) -> WhatIf:
    """Decide what is in an open cart twice; what is kept for it counts as its own.

    Raises:
        CartNotFound, OrderAlreadyPlaced, EmptyOrder, NoTradingAccount: it cannot be asked.
        PolicyNotFound, PolicyInvalid, ScenarioInvalid: this cannot be supposed.
    """
    asked = asked_cart(session, caller=caller, cart_id=cart_id)
    return what_if_of(session, caller=caller, asked=asked, suppositions=suppositions, now=now)


def asked_cart(session: DbSession, *, caller: Caller, cart_id: uuid.UUID) -> Asked:
    """What an open cart asks for, for its storefront's owner and the operator.

    Raises:
        CartNotFound: there is none that the caller may ask this of.
        OrderAlreadyPlaced, EmptyOrder, NoTradingAccount: there is nothing to be decided.
    """
    cart = ordering_queries.see_cart(session, caller=caller, cart_id=cart_id)
    shop = storefront_queries.get_storefront(session, storefront_id=cart.storefront_id)
    if not (caller.is_operator or shop.owner_id == caller.organization_id):
        raise CartNotFound
    if cart.status != "open":
        raise OrderAlreadyPlaced("This cart was ordered already")
    placement = ordering_operations.placement_of(session, cart=cart)
    request = ordering_operations.simulated_request(session, caller=caller, placement=placement)
    facts = ordering_queries.facts_of(
        session, variant_ids=[line.variant_id for line in request.lines]
    )
    named = [Goods(line.variant_id, *astuple(facts[line.variant_id])) for line in request.lines]
    return Asked(cart.id, None, request, {}, named)


def sellers_of(session: DbSession, *, request: RoutingRequest, now: datetime) -> list[uuid.UUID]:
    """Who offers anything of what is asked, in the order of the lines."""
    gathered = routing_operations.gather(session, request=request, now=now)
    return list(dict.fromkeys(offer.seller_id for offer in gathered.offers))


def what_if_of(
    session: DbSession, *, caller: Caller, asked: Asked, suppositions: Suppositions, now: datetime
) -> WhatIf:
    """Decide twice what was found to be asked."""
    return _both(session, caller, asked.request, asked.taken, suppositions, now)


def _both(
    session: DbSession,
    caller: Caller,
    request: RoutingRequest,
    taken: Taken,
    suppositions: Suppositions,
    now: datetime,
) -> WhatIf:
    policy = _policy(session, caller, suppositions)
    _require_strategy(suppositions.strategy)
    _require_lines(suppositions, len(request.lines))
    gathered = _gather(session, request, taken, None, now)
    base = gathered if policy is None else _gather(session, request, taken, policy, now)
    supposed = _as_if(session, base, suppositions)
    return WhatIf(
        gathered.context.currency,
        request,
        _decided(session, gathered, None, now),
        _decided(session, supposed, suppositions.strategy, now),
    )


def _gather(
    session: DbSession, request: RoutingRequest, taken: Taken, policy: Policy | None, now: datetime
) -> Gathered:
    gathered = routing_operations.gather(session, request=request, now=now, policy=policy)
    if not taken:
        return gathered
    offers = [routing_queries.with_returned(offer, taken) for offer in gathered.offers]
    return replace(gathered, offers=offers)


def _decided(
    session: DbSession, gathered: Gathered, strategy_name: str | None, now: datetime
) -> Decided:
    extras: Extras = routing_operations.extras_of(session, gathered=gathered, now=now)
    strategy = routing_operations.strategy_named(strategy_name) if strategy_name else None
    decision: Decision = routing_operations.settle(
        session, gathered=gathered, extras=extras, now=now, strategy=strategy
    )
    return Decided(
        outcome_of(decision),
        in_minor(terms_of(decision, extras)),
        decision.assignments,
        decision.consignments,
        decision.context.policy,
        decision.method,
    )


def _policy(session: DbSession, caller: Caller, suppositions: Suppositions) -> Policy | None:
    if suppositions.document is not None:
        with document_at("/suppose/document"):
            routing_operations.check_document(session, document=suppositions.document)
        return policy_of(suppositions.document, policy_id=_UNKEPT, number=0)
    if suppositions.policy_id is None:
        return None
    found = routing_queries.get_policy(session, caller=caller, policy_id=suppositions.policy_id)
    routing_operations.check_document(session, document=found.document)
    return policy_of(found.document, policy_id=found.id, number=found.number)


def _require_strategy(name: str | None) -> None:
    known = routing_operations.strategy_names()
    if name is not None and name not in known:
        there = f"There is no such strategy; there are {', '.join(known)}"
        raise _refused([("/suppose/strategy", "no_such_strategy", there)])


def _require_lines(suppositions: Suppositions, many: int) -> None:
    faults = [
        (f"/suppose/lines/{at}/line", "no_such_line", f"There are {many} lines, from 1 on")
        for at, number in enumerate(suppositions.line_sellers)
        if number >= many
    ]
    if faults:
        raise _refused(faults)


def _as_if(session: DbSession, gathered: Gathered, suppositions: Suppositions) -> Gathered:
    """The facts as they are supposed to be."""
    places = _places(session, gathered.offers, suppositions)
    return replace(gathered, offers=suppositions.as_if(gathered.offers, places))


def _places(
    session: DbSession, offers: Sequence[Offer], suppositions: Suppositions
) -> list[tuple[uuid.UUID, Place]]:
    """Where stock is supposed to lie, as places of the request.

    Raises:
        ScenarioInvalid: nobody offers the goods from there.
    """
    keys = suppositions.stocked
    if not keys:
        return []
    known = {place.location_id: place for offer in offers for place, _ in offer.lying}
    owners = queries.owners_of_locations(session, ids=sorted({location for location, _ in keys}))
    offered = {(offer.seller_id, offer.variant_id) for offer in offers}
    faults = list(_stock_faults(suppositions, owners, offered))
    if faults:
        raise _refused(faults)
    first = 1 + max((place.number for place in known.values()), default=-1)
    return [
        (seller, known.get(location) or Place(first + number, location, latitude, longitude))
        for number, (location, (seller, latitude, longitude)) in enumerate(sorted(owners.items()))
    ]


def _stock_faults(
    suppositions: Suppositions,
    owners: Mapping[uuid.UUID, tuple[uuid.UUID, float, float]],
    offered: set[Key],
) -> Iterator[tuple[str, str, str]]:
    for at, (location, variant) in enumerate([*suppositions.stock, *suppositions.stock_changes]):
        if location not in owners:
            yield (
                f"/suppose/stock/{at}/location_id",
                "no_such_location",
                "There is no such location",
            )
        elif (owners[location][0], variant) not in offered:
            yield (
                f"/suppose/stock/{at}",
                "not_offered_there",
                "Nobody offers these goods from there",
            )


def _refused(faults: Sequence[tuple[str, str, str]]) -> ScenarioInvalid:
    errors = [
        {"pointer": pointer, "code": code, "message": message} for pointer, code, message in faults
    ]
    return ScenarioInvalid(faults[0][2], errors=errors)
