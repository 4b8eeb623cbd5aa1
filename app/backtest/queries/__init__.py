"""What backtests read: themselves, for whom they concern; orders with what was decided then."""

from app.backtest.queries.orders import Replayed, chosen_orders, page_of_orders
from app.backtest.queries.runs import get_backtest, list_backtests, outcomes_of

__all__ = [
    "Replayed", "chosen_orders", "get_backtest", "list_backtests", "outcomes_of",
    "page_of_orders",
]  # fmt: skip
