"""What inventory can be told."""

from app.inventory.operations.locations import create_location, update_location
from app.inventory.operations.reservations import Wanted, consume, lock_stock, release, reserve
from app.inventory.operations.stock import MAX_ROWS, Level, set_stock

__all__ = [
    "MAX_ROWS",
    "Level",
    "Wanted",
    "consume",
    "create_location",
    "lock_stock",
    "release",
    "reserve",
    "set_stock",
    "update_location",
]
