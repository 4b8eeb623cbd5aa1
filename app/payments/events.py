"""Facts of payment."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived(Event):
    """Money arrived for an order, in advance or for one of its invoices."""

    name: ClassVar[str] = "payment.received"
    payment_id: uuid.UUID
    order_id: uuid.UUID
    invoice_id: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaid(Event):
    """An invoice is paid in full."""

    name: ClassVar[str] = "invoice.paid"
    invoice_id: uuid.UUID
    shipment_id: uuid.UUID
    order_id: uuid.UUID
