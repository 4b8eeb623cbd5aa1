"""A seller that had accepted cannot deliver after all: short, lost, damaged, or it cancels.

What has left stays sold; the rest of what it names is re-routed at once, as a refusal would be.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.ordering.errors import AnswerDoesNotFit
from app.ordering.events import UnitsWithdrawn
from app.ordering.models import Allocation, Order
from app.ordering.operations import moving, parts
from app.ordering.operations.moving import Act, Part
from app.ordering.operations.promises import Refused
from app.ordering.operations.rerouting import reroute
from app.ordering.rules import GOODS_ARE_GONE, Withdrawal


def withdraw_units(
    session: DbSession,
    *,
    caller: Caller,
    seller_order_id: uuid.UUID,
    lines: Sequence[Withdrawal],
    now: datetime,
) -> None:
    """A seller takes accepted units back that have not left; they find other sellers.

    Raises:
        SellerOrderNotFound: none, or another seller's.
        AnswerDoesNotFit: a line names what was not accepted, or has left.
    """
    [part] = moving.lock_parts(session, acts=[Act(caller, seller_order_id, now)])
    accepted = _accepted(session, part)
    _require_fit(lines, accepted)
    refused = _end(session, accepted, lines)
    _move(session, part, accepted)
    units = sum(line.quantity for line in lines)
    record(
        session,
        UnitsWithdrawn(
            happened_at=now,
            audience=(part.owner_id, part.seller_id),
            order_id=part.order_id,
            seller_order_id=part.id,
            units=units,
        ),
    )
    audit.note(
        session,
        caller=caller,
        action="seller_order.withdrawn",
        subject_type="seller_order",
        subject_id=part.id,
        now=now,
        details={"units": units},
    )
    order = session.get_one(Order, part.order_id, populate_existing=True)
    reroute(session, order=order, refused=refused, trigger="withdrawn", now=now)
    moving.refresh_status(session, order_ids=[part.order_id])


def _accepted(session: DbSession, part: Part) -> dict[uuid.UUID, Allocation]:
    rows = session.scalars(
        select(Allocation)
        .where(Allocation.seller_order_id == part.id, Allocation.status == "accepted")
        .order_by(Allocation.id)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def _require_fit(lines: Sequence[Withdrawal], accepted: dict[uuid.UUID, Allocation]) -> None:
    seen = set()
    for position, line in enumerate(lines):
        row = accepted.get(line.allocation_id)
        here = row.quantity - row.shipped_quantity if row else 0
        if not 0 < line.quantity <= here or line.allocation_id in seen:
            raise AnswerDoesNotFit(position=position)
        seen.add(line.allocation_id)


def _end(
    session: DbSession, accepted: dict[uuid.UUID, Allocation], lines: Sequence[Withdrawal]
) -> Refused:
    refused = Refused()
    for line in lines:
        row = accepted[line.allocation_id]
        held = refused.gone if line.reason in GOODS_ARE_GONE else refused.back
        held[row.id] = line.quantity
        refused.rows.append(
            parts.split_off(
                session,
                row,
                keep=row.quantity - line.quantity,
                status="rejected",
                reason=line.reason,
            )
        )
    session.flush()
    return refused


def _move(session: DbSession, part: Part, accepted: dict[uuid.UUID, Allocation]) -> None:
    """A part of which nothing is left to send ends, or has been shipped."""
    left = [row for row in accepted.values() if row.status == "accepted"]
    if all(row.shipped_quantity == row.quantity for row in left):
        moving.move(session, [(part, "cancelled")])
