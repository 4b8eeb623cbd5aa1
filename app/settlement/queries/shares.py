"""Who has which part of which shipment."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select, text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of
from app.settlement.models import Split
from app.settlement.rules import PartyShare

_SHARES = text(
    """
    SELECT p.shipment_id, p.order_id, p.currency, p.organization_id,
           p.kind = 'platform_fee' AS is_fee, o.payment_method = 'on_account' AS on_account,
           sum(p.amount_minor)::bigint AS amount_minor
    FROM settlement_splits p JOIN ordering_orders o ON o.id = p.order_id
    WHERE p.shipment_id = ANY(:shipment_ids)
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 5, 4
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
