"""What inventory can be told."""

from app.inventory.operations.alarms import Threshold, set_thresholds, tell_scarcity
from app.inventory.operations.feeds import Message, purge_feed_messages, put_feed
from app.inventory.operations.filling import expire_lots, fill_promises
from app.inventory.operations.goods import (
    Adjusted,
    Received,
    Transferred,
    adjust,
    receive,
    transfer,
)
from app.inventory.operations.holds import expire_holds, hold, let_go, take_over
from app.inventory.operations.incoming import Announced, announce
from app.inventory.operations.keeping import all_or_none, keep, take_over_all
from app.inventory.operations.leaving import consume, release, write_off
from app.inventory.operations.locations import (
    close_location,
    create_location,
    reopen_location,
    update_location,
)
from app.inventory.operations.reservations import (
    Wanted,
    lock_stock,
    promise,
    promise_at_once,
    reserve,
    reserve_at_once,
)
from app.inventory.operations.stock import MAX_ROWS, Level, set_stock
from app.inventory.rules.moving import Cause

__all__ = [
    "MAX_ROWS",
    "Adjusted",
    "Announced",
    "Cause",
    "Level",
    "Message",
    "Received",
    "Threshold",
    "Transferred",
    "Wanted",
    "adjust",
    "all_or_none",
    "announce",
    "close_location",
    "consume",
    "create_location",
    "expire_holds",
    "expire_lots",
    "fill_promises",
    "hold",
    "keep",
    "let_go",
    "lock_stock",
    "promise",
    "promise_at_once",
    "purge_feed_messages",
    "put_feed",
    "receive",
    "release",
    "reopen_location",
    "reserve",
    "reserve_at_once",
    "set_stock",
    "set_thresholds",
    "take_over",
    "take_over_all",
    "tell_scarcity",
    "transfer",
    "update_location",
    "write_off",
]
