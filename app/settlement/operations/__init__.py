"""What settlement can do: book shipments, release what was held, close periods."""

from app.settlement.operations.booking import (
    book_shipments,
    note_deliveries,
    note_payments,
)
from app.settlement.operations.closing import close_period, require_period
from app.settlement.operations.releasing import release_due

__all__ = [
    "book_shipments",
    "close_period",
    "note_deliveries",
    "note_payments",
    "release_due",
    "require_period",
]
