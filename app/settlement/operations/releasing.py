"""Holds end: fees are earned, parties' money becomes available, clawbacks are netted first."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.ledger import operations as ledger
from app.ledger import queries as ledger_queries
from app.settlement import queries
from app.settlement.events import FundsReleased
from app.settlement.rules import PartyShare, clawback, release_lines

# A shipment's money is due when its hold has ended and its invoice is paid in full.
_CLAIM = text(
    """
    UPDATE settlement_releases r SET released_at = :now
    FROM (
        SELECT d.id FROM settlement_releases d
        JOIN payments_invoices i ON i.shipment_id = d.shipment_id
        WHERE d.released_at IS NULL AND d.due_at <= :now AND i.paid_at IS NOT NULL
        ORDER BY d.due_at, d.id LIMIT :limit FOR UPDATE OF d SKIP LOCKED
    ) AS due
    WHERE r.id = due.id
    RETURNING r.shipment_id, r.order_id
    """
)


def release_due(session: DbSession, *, now: datetime, limit: int = 500) -> int:
    """Release the money of shipments whose hold has ended; returns how many.

    Safe side by side: each run takes rows that no other has.
    """
    due = {row[0]: row[1] for row in session.execute(_CLAIM, {"now": now, "limit": limit})}
    if not due:
        return 0
    shares: dict[uuid.UUID, list[PartyShare]] = defaultdict(list)
    for share in queries.party_shares(session, shipment_ids=list(due)):
        shares[share.shipment_id].append(share)
    _post(session, shares, now)
    for shipment_id, order_id in due.items():
        _tell(session, shipment_id, order_id, shares[shipment_id], now)
    return len(due)


def _post(session: DbSession, shares: dict[uuid.UUID, list[PartyShare]], now: datetime) -> None:
    owing = {
        clawback(share.currency, share.party_id)
        for of_shipment in shares.values()
        for share in of_shipment
    }
    clawbacks = ledger_queries.lock_amounts(session, accounts=list(owing))
    drafts = [
        ledger.JournalDraft(
            event_key=f"release:{shipment_id}",
            kind="release",
            occurred_at=now,
            lines=lines,
            order_id=of_shipment[0].order_id,
        )
        for shipment_id, of_shipment in shares.items()
        if (lines := release_lines(of_shipment, clawbacks))
    ]
    ledger.post(session, journals=drafts)


def _tell(
    session: DbSession,
    shipment_id: uuid.UUID,
    order_id: uuid.UUID,
    shares: Sequence[PartyShare],
    now: datetime,
) -> None:
    record(
        session,
        FundsReleased(
            happened_at=now,
            audience=tuple(dict.fromkeys(share.party_id for share in shares)),
            shipment_id=shipment_id,
            order_id=order_id,
        ),
    )
