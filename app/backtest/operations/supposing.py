"""One order, as things are and as they are supposed to be: both decided now, nothing written."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.backtest.errors import ScenarioInvalid
from app.backtest.operations.running import outcome_of
from app.backtest.rules import Key, Outcome
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.ordering import operations as ordering_operations
from app.routing import operations as routing_operations
from app.routing import queries as routing_queries
from app.routing.operations import Gathered
from app.routing.rules import Decision, Offer, Policy, RoutingRequest
from app.routing.rules.reading import policy_of
from app.storefronts import queries as storefront_queries


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppositions:
    """What is supposed of one order; what is left out is as it is.

    ``stock``: what is available by location and variant. ``only_sellers``: nobody else delivers.
    """

    policy_id: uuid.UUID | None = None
    strategy: str | None = None
    stock: Mapping[Key, int] = field(default_factory=dict)
    without_sellers: frozenset[uuid.UUID] = frozenset()
    only_sellers: frozenset[uuid.UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Both decisions in figures."""

    currency: str
    now: Outcome
    supposed: Outcome


def what_if(
    session: DbSession,
    *,
    caller: Caller,
    placement: ordering_operations.Placement,
    suppositions: Suppositions,
    now: datetime,
) -> WhatIf:
    """Decide an order twice, for the storefront's owner or the operator.

    Raises:
        Forbidden, NoTradingAccount, StorefrontNotFound, AddressNotFound, UnitNotFound,
        UnknownVariant: it could not be ordered.
        PolicyNotFound, PolicyInvalid, ScenarioInvalid: this cannot be supposed.
    """
    storefront = storefront_queries.get_storefront(session, storefront_id=placement.storefront_id)
    caller.require_one_of(storefront.owner_id)
    request = ordering_operations.simulated_request(session, caller=caller, placement=placement)
    policy = _policy(session, caller, suppositions.policy_id)
    _require_strategy(suppositions.strategy)
    decision = routing_operations.decide(session, request=request, now=now)
    supposed = _supposed(session, request, suppositions, policy, now)
    return WhatIf(decision.context.currency, outcome_of(decision), outcome_of(supposed))


def _policy(session: DbSession, caller: Caller, policy_id: uuid.UUID | None) -> Policy | None:
    if policy_id is None:
        return None
    found = routing_queries.get_policy(session, caller=caller, policy_id=policy_id)
    routing_operations.check_document(session, document=found.document)
    return policy_of(found.document, policy_id=found.id, number=found.number)


def _require_strategy(name: str | None) -> None:
    known = routing_operations.strategy_names()
    if name is not None and name not in known:
        message = f"There is no such strategy; there are {', '.join(known)}"
        raise ScenarioInvalid(
            message, errors=[{"pointer": "/suppose/strategy", "message": message}]
        )


def _supposed(
    session: DbSession,
    request: RoutingRequest,
    suppositions: Suppositions,
    policy: Policy | None,
    now: datetime,
) -> Decision:
    gathered = _as_if(
        routing_operations.gather(session, request=request, now=now, policy=policy), suppositions
    )
    extras = routing_operations.extras_of(session, gathered=gathered, now=now)
    name = suppositions.strategy
    strategy = routing_operations.strategy_named(name) if name else None
    return routing_operations.settle(
        session, gathered=gathered, extras=extras, now=now, strategy=strategy
    )


def _as_if(gathered: Gathered, suppositions: Suppositions) -> Gathered:
    """The facts with supposed stock, of the sellers that are left."""
    only, without = suppositions.only_sellers, suppositions.without_sellers
    offers = [
        _stocked(offer, suppositions.stock)
        for offer in gathered.offers
        if offer.seller_id not in without and (not only or offer.seller_id in only)
    ]
    return replace(gathered, offers=offers)


def _stocked(offer: Offer, stock: Mapping[Key, int]) -> Offer:
    if not stock:
        return offer
    return offer._replace(
        lying=[
            (place, stock.get((place.location_id, offer.variant_id), available))
            for place, available in offer.lying
        ]
    )
