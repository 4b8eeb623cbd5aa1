"""What settlement does when something happens, in the same transaction."""

from collections.abc import Sequence

from app.fulfilment.events import ShipmentDelivered, ShipmentDispatched
from app.infra.db import DbSession
from app.payments.events import InvoicePaid
from app.settlement import operations


def book_shipments(session: DbSession, events: Sequence[ShipmentDispatched]) -> None:
    """Goods that leave are billed, and every cent of them gets an owner."""
    session.flush()
    operations.book_shipments(session, shipment_ids=[event.shipment_id for event in events])


def note_deliveries(session: DbSession, events: Sequence[ShipmentDelivered]) -> None:
    """The hold begins when the buyer has the goods."""
    session.flush()
    operations.note_deliveries(session, shipment_ids=[event.shipment_id for event in events])


def note_payments(session: DbSession, events: Sequence[InvoicePaid]) -> None:
    """Parties wait for the buyer's money no longer."""
    operations.note_payments(session, paid=events)
