"""What ordering can be asked; every list is scoped by who asks."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, Uuid, column, or_, select, table, text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of
from app.ordering.errors import CartNotFound, OrderNotFound, SellerOrderNotFound
from app.ordering.models import (
    Allocation,
    Cart,
    CartLine,
    Choice,
    Consignment,
    Order,
    OrderLine,
    SellerOrder,
)
from app.routing.errors import UnknownVariant

# Another domain's, named here only to be read.
_STOREFRONTS = table("storefronts_storefronts", column("id", Uuid()), column("owner_id", Uuid()))
LIVE = ("offered", "accepted")


@dataclass(frozen=True, slots=True)
class VariantFacts:
    """What an order line copies from the catalog."""

    sku: str
    name: str


def orders_visible_to(caller: Caller) -> Select[Order]:
    """Orders that the caller bought, sold through its storefront, or (operator) any."""
    query = select(Order)
    if caller.is_operator:
        return query
    mine = caller.organization_id
    return query.where(or_(Order.buyer_id == mine, Order.owner_id == mine))


def visible_orders(
    session: DbSession, *, caller: Caller, order_ids: Sequence[uuid.UUID]
) -> Sequence[uuid.UUID]:
    """Which of these orders the caller may see."""
    query = orders_visible_to(caller).where(Order.id.in_(order_ids))
    return session.scalars(query.with_only_columns(Order.id)).all() if order_ids else []


def seller_orders_visible_to(caller: Caller) -> Select[SellerOrder]:
    """Seller orders that the caller fulfils, or whose order its storefront sold."""
    query = select(SellerOrder)
    if caller.is_operator:
        return query
    mine = caller.organization_id
    sold = select(Order.id).where(Order.owner_id == mine)
    return query.where(or_(SellerOrder.seller_id == mine, SellerOrder.order_id.in_(sold)))


def list_orders(
    session: DbSession, *, caller: Caller, page: PageRequest, status: str | None = None
) -> Page[Order]:
    """Orders, the newest first."""
    query = orders_visible_to(caller).order_by(Order.id.desc()).limit(page.limit + 1)
    if page.after:
        query = query.where(Order.id < page.after)
    if status:
        query = query.where(Order.status == status)
    return page_of(session.scalars(query).all(), limit=page.limit, key=lambda row: row.id)


def get_order(session: DbSession, *, caller: Caller, order_id: uuid.UUID) -> Order:
    """One order.

    Raises:
        OrderNotFound: none, or not the caller's business.
    """
    order = session.scalars(orders_visible_to(caller).where(Order.id == order_id)).one_or_none()
    if order is None:
        raise OrderNotFound
    return order


def find_order_by_number(session: DbSession, *, number: int) -> Order | None:
    """An order by its number (operator's command line)."""
    return session.scalars(select(Order).where(Order.number == number)).one_or_none()


def find_order(session: DbSession, *, order_id: uuid.UUID) -> Order | None:
    """An order by its id (operator's command line)."""
    return session.get(Order, order_id)


def find_number_by_reference(
    session: DbSession, *, storefront_id: uuid.UUID, buyer_id: uuid.UUID, reference: str
) -> int | None:
    """The number of the order with the buyer's own reference."""
    return session.scalar(
        select(Order.number).where(
            Order.storefront_id == storefront_id,
            Order.buyer_id == buyer_id,
            Order.reference == reference,
        )
    )


def list_lines(session: DbSession, *, order_id: uuid.UUID) -> Sequence[OrderLine]:
    """An order's lines in their order."""
    return session.scalars(
        select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
    ).all()


def list_seller_orders(
    session: DbSession, *, caller: Caller, page: PageRequest, status: str | None = None
) -> Page[SellerOrder]:
    """Seller orders, the newest first."""
    query = seller_orders_visible_to(caller).order_by(SellerOrder.id.desc()).limit(page.limit + 1)
    if page.after:
        query = query.where(SellerOrder.id < page.after)
    if status:
        query = query.where(SellerOrder.status == status)
    return page_of(session.scalars(query).all(), limit=page.limit, key=lambda row: row.id)


def get_seller_order(
    session: DbSession, *, caller: Caller, seller_order_id: uuid.UUID
) -> SellerOrder:
    """One seller order.

    Raises:
        SellerOrderNotFound: none, or not the caller's business.
    """
    query = seller_orders_visible_to(caller).where(SellerOrder.id == seller_order_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise SellerOrderNotFound
    return found


def list_parts(session: DbSession, *, order_id: uuid.UUID) -> Sequence[SellerOrder]:
    """All seller orders of an order, in the order in which they were made."""
    return session.scalars(
        select(SellerOrder)
        .where(SellerOrder.order_id == order_id)
        .order_by(SellerOrder.attempt, SellerOrder.id)
    ).all()


def list_allocations(
    session: DbSession, *, seller_order_ids: Sequence[uuid.UUID]
) -> Sequence[Allocation]:
    """Allocations of seller orders."""
    return session.scalars(
        select(Allocation)
        .where(Allocation.seller_order_id.in_(seller_order_ids))
        .order_by(Allocation.seller_order_id, Allocation.id)
    ).all()


def list_consignments(
    session: DbSession, *, seller_order_ids: Sequence[uuid.UUID]
) -> Sequence[Consignment]:
    """Planned consignments of seller orders."""
    return session.scalars(
        select(Consignment)
        .where(Consignment.seller_order_id.in_(seller_order_ids))
        .order_by(
            Consignment.seller_order_id,
            Consignment.location_id,
            Consignment.later_on.nulls_first(),
        )
    ).all()


def get_cart(session: DbSession, *, caller: Caller, cart_id: uuid.UUID) -> Cart:
    """One cart of the caller.

    Raises:
        CartNotFound: none, or not the caller's business.
    """
    query = select(Cart).where(Cart.id == cart_id)
    cart = session.scalars(query).one_or_none()
    if cart is None or not (caller.is_operator or cart.buyer_id == caller.organization_id):
        raise CartNotFound
    return cart


def see_cart(session: DbSession, *, caller: Caller, cart_id: uuid.UUID) -> Cart:
    """One cart, also for the owner of its storefront, who may look and not change.

    Raises:
        CartNotFound: none, or not the caller's business.
    """
    found = session.scalars(_carts_visible_to(caller).where(Cart.id == cart_id)).one_or_none()
    if found is None:
        raise CartNotFound
    return found


def list_carts(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Cart]:
    """Open carts that the caller may look into, the newest first."""
    query = _carts_visible_to(caller).where(Cart.status == "open")
    if page.after:
        query = query.where(Cart.id < page.after)
    rows = session.scalars(query.order_by(Cart.id.desc()).limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda row: row.id)


def _carts_visible_to(caller: Caller) -> Select[Cart]:
    query = select(Cart)
    if caller.is_operator:
        return query
    mine = caller.organization_id
    own_shops = select(_STOREFRONTS.c.id).where(_STOREFRONTS.c.owner_id == mine)
    return query.where(or_(Cart.buyer_id == mine, Cart.storefront_id.in_(own_shops)))


def list_cart_lines(session: DbSession, *, cart_id: uuid.UUID) -> Sequence[CartLine]:
    """A cart's lines in their order."""
    return session.scalars(
        select(CartLine).where(CartLine.cart_id == cart_id).order_by(CartLine.position)
    ).all()


def list_overdue(
    session: DbSession, *, now: datetime, limit: int
) -> Sequence[tuple[uuid.UUID, uuid.UUID]]:
    """(seller order, order) ids whose answer is overdue, the oldest first."""
    rows = session.execute(
        select(SellerOrder.id, SellerOrder.order_id)
        .where(SellerOrder.status == "offered", SellerOrder.accept_by <= now)
        .order_by(SellerOrder.accept_by)
        .limit(limit)
    ).all()
    return [(row.id, row.order_id) for row in rows]


def require_variants(session: DbSession, *, variant_ids: Sequence[uuid.UUID]) -> None:
    """Refuse variants that do not exist.

    Raises:
        UnknownVariant: ``positions`` names them.
    """
    known = set(
        session.scalars(
            text("SELECT id FROM catalog_variants WHERE id = ANY(:ids)"), {"ids": list(variant_ids)}
        )
    )
    missing = [position for position, key in enumerate(variant_ids) if key not in known]
    if missing:
        raise UnknownVariant(positions=missing)


@dataclass(frozen=True, slots=True)
class SeenChoice:
    """Units that wait, with how they are called and what may be taken instead."""

    choice: Choice
    position: int
    variant_id: uuid.UUID
    sku: str
    name: str
    quantity: int
    amount_minor: int
    successor_id: uuid.UUID | None
    successor_sku: str | None
    successor_name: str | None


_CHOICES = text("""
SELECT c.id, l.position, l.variant_id, l.sku, l.name, a.quantity,
       a.buyer_goods_minor + a.buyer_freight_minor AS amount_minor,
       n.id AS successor_id, n.sku AS successor_sku, n.name AS successor_name
FROM ordering_choices c
JOIN ordering_order_lines l ON l.id = c.order_line_id
JOIN ordering_allocations a ON a.id = c.allocation_id
JOIN catalog_variants v ON v.id = l.variant_id
LEFT JOIN catalog_variants n ON n.id = v.successor_id AND n.status = 'active'
WHERE c.order_id = :order_id ORDER BY c.opened_at, c.id
""")


def list_choices(session: DbSession, *, caller: Caller, order_id: uuid.UUID) -> list[SeenChoice]:
    """What an order's buyer may or might choose about.

    Raises:
        OrderNotFound: none, or not the caller's business.
    """
    get_order(session, caller=caller, order_id=order_id)
    session.flush()
    rows = session.execute(_CHOICES, {"order_id": order_id}).all()
    found = {
        choice.id: choice
        for choice in session.scalars(select(Choice).where(Choice.order_id == order_id))
    }
    return [SeenChoice(found[row.id], *row[1:]) for row in rows]


def reoptimizing_threshold(session: DbSession, *, storefront_id: uuid.UUID) -> int:
    """What planning a storefront's open orders again must save, at the least."""
    found: int = session.execute(
        text("SELECT reoptimize_above_minor FROM storefronts_storefronts WHERE id = :id"),
        {"id": storefront_id},
    ).scalar_one()
    return found


def list_offered(session: DbSession, *, seller_order_id: uuid.UUID) -> Sequence[Allocation]:
    """What a seller was offered of a part: not what waits beside it for somebody else."""
    waits = select(Choice.allocation_id).where(Choice.allocation_id == Allocation.id)
    return session.scalars(
        select(Allocation)
        .where(Allocation.seller_order_id == seller_order_id, ~waits.exists())
        .order_by(Allocation.id)
    ).all()


def facts_of(
    session: DbSession, *, variant_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, VariantFacts]:
    """How variants are called that are on no line of their own: substitutes."""
    ids = list(variant_ids)
    if not ids:
        return {}
    rows = session.execute(
        text("SELECT id, sku, name FROM catalog_variants WHERE id = ANY(:ids)"), {"ids": ids}
    )
    return {row[0]: VariantFacts(row[1], row[2]) for row in rows}
