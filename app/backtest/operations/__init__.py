"""Starting a backtest, and working on one."""

from app.backtest.operations.running import run_backtest
from app.backtest.operations.starting import (
    KIND,
    MOST_ORDERS,
    Choice,
    cancel_backtest,
    prepare_backtest,
    start_backtest,
)
from app.backtest.operations.supposing import (
    Decided,
    WhatIf,
    asked_cart,
    sellers_of,
    what_if,
    what_if_of,
    what_if_of_cart,
    what_if_of_order,
)
from app.backtest.rules import Suppositions

__all__ = [
    "KIND", "MOST_ORDERS", "Choice", "Decided", "Suppositions", "WhatIf", "asked_cart",
    "cancel_backtest", "prepare_backtest", "run_backtest", "sellers_of", "start_backtest",
    "what_if", "what_if_of", "what_if_of_cart", "what_if_of_order",
]  # fmt: skip
