"""What fulfilment can be asked."""

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, or_, select

from app.fulfilment.errors import ShipmentNotFound
from app.fulfilment.models import Shipment, ShipmentLine
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of
from app.ordering.models import Order, SellerOrder


def visible_to(caller: Caller) -> Select[Shipment]:
    """Shipments that the caller sent, sold through its storefront, or will receive."""
    query = select(Shipment)
    if caller.is_operator:
        return query
    mine = caller.organization_id
    return (
        query.join(SellerOrder, SellerOrder.id == Shipment.seller_order_id)
        .join(Order, Order.id == SellerOrder.order_id)
        .where(or_(SellerOrder.seller_id == mine, Order.owner_id == mine, Order.buyer_id == mine))
    )


def get_shipment(session: DbSession, *, caller: Caller, shipment_id: uuid.UUID) -> Shipment:
    """One shipment, for its seller, the storefront's owner or the buyer.

    Raises:
        ShipmentNotFound: none, or not the caller's business.
    """
    found = session.scalars(visible_to(caller).where(Shipment.id == shipment_id)).one_or_none()
    if found is None:
        raise ShipmentNotFound
    return found


def list_visible(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Shipment]:
    """Shipments, the newest first."""
    query = visible_to(caller).order_by(Shipment.id.desc()).limit(page.limit + 1)
    if page.after:
        query = query.where(Shipment.id < page.after)
    return page_of(session.scalars(query).all(), limit=page.limit, key=lambda row: row.id)


def list_shipments(
    session: DbSession, *, seller_order_ids: Sequence[uuid.UUID]
) -> Sequence[Shipment]:
    """Shipments of seller orders, the first first."""
    return session.scalars(
        select(Shipment).where(Shipment.seller_order_id.in_(seller_order_ids)).order_by(Shipment.id)
    ).all()


def list_shipment_lines(
    session: DbSession, *, shipment_ids: Sequence[uuid.UUID]
) -> Sequence[ShipmentLine]:
    """Lines of shipments."""
    return session.scalars(
        select(ShipmentLine)
        .where(ShipmentLine.shipment_id.in_(shipment_ids))
        .order_by(ShipmentLine.shipment_id, ShipmentLine.allocation_id)
    ).all()
