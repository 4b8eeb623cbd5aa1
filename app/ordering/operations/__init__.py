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
    placement_of,
    set_cart_lines,
    set_cart_wishes,
)
from app.ordering.operations.choosing import (
    answer_choice,
    expire_choices,
    retry_waiting,
)
from app.ordering.operations.keeping import (
    DEFAULT_MINUTES,
    MAX_MINUTES,
    release_cart,
    reserve_cart,
)
from app.ordering.operations.keeping_promises import reroute_broken_promises
from app.ordering.operations.moving import (
    Act,
    Part,
    deliver_units,
    lock_parts,
    refresh_status,
    ship_units,
)
from app.ordering.operations.neighbours import neighbourhoods
from app.ordering.operations.placing import (
    Placement,
    PlacementLine,
    place_order,
)
from app.ordering.operations.reoptimizing import Gain, apply_gain, foresee_gain, reoptimize
from app.ordering.operations.simulating import simulate, simulated_request
from app.ordering.operations.withdrawing import withdraw_units
from app.ordering.rules import Answer, Withdrawal

__all__ = [
    "DEFAULT_MINUTES",
    "MAX_MINUTES",
    "Act",
    "Answer",
    "CartItem",
    "Gain",
    "Part",
    "Placement",
    "PlacementLine",
    "Withdrawal",
    "accept_seller_order",
    "accept_seller_orders",
    "answer_choice",
    "answer_seller_order",
    "apply_gain",
    "cancel_order",
    "checkout",
    "create_cart",
    "deliver_units",
    "expire_choices",
    "expire_seller_orders",
    "foresee_gain",
    "lock_parts",
    "neighbourhoods",
    "place_order",
    "placement_of",
    "refresh_status",
    "release_cart",
    "reoptimize",
    "reroute_broken_promises",
    "reserve_cart",
    "retry_waiting",
    "set_cart_lines",
    "set_cart_wishes",
    "ship_units",
    "simulate",
    "simulated_request",
    "withdraw_units",
]
