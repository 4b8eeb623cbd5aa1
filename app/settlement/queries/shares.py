"""Who has which part of which shipment."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select, text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of
from app.ledger import queries as ledger_queries
from app.ledger.queries import SeenJournal
from app.settlement.errors import OrderNotFound
from app.settlement.models import Split
from app.settlement.rules import PartyShare

_SHARES = text(
    """
    SELECT p.shipment_id, p.order_id, p.currency, p.organization_id,
           p.kind = 'platform_fee' AS is_fee, sum(p.amount_minor)::bigint AS amount_minor
    FROM settlement_splits p
    WHERE p.shipment_id = ANY(:shipment_ids)
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 5, 4
    """
)

_IS_PARTY = text(
    """
    SELECT EXISTS (
        SELECT FROM ordering_orders o
        WHERE o.id = :order_id AND (:is_operator OR :seer_id IN (o.owner_id, o.buyer_id)
           OR EXISTS (SELECT FROM ordering_seller_orders s
                      WHERE s.order_id = o.id AND s.seller_id = :seer_id)))
    """
)


def party_shares(session: DbSession, *, shipment_ids: Sequence[uuid.UUID]) -> list[PartyShare]:
    """Each party's net part of shipments; the operator's fee is a share of its own."""
    rows = session.execute(_SHARES, {"shipment_ids": list(shipment_ids)})
    return [PartyShare(*row) for row in rows]


def list_splits(
    session: DbSession, *, caller: Caller, page: PageRequest, order_id: uuid.UUID | None = None
) -> Page[Split]:
    """The caller's own parts (the operator: everybody's), oldest first."""
    query = select(Split).order_by(Split.id).limit(page.limit + 1)
    if not caller.is_operator:
        query = query.where(Split.organization_id == caller.organization_id)
    if order_id:
        query = query.where(Split.order_id == order_id)
    if page.after:
        query = query.where(Split.id > page.after)
    return page_of(session.scalars(query).all(), limit=page.limit, key=lambda row: row.id)


def list_order_journals(
    session: DbSession, *, caller: Caller, order_id: uuid.UUID, page: PageRequest
) -> Page[SeenJournal]:
    """What was booked for an order, with the lines that concern the caller.

    Raises:
        OrderNotFound: none, or the caller has no part in it.
    """
    found = ledger_queries.list_journals(session, caller=caller, page=page, order_id=order_id)
    if not found.items and not _is_party(session, caller, order_id):
        raise OrderNotFound
    return found


def _is_party(session: DbSession, caller: Caller, order_id: uuid.UUID) -> bool:
    who = {"is_operator": caller.is_operator, "seer_id": caller.organization_id}
    return bool(session.execute(_IS_PARTY, {"order_id": order_id, **who}).scalar())
