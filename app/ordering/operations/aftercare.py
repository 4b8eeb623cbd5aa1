"""What is settled for the time after the plan, by the policy's word, else by the storefront's.

The policy is the version that decided the order when it was placed: what a buyer and the sellers
agreed to holds for the whole life of the order, whatever is activated since.
"""

import uuid
from datetime import datetime, timedelta

from app.infra.db import DbSession
from app.network import queries as network_queries
from app.ordering.models import Order
from app.routing.rules import Policy
from app.storefronts.models import Storefront


def payer_of(
    session: DbSession,
    *,
    storefront: Storefront,
    policy: Policy,
    order: Order,
    refuser_id: uuid.UUID,
) -> uuid.UUID | None:
    """Who pays when refused units cost more elsewhere; nobody: the storefront's owner itself."""
    settled = policy.price_difference or storefront.price_difference
    if settled == "operator":
        return network_queries.operator_id(session)
    if settled == "refusing_seller" and refuser_id != order.owner_id:
        return refuser_id
    return None


def last_resort_of(storefront: Storefront, policy: Policy) -> str:
    """What becomes of units that nobody can serve: cancel, wait or ask_buyer."""
    return policy.last_resort or storefront.last_resort


def may_try(storefront: Storefront, policy: Policy, *, tried: int) -> bool:
    """Whether an order that was routed so often may be routed once more."""
    return tried < (policy.limits.attempts or storefront.most_attempts)


def answer_ends(storefront: Storefront, policy: Policy, *, now: datetime) -> datetime:
    """When an offered part expires."""
    hours = policy.limits.answer_hours
    if hours is not None:
        return now + timedelta(hours=hours)
    return now + timedelta(seconds=storefront.accept_within_s)


def choice_ends(storefront: Storefront, *, now: datetime) -> datetime:
    """Until when the buyer may choose."""
    return now + timedelta(seconds=storefront.choice_within_s)


def waiting_ends(storefront: Storefront, *, now: datetime, until: datetime | None) -> datetime:
    """Until when units wait: as long as is asked, no longer than the storefront lets them."""
    latest = now + timedelta(days=storefront.wait_days)
    return latest if until is None else min(latest, until)
