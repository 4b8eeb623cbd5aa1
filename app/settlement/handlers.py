"""What settlement does when something happens, in the same transaction."""

from app.fulfilment.events import ShipmentDelivered, ShipmentDispatched
from app.infra.db import DbSession
from app.payments.events import InvoicePaid
from app.settlement import operations


def book_shipment(session: DbSession, event: ShipmentDispatched) -> None:
    """Goods that leave are billed, and every cent of them gets an owner."""
    session.flush()
    operations.book_shipment(session, shipment_id=event.shipment_id, now=event.happened_at)


def note_delivery(session: DbSession, event: ShipmentDelivered) -> None:
    """The hold begins when the buyer has the goods."""
    session.flush()
    operations.note_delivery(session, shipment_id=event.shipment_id)


def note_payment(session: DbSession, event: InvoicePaid) -> None:
    """Parties wait for the buyer's money no longer."""
    operations.note_payment(
        session,
        shipment_id=event.shipment_id,
        order_id=event.order_id,
        now=event.happened_at,
    )
