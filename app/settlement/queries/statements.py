"""Statements and their lines.

A line is a part of a shipment (with its order line), or what another journal moved to or from the
organization. Moves between accounts of the same organization are no lines. Lines of a statement
sum to its movement.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of
from app.ledger.queries import STATEMENT_CODES, Code
from app.settlement.errors import StatementNotFound
from app.settlement.models import Period, Statement

_BEFORE_ALL = uuid.UUID(int=0)
_PARTY_CODES = (
    Code.SELLER_RECEIVABLE,
    Code.PAYABLE_HELD,
    Code.PAYABLE_WAITING,
    Code.DEFERRED_FEES,
)
_OWN = ", ".join(str(int(code)) for code in STATEMENT_CODES)
_PARTY = ", ".join(str(int(code)) for code in _PARTY_CODES)

# Lines of a period. Positive is owed to the organization.
_LINES_SQL = f"""
    SELECT s.id, s.journal_id, s.organization_id, s.currency, s.kind, s.amount_minor,
           s.order_id, s.order_line_id, s.shipment_id, s.booked_at AS occurred_at
    FROM settlement_period_journals c JOIN settlement_splits s ON s.journal_id = c.journal_id
    WHERE c.period_id = :period_id AND s.id > (
        SELECT f.journal_id FROM settlement_period_journals f
        WHERE f.period_id = :period_id ORDER BY f.journal_id LIMIT 1)
      {{splits_of}}
    UNION ALL
    SELECT j.id, j.id, a.owner_id, e.currency, j.kind, -sum(e.amount_minor)::bigint,
           j.order_id, NULL,
           CASE WHEN j.kind = 'shipment' THEN split_part(j.event_key, ':', 2)::uuid END,
           j.occurred_at
    FROM settlement_period_journals c
    JOIN ledger_journals j ON j.id = c.journal_id
    JOIN ledger_entries e ON e.journal_id = j.id
    JOIN ledger_accounts a ON a.id = e.account_id
    WHERE c.period_id = :period_id
      {{entries_of}}
      AND a.code IN ({_OWN}) AND NOT (j.kind = 'shipment' AND a.code IN ({_PARTY}))
    GROUP BY j.id, a.owner_id, e.currency
    HAVING sum(e.amount_minor) <> 0
"""  # noqa: S608 - constants


ALL_LINES_SQL = _LINES_SQL.format(splits_of="", entries_of="")
_OWN_LINES_SQL = _LINES_SQL.format(
    splits_of="AND s.organization_id = :organization_id",
    entries_of="AND a.owner_id = :organization_id",
)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What a statement is made of; positive is owed to the organization."""

    id: uuid.UUID
    journal_id: uuid.UUID
    kind: str
    amount_minor: int
    currency: str
    order_id: uuid.UUID | None
    order_line_id: uuid.UUID | None
    shipment_id: uuid.UUID | None
    occurred_at: datetime


_LINES = text(
    f"""
    SELECT id, journal_id, kind, amount_minor, currency, order_id, order_line_id, shipment_id,
           occurred_at
    FROM ({_OWN_LINES_SQL}) AS line
    WHERE currency = :currency AND id > :after
    ORDER BY id LIMIT :limit
    """  # noqa: S608 - constants
)


def list_statements(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Statement]:
    """The caller's statements (the operator: everybody's), the newest first."""
    query = select(Statement).order_by(Statement.id.desc()).limit(page.limit + 1)
    if not caller.is_operator:
        query = query.where(Statement.organization_id == caller.organization_id)
    if page.after:
        query = query.where(Statement.id < page.after)
    return page_of(session.scalars(query).all(), limit=page.limit, key=lambda row: row.id)


def get_statement(session: DbSession, *, caller: Caller, statement_id: uuid.UUID) -> Statement:
    """One statement.

    Raises:
        StatementNotFound: none, or another organization's.
    """
    found = session.get(Statement, statement_id)
    if found is None or not (caller.is_operator or found.organization_id == caller.organization_id):
        raise StatementNotFound
    return found


def list_statement_lines(
    session: DbSession, *, caller: Caller, statement_id: uuid.UUID, page: PageRequest
) -> Page[StatementLine]:
    """The lines of a statement, oldest first.

    Raises:
        StatementNotFound: none, or another organization's.
    """
    statement = get_statement(session, caller=caller, statement_id=statement_id)
    rows = session.execute(
        _LINES,
        {
            "period_id": statement.period_id,
            "organization_id": statement.organization_id,
            "currency": statement.currency,
            "after": page.after or _BEFORE_ALL,
            "limit": page.limit + 1,
        },
    )
    lines = [StatementLine(*row) for row in rows]
    return page_of(lines, limit=page.limit, key=lambda line: line.id)


def find_last_period(session: DbSession) -> Period | None:
    """The period that was closed last."""
    return session.scalars(select(Period).order_by(Period.period_to.desc()).limit(1)).first()
