"""What settlement can do: book shipments, release what was held, close periods."""

from app.settlement.operations.booking import book_shipment, note_delivery, note_payment
from app.settlement.operations.closing import close_period, require_period
from app.settlement.operations.releasing import release_due

__all__ = [
    "book_shipment",
    "close_period",
    "note_delivery",
    "note_payment",
    "release_due",
    "require_period",
]
