"""What inventory can be told."""

from app.inventory.operations.reservations import Wanted, consume, lock_stock, release, reserve

__all__ = ["Wanted", "consume", "lock_stock", "release", "reserve"]
