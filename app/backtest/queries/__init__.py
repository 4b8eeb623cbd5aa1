"""What backtests read: themselves, for whom they concern; orders with what was decided then."""

from app.backtest.queries.asked import (
    Asked,
    asked_order,
    locations_by_code,
    owners_of_locations,
    places_of,
)
from app.backtest.queries.orders import Replayed, chosen_orders, page_of_orders
from app.backtest.queries.runs import get_backtest, list_backtests, outcomes_of

__all__ = [
    "Asked", "Replayed", "asked_order", "chosen_orders", "get_backtest", "list_backtests",
    "locations_by_code", "outcomes_of", "owners_of_locations", "page_of_orders", "places_of",
]  # fmt: skip
