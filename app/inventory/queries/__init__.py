"""What inventory can be asked."""

from app.inventory.queries.backorders import (
    BACKORDER_SQL,
    BrokenPromise,
    Promise,
    list_available_to_promise,
    list_backorderable,
    list_broken_promises,
)
from app.inventory.queries.calendars import (
    calendars_of,
    list_closures,
    list_ship_days,
    zones_of,
)
from app.inventory.queries.feeds import get_feed, list_feed_messages, list_feeds
from app.inventory.queries.moves import (
    MovementFilter,
    has_location,
    list_holds,
    list_incoming,
    list_log,
    list_lots,
    list_movements,
)
from app.inventory.queries.proofs import STOCK_INVARIANTS, verify
from app.inventory.queries.stock import (
    AVAILABLE_SQL,
    StockFilter,
    browse_stock,
    find_variant,
    get_location,
    list_available,
    list_locations,
    list_stock_at,
    list_stock_of,
)

__all__ = [
    "AVAILABLE_SQL",
    "BACKORDER_SQL",
    "STOCK_INVARIANTS",
    "BrokenPromise",
    "MovementFilter",
    "Promise",
    "StockFilter",
    "browse_stock",
    "calendars_of",
    "find_variant",
    "get_feed",
    "get_location",
    "has_location",
    "list_available",
    "list_available_to_promise",
    "list_backorderable",
    "list_broken_promises",
    "list_closures",
    "list_feed_messages",
    "list_feeds",
    "list_holds",
    "list_incoming",
    "list_locations",
    "list_log",
    "list_lots",
    "list_movements",
    "list_ship_days",
    "list_stock_at",
    "list_stock_of",
    "verify",
    "zones_of",
]
