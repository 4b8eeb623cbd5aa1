"""Goods are kept for a cart, for a while: at the places that ordering it now would take them from.

What is in stock is held, what is still to come is promised with a time limit.

Laws: what is kept is all that the cart wants, or the request is refused; nothing is kept longer
than its storefront allows; keeping it again begins the time anew and follows what is best by then.
Checkout turns what is kept into the order's.
"""

import uuid
from datetime import datetime, timedelta

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.inventory import operations as inventory_operations
from app.inventory.errors import StockTaken
from app.kernel.ids import new_id
from app.ordering.errors import EmptyOrder, KeptTooLong, NotFullyAvailable, StockContended
from app.ordering.models import Cart
from app.ordering.operations.carts import lock_cart, placement_of, stop_keeping
from app.ordering.operations.placing import why_unserved
from app.ordering.operations.simulating import simulate
from app.routing.rules import Decision
from app.storefronts import queries as storefront_queries

DEFAULT_MINUTES, MAX_MINUTES = 15, 7 * 24 * 60
_ATTEMPTS = 3


def reserve_cart(
    session: DbSession, *, caller: Caller, cart_id: uuid.UUID, minutes: int | None, now: datetime
) -> Cart:
    """Keep the stock of a cart from others for so many minutes, or a while if none are named.

    Raises:
        CartNotFound, OrderAlreadyPlaced: there is no such open cart.
        KeptTooLong: the storefront keeps nothing for carts for so long.
        EmptyOrder, NotFullyAvailable, StockContended: not all of it can be kept, now.
    """
    cart = lock_cart(session, caller=caller, cart_id=cart_id)
    until = now + timedelta(minutes=_allowed(session, cart, minutes))
    for _ in range(_ATTEMPTS):
        decision = _decided(session, caller, cart, now)
        try:
            inventory_operations.keep(
                session,
                cart_id=cart.id,
                wanted=_wanted(decision),
                coming=_coming(decision),
                expires_at=until,
                now=now,
            )
        except StockTaken:
            continue
        cart.reserved_until = until
        cart.version += 1
        session.flush()
        return cart
    raise StockContended


def release_cart(session: DbSession, *, caller: Caller, cart_id: uuid.UUID) -> Cart:
    """Give back what is kept for a cart, if anything.

    Raises:
        CartNotFound, OrderAlreadyPlaced: there is no such open cart.
    """
    cart = lock_cart(session, caller=caller, cart_id=cart_id)
    if cart.reserved_until is not None:
        stop_keeping(session, cart)
        cart.version += 1
        session.flush()
    return cart


def _allowed(session: DbSession, cart: Cart, minutes: int | None) -> int:
    """For how many minutes stock is kept."""
    shop = storefront_queries.get_storefront(session, storefront_id=cart.storefront_id)
    asked = min(DEFAULT_MINUTES, shop.cart_minutes) if minutes is None else minutes
    if not 0 < asked <= shop.cart_minutes:
        raise KeptTooLong(
            f"This storefront keeps stock for carts for {shop.cart_minutes} minutes at the most"
            if shop.cart_minutes
            else "This storefront keeps no stock for carts",
            asked_minutes=asked,
            most_minutes=shop.cart_minutes,
        )
    return asked


def _decided(session: DbSession, caller: Caller, cart: Cart, now: datetime) -> Decision:
    placement = placement_of(session, cart=cart)
    if not placement.lines:
        raise EmptyOrder("There is nothing in this cart")
    decision = simulate(session, caller=caller, placement=placement, now=now)
    if decision.units_served < decision.units_requested:
        raise NotFullyAvailable(lines=why_unserved(decision))
    return decision


def _wanted(decision: Decision) -> list[tuple[uuid.UUID, uuid.UUID, int]]:
    return [
        (item.candidate.location_id, item.candidate.variant_id, item.quantity)
        for item in decision.assignments
        if not item.candidate.is_later
    ]


def _coming(decision: Decision) -> list[inventory_operations.Wanted]:
    return [
        inventory_operations.Wanted(
            allocation_id=new_id(),
            location_id=item.candidate.location_id,
            variant_id=item.candidate.variant_id,
            quantity=item.quantity,
            due_on=item.candidate.due_on,
        )
        for item in decision.assignments
        if item.candidate.is_later
    ]
