"""What ordering can do.

Locks are taken in one order everywhere:

idempotency key, cart, trading account, order, seller order, stock rows, ledger balances.
"""

from app.ordering.operations.answering import (
    accept_seller_order,
    accept_seller_orders,
    answer_seller_order,
    expire_seller_orders,
)
from app.ordering.operations.cancelling import cancel_order
from app.ordering.operations.carts import (
    CartItem,
    checkout,
    create_cart,
    set_cart_lines,
    set_cart_wishes,
)
from app.ordering.operations.keeping import (
    DEFAULT_MINUTES,
    MAX_MINUTES,
    release_cart,
    reserve_cart,
)
from app.ordering.operations.moving import (
    Act,
    Part,
    deliver_units,
    lock_parts,
    refresh_status,
    ship_units,
)
from app.ordering.operations.placing import (
    Placement,
    PlacementLine,
    place_order,
    simulate,
    simulated_request,
)
from app.ordering.rules import Answer

__all__ = [
    "DEFAULT_MINUTES",
    "MAX_MINUTES",
    "Act",
    "Answer",
    "CartItem",
    "Part",
    "Placement",
    "PlacementLine",
    "accept_seller_order",
    "accept_seller_orders",
    "answer_seller_order",
    "cancel_order",
    "checkout",
    "create_cart",
    "deliver_units",
    "expire_seller_orders",
    "lock_parts",
    "place_order",
    "refresh_status",
    "release_cart",
    "reserve_cart",
    "set_cart_lines",
    "set_cart_wishes",
    "ship_units",
    "simulate",
    "simulated_request",
]
