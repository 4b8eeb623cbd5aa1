"""Closing a period: every organization's statement, set-based, once.

The period claims every journal that happened before its end and that no earlier period claimed, so
a journal that was late for its own period is told in the next one, and none is told twice.
"""

import uuid
from datetime import datetime

from sqlalchemy import insert, text

from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.kernel.ids import new_id
from app.ledger.queries import STATEMENT_CODES
from app.settlement import queries
from app.settlement.errors import PeriodMalformed, PeriodNotNext
from app.settlement.events import StatementClosed
from app.settlement.models import Period
from app.settlement.queries.statements import ALL_LINES_SQL

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('settlement.close_period'))")
_EARLIEST = text("SELECT min(occurred_at) FROM ledger_journals")
_CLAIM = text(
    """
    INSERT INTO settlement_period_journals (journal_id, period_id)
    SELECT j.id, :period_id FROM ledger_journals j
    WHERE j.occurred_at < :period_to
      AND NOT EXISTS (SELECT FROM settlement_period_journals c WHERE c.journal_id = j.id)
    """
)
_STATE = text(
    f"""
    WITH movement AS (
        SELECT a.owner_id AS organization_id, e.currency,
               -sum(e.amount_minor)::bigint AS amount_minor
        FROM settlement_period_journals c
        JOIN ledger_entries e ON e.journal_id = c.journal_id
        JOIN ledger_accounts a ON a.id = e.account_id
        WHERE c.period_id = :period_id AND a.code = ANY(:codes)
        GROUP BY 1, 2
    ), opening AS (
        SELECT DISTINCT ON (organization_id, currency) organization_id, currency,
               closing_minor AS amount_minor
        FROM settlement_statements ORDER BY organization_id, currency, period_from DESC
    ), line AS (
        SELECT organization_id, currency, count(*) AS lines
        FROM ({ALL_LINES_SQL}) AS l GROUP BY 1, 2
    )
    INSERT INTO settlement_statements (
        id, organization_id, period_id, currency, period_from, period_to, opening_minor,
        movement_minor, closing_minor, line_count, closed_at)
    SELECT uuidv7(), organization_id, :period_id, currency, :period_from, :period_to,
           COALESCE(o.amount_minor, 0), COALESCE(m.amount_minor, 0),
           COALESCE(o.amount_minor, 0) + COALESCE(m.amount_minor, 0), COALESCE(lines, 0), :now
    FROM movement m
    FULL JOIN opening o USING (organization_id, currency)
    LEFT JOIN line USING (organization_id, currency)
    WHERE lines > 0 OR m.amount_minor <> 0 OR o.amount_minor <> 0
    RETURNING id, organization_id
    """  # noqa: S608 - constants
)


def close_period(
    session: DbSession, *, period_from: datetime, period_to: datetime, now: datetime
) -> int:
    """Close ``[period_from, period_to)``; returns how many statements were made.

    A period that is closed already makes none.

    Raises:
        PeriodMalformed: it does not end after it begins, or has not ended yet.
        PeriodNotNext: an earlier period has to be closed first.
    """
    require_period(period_from=period_from, period_to=period_to, now=now)
    session.execute(_ONE_AT_A_TIME)
    if _is_closed(session, period_from, period_to):
        return 0
    period_id = new_id()
    session.execute(
        insert(Period).values(
            id=period_id, period_from=period_from, period_to=period_to, closed_at=now
        )
    )
    session.execute(_CLAIM, {"period_id": period_id, "period_to": period_to})
    return _state(session, period_id, period_from, period_to, now)


def require_period(*, period_from: datetime, period_to: datetime, now: datetime) -> None:
    """Refuse what is no period, or one that has not ended.

    Raises:
        PeriodMalformed: it does not end after it begins, or has not ended yet.
    """
    if not period_from < period_to <= now:
        raise PeriodMalformed


def _is_closed(session: DbSession, period_from: datetime, period_to: datetime) -> bool:
    """Whether exactly this period was closed; refuse one that is not the next."""
    last = queries.find_last_period(session)
    if last is None:
        earliest = session.execute(_EARLIEST).scalar()
        if earliest is not None and earliest < period_from:
            raise PeriodNotNext(starts_at_the_latest=earliest)
        return False
    known = text(
        "SELECT true FROM settlement_periods WHERE period_from = :starts AND period_to = :ends"
    )
    if session.execute(known, {"starts": period_from, "ends": period_to}).scalar():
        return True
    if period_from != last.period_to:
        raise PeriodNotNext(starts_at=last.period_to)
    return False


def _state(
    session: DbSession,
    period_id: uuid.UUID,
    period_from: datetime,
    period_to: datetime,
    now: datetime,
) -> int:
    made = session.execute(
        _STATE,
        {
            "period_id": period_id,
            "codes": [int(code) for code in STATEMENT_CODES],
            "period_from": period_from,
            "period_to": period_to,
            "now": now,
        },
    ).all()
    for statement_id, organization_id in made:
        event = StatementClosed(
            happened_at=now,
            audience=(organization_id,),
            statement_id=statement_id,
            organization_id=organization_id,
        )
        record(session, event)
    return len(made)
