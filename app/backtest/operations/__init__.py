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

__all__ = [
    "KIND", "MOST_ORDERS", "Choice", "cancel_backtest", "prepare_backtest", "run_backtest",
    "start_backtest",
]  # fmt: skip
