"""Money that arrived, and what it is held against: the values that receiving works on."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from app.payments.errors import MoreThanOpen, ReferenceReused
from app.payments.queries import OrderMoney

Name = tuple[uuid.UUID, str, str]  # creditor, method, reference


@dataclass(frozen=True, slots=True)
class Receipt:
    """A line of a bank statement: a buyer's money for an invoice.

    ``received_at`` is when it arrived, where that was not just now.
    """

    invoice_id: uuid.UUID
    amount_minor: int
    method: str
    reference: str
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Money that is to become a payment; ``position`` says where in the request it stands."""

    position: int
    id: uuid.UUID
    order: OrderMoney
    invoice_id: uuid.UUID | None
    amount_minor: int
    method: str
    reference: str
    received_at: datetime

    @property
    def name(self) -> Name:
        return self.order.owner_id, self.method, self.reference

    @property
    def told(self) -> "Told":
        return Told(self.id, self.order.id, self.invoice_id, self.amount_minor)


@dataclass(frozen=True, slots=True)
class Told:
    """What a reference is known to name."""

    id: uuid.UUID
    order_id: uuid.UUID
    invoice_id: uuid.UUID | None
    amount_minor: int

    def require_same(self, arrival: Arrival) -> uuid.UUID:
        told = (arrival.order.id, arrival.invoice_id, arrival.amount_minor)
        if (self.order_id, self.invoice_id, self.amount_minor) != told:
            raise reused(arrival)
        return self.id


@dataclass(slots=True)
class OpenInvoice:
    """A locked invoice, and what this transaction has added to it."""

    id: uuid.UUID
    shipment_id: uuid.UUID
    issuer_id: uuid.UUID
    amount_minor: int
    paid_minor: int
    paid_at: datetime | None = None

    def take(self, arrival: Arrival) -> None:
        open_minor = self.amount_minor - self.paid_minor
        if arrival.amount_minor > open_minor:
            raise MoreThanOpen(open_minor=open_minor, position=arrival.position)
        self.paid_minor += arrival.amount_minor
        if arrival.amount_minor == open_minor:
            self.paid_at = arrival.received_at


def reused(arrival: Arrival) -> ReferenceReused:
    """The refusal of a reference that names another payment."""
    return ReferenceReused(
        method=arrival.method, reference=arrival.reference, position=arrival.position
    )
