"""Facts of settlement."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsReleased(Event):
    """The hold of a shipment's money ended: its parties may be paid."""

    name: ClassVar[str] = "funds.released"
    shipment_id: uuid.UUID
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementClosed(Event):
    """A period's statement of an organization is final."""

    name: ClassVar[str] = "statement.closed"
    statement_id: uuid.UUID
    organization_id: uuid.UUID
