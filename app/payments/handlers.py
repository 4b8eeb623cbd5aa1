"""What payments do when something happens, in the same transaction.

Shipments are billed by settlement, which books them at the same time.
"""

from collections.abc import Sequence

from app.infra.db import DbSession
from app.ordering.events import OrderPlaced, UnitsCancelled
from app.payments import operations


def reserve_credit(session: DbSession, events: Sequence[OrderPlaced]) -> None:
    """An order on account takes up credit; each is checked against what the last one left."""
    session.flush()
    for event in events:
        operations.reserve_credit(session, order_id=event.order_id, now=event.happened_at)


def give_up(session: DbSession, events: Sequence[UnitsCancelled]) -> None:
    """Cancelled units free credit, or give the buyer its advance back."""
    session.flush()
    for event in events:
        operations.give_up(
            session,
            order_id=event.order_id,
            allocation_ids=event.allocation_ids,
            units=event.units,
            amount_minor=event.amount_minor,
            now=event.happened_at,
        )
