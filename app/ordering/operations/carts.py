"""Carts: lines that a buyer wants, and the checkout that turns them into an order."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, insert, select

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import edit
from app.inventory import operations as inventory_operations
from app.kernel.errors import PreconditionFailed
from app.network import queries as network_queries
from app.ordering import queries
from app.ordering.errors import OrderAlreadyPlaced
from app.ordering.models import Cart, CartLine
from app.ordering.operations.placing import Placement, PlacementLine, place_order
from app.ordering.wishes import NO_WISHES, Wishes
from app.storefronts import queries as storefront_queries


@dataclass(frozen=True, slots=True)
class CartItem:
    """A quantity of a variant."""

    variant_id: uuid.UUID
    quantity: int


def create_cart(  # noqa: PLR0913 - one argument per fact
    session: DbSession,
    *,
    caller: Caller,
    storefront_id: uuid.UUID,
    buyer_id: uuid.UUID,
    address_id: uuid.UUID,
    items: Sequence[CartItem],
    now: datetime,
    unit_id: uuid.UUID | None = None,
    wishes: Wishes = NO_WISHES,
) -> Cart:
    """A new cart for the buyer (or a unit of it), with its lines.

    Raises:
        StorefrontNotFound, AddressNotFound, UnitNotFound, Forbidden.
    """
    storefront = storefront_queries.get_storefront(session, storefront_id=storefront_id)
    caller.require_one_of(buyer_id, storefront.owner_id)
    network_queries.get_address_of(session, organization_id=buyer_id, address_id=address_id)
    if unit_id is not None:
        network_queries.get_unit_of(session, organization_id=buyer_id, unit_id=unit_id)
    cart = Cart(
        storefront_id=storefront_id,
        buyer_id=buyer_id,
        unit_id=unit_id,
        address_id=address_id,
        wishes=wishes.document(),
        created_at=now,
    )
    session.add(cart)
    session.flush()
    _replace_lines(session, cart, items)
    return cart


def set_cart_lines(
    session: DbSession,
    *,
    caller: Caller,
    cart_id: uuid.UUID,
    items: Sequence[CartItem],
    version: int,
) -> Cart:
    """Replace a cart's lines; stock that was kept for the old ones is free again.

    Raises:
        CartNotFound, OrderAlreadyPlaced: there is no such open cart.
        PreconditionFailed: somebody changed it since.
    """
    cart = lock_cart(session, caller=caller, cart_id=cart_id)
    if cart.version != version:
        raise PreconditionFailed
    _replace_lines(session, cart, items)
    stop_keeping(session, cart)
    cart.version += 1
    session.flush()
    return cart


def set_cart_wishes(
    session: DbSession, *, caller: Caller, cart_id: uuid.UUID, wishes: Wishes, version: int
) -> Cart:
    """Replace what is wished of a cart as a whole.

    Raises:
        CartNotFound, OrderAlreadyPlaced: there is no such open cart.
        PreconditionFailed: somebody changed it since.
    """
    cart = lock_cart(session, caller=caller, cart_id=cart_id)
    edit(cart, expected_version=version, changes={"wishes": wishes.document()})
    session.flush()
    return cart


def checkout(
    session: DbSession,
    *,
    caller: Caller,
    cart_id: uuid.UUID,
    reference: str | None,
    payment_method: str,
    accept_shortfall: bool,
    expected_total_minor: int | None,
    now: datetime,
) -> uuid.UUID:
    """Order what is in a cart; returns the order's id. Raises what placing an order raises."""
    cart = lock_cart(session, caller=caller, cart_id=cart_id)
    order_id = place_order(
        session,
        caller=caller,
        placement=replace(
            placement_of(session, cart=cart),
            reference=reference,
            payment_method=payment_method,
            accept_shortfall=accept_shortfall,
            expected_total_minor=expected_total_minor,
            cart_id=cart.id,
        ),
        now=now,
    )
    cart.status, cart.reserved_until = "ordered", None
    cart.version += 1
    return order_id


def placement_of(session: DbSession, *, cart: Cart) -> Placement:
    """What ordering a cart as it is would ask for; what is kept for it counts as its own."""
    lines = queries.list_cart_lines(session, cart_id=cart.id)
    return Placement(
        storefront_id=cart.storefront_id,
        buyer_id=cart.buyer_id,
        unit_id=cart.unit_id,
        address_id=cart.address_id,
        lines=[PlacementLine(line.variant_id, line.quantity) for line in lines],
        keeping_cart_id=_keeping(cart),
        wishes=Wishes.read(cart.wishes),
    )


def _keeping(cart: Cart) -> uuid.UUID | None:
    """The cart's id when stock may be kept for it."""
    return None if cart.reserved_until is None else cart.id


def stop_keeping(session: DbSession, cart: Cart) -> int:
    """Give back what is kept for a locked cart; how many units."""
    if cart.reserved_until is None:
        return 0
    cart.reserved_until = None
    return inventory_operations.let_go(session, cart_id=cart.id)


def lock_cart(session: DbSession, *, caller: Caller, cart_id: uuid.UUID) -> Cart:
    """An open cart of the caller's, locked.

    Raises:
        CartNotFound, OrderAlreadyPlaced: there is no such open cart.
    """
    queries.get_cart(session, caller=caller, cart_id=cart_id)
    cart = session.scalars(
        select(Cart)
        .where(Cart.id == cart_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if cart.status != "open":
        raise OrderAlreadyPlaced("This cart was ordered already")
    return cart


def _replace_lines(session: DbSession, cart: Cart, items: Sequence[CartItem]) -> None:
    session.execute(delete(CartLine).where(CartLine.cart_id == cart.id))
    merged: dict[uuid.UUID, int] = {}
    for item in items:
        merged[item.variant_id] = merged.get(item.variant_id, 0) + item.quantity
    if merged:
        queries.require_variants(session, variant_ids=list(merged))
        session.execute(
            insert(CartLine),
            [
                {"cart_id": cart.id, "variant_id": key, "quantity": units, "position": position}
                for position, (key, units) in enumerate(merged.items(), start=1)
            ],
        )
