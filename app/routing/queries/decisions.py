"""Decisions of the past, for whom they concern."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.routing.errors import DecisionNotFound
from app.routing.models import RoutingDecision
from app.storefronts.models import Storefront


def list_decisions(session: DbSession, *, order_id: uuid.UUID) -> Sequence[RoutingDecision]:
    """An order's decisions, the first attempt first."""
    return session.scalars(
        select(RoutingDecision)
        .where(RoutingDecision.order_id == order_id)
        .order_by(RoutingDecision.attempt)
    ).all()


def names_of(session: DbSession, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names of organizations and locations, for explanations."""
    rows: Sequence[Any] = session.execute(
        text("""
            SELECT id, name FROM network_organizations WHERE id = ANY(:ids)
            UNION ALL SELECT id, name FROM inventory_locations WHERE id = ANY(:ids)
        """),
        {"ids": list(ids)},
    ).all()
    return {row.id: row.name for row in rows}


def get_decisions(
    session: DbSession, *, caller: Caller, order_id: uuid.UUID
) -> tuple[str, Sequence[RoutingDecision]]:
    """An order's currency and decisions, for its storefront's owner or the operator.

    Raises:
        DecisionNotFound: there are none, or they are not the caller's business.
    """
    row = session.execute(
        select(Storefront.owner_id, Storefront.currency)
        .join(RoutingDecision, RoutingDecision.storefront_id == Storefront.id)
        .where(RoutingDecision.order_id == order_id)
        .limit(1)
    ).one_or_none()
    if row is None or not (caller.is_operator or row.owner_id == caller.organization_id):
        raise DecisionNotFound
    return row.currency, list_decisions(session, order_id=order_id)
