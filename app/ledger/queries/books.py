"""Balances and journals.

Who may see what: the operator everything; an organization the lines of its own accounts and of
those kept for it (it is the creditor). Nobody learns another's prices from a journal.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of
from app.ledger.rules import CHART, AccountRef, Code, Line


@dataclass(frozen=True, slots=True)
class OwnBalance:
    """What an organization has on its accounts of one code, in one currency (debit positive)."""

    account_code: int
    account_name: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Total:
    """All accounts of a code in a currency."""

    account_code: int
    account_name: str
    currency: str
    accounts: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A journal line as somebody entitled sees it."""

    account_code: int
    account_name: str
    owner_id: uuid.UUID | None
    creditor_id: uuid.UUID | None
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class SeenJournal:
    """A journal with the lines that the caller may see."""

    id: uuid.UUID
    event_key: str
    kind: str
    order_id: uuid.UUID | None
    occurred_at: datetime
    reverses_id: uuid.UUID | None
    lines: Sequence[SeenLine]


def amounts_of(session: DbSession, *, accounts: Sequence[AccountRef]) -> dict[AccountRef, int]:
    """Running balances of accounts with a floor; an account nobody has used holds nothing."""
    ids = {account.id: account for account in accounts}
    rows = session.execute(_AMOUNTS, {"ids": list(ids)})
    return dict.fromkeys(accounts, 0) | {ids[row[0]]: row[1] for row in rows}


def lock_amounts(session: DbSession, *, accounts: Sequence[AccountRef]) -> dict[AccountRef, int]:
    """As :func:`amounts_of`, and nobody else moves them until the transaction ends."""
    ids = {account.id: account for account in accounts}
    rows = session.execute(_AMOUNTS_LOCKED, {"ids": list(ids)})
    return dict.fromkeys(accounts, 0) | {ids[row[0]]: row[1] for row in rows}


def lines_of(session: DbSession, *, event_keys: Sequence[str], code: Code) -> dict[str, list[Line]]:
    """What facts' journals booked on the accounts of a code; facts that did not are left out."""
    rows = session.execute(_LINES_OF, {"event_keys": list(event_keys), "code": int(code)})
    lines: dict[str, list[Line]] = {}
    for key, currency, owner_id, reference_id, amount_minor in rows:
        account = AccountRef(code, currency, owner_id, reference_id)
        lines.setdefault(key, []).append(Line(account, amount_minor))
    return lines


def balances_of(session: DbSession, *, organization_id: uuid.UUID) -> list[OwnBalance]:
    """An organization's money, one row per account code and currency; zeros are left out."""
    rows = session.execute(_BALANCES, {"owner_id": organization_id})
    return [
        OwnBalance(row.code, CHART[Code(row.code)].name, row.currency, row.amount_minor)
        for row in rows
    ]


def trial_balance(session: DbSession) -> list[Total]:
    """Every account code in every currency; the sums of a currency are zero."""
    return [
        Total(row.code, CHART[Code(row.code)].name, row.currency, row.accounts, row.amount_minor)
        for row in session.execute(_TRIAL_BALANCE)
    ]


def list_journals(
    session: DbSession, *, caller: Caller, page: PageRequest, order_id: uuid.UUID | None = None
) -> Page[SeenJournal]:
    """Journals with at least one line that the caller may see, oldest first."""
    statement = _journals_statement(
        sees_all=caller.is_operator, of_order=order_id is not None, is_first=page.after is None
    )
    asked = {
        "order_id": order_id,
        "seer_id": caller.organization_id,
        "after": page.after,
        "limit": page.limit + 1,
    }
    named = {name: asked[name] for name in statement.compile().params}
    rows = session.execute(statement, named).all()
    journals = [_seen(row) for row in rows]
    return page_of(journals, limit=page.limit, key=lambda journal: journal.id)


def _seen(row: Any) -> SeenJournal:  # noqa: ANN401 - a row
    return SeenJournal(
        id=row.id,
        event_key=row.event_key,
        kind=row.kind,
        order_id=row.order_id,
        occurred_at=row.occurred_at,
        reverses_id=row.reverses_id,
        lines=[_seen_line(line) for line in row.lines],
    )


def _seen_line(line: dict[str, Any]) -> SeenLine:
    sort, owner, reference = CHART[Code(line["code"])], line["owner_id"], line["reference_id"]
    creditor = reference if sort.reference == "creditor" else None
    return SeenLine(
        account_code=line["code"],
        account_name=sort.name,
        owner_id=uuid.UUID(owner) if owner else None,
        creditor_id=uuid.UUID(creditor) if creditor else None,
        currency=line["currency"],
        amount_minor=line["amount_minor"],
    )


_AMOUNTS = text("SELECT account_id, amount_minor FROM ledger_balances WHERE account_id = ANY(:ids)")
_AMOUNTS_LOCKED = text(
    "SELECT account_id, amount_minor FROM ledger_balances WHERE account_id = ANY(:ids)"
    " ORDER BY account_id FOR UPDATE"
)

_LINES_OF = text(
    """
    SELECT j.event_key, a.currency, a.owner_id, a.reference_id, e.amount_minor
    FROM ledger_journals j JOIN ledger_entries e ON e.journal_id = j.id
    JOIN ledger_accounts a ON a.id = e.account_id
    WHERE j.event_key = ANY(:event_keys) AND a.code = :code
    ORDER BY j.id, e.line_no
    """
)
_TRIAL_BALANCE = text(
    """
    SELECT a.code, a.currency, count(*) AS accounts,
           COALESCE(sum(s.amount_minor), 0)::bigint AS amount_minor
    FROM ledger_accounts a
    LEFT JOIN (
        SELECT account_id, sum(amount_minor) AS amount_minor FROM ledger_entries GROUP BY 1
    ) s ON s.account_id = a.id
    GROUP BY 1, 2 ORDER BY 2, 1
    """
)

# Accounts with a floor have a running balance; the few others are summed.
_BALANCES = text(
    """
    SELECT a.code, a.currency, sum(COALESCE(b.amount_minor, s.amount_minor, 0))::bigint
           AS amount_minor
    FROM ledger_accounts a
    LEFT JOIN ledger_balances b ON b.account_id = a.id
    LEFT JOIN LATERAL (
        SELECT sum(e.amount_minor) AS amount_minor FROM ledger_entries e
        WHERE a.floor = 'none' AND e.account_id = a.id
    ) s ON true
    WHERE a.owner_id = :owner_id
    GROUP BY a.code, a.currency
    HAVING sum(COALESCE(b.amount_minor, s.amount_minor, 0)) <> 0
    ORDER BY a.currency, a.code
    """
)

# Plans are generic: what is not asked for is not in the statement.
_JOURNALS = """
    SELECT j.id, j.event_key, j.kind, j.order_id, j.occurred_at, j.reverses_id, seen.lines
    FROM ledger_journals j CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object(
            'code', a.code, 'owner_id', a.owner_id, 'reference_id', a.reference_id,
            'currency', a.currency, 'amount_minor', e.amount_minor) ORDER BY e.line_no) AS lines
        FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id
        WHERE e.journal_id = j.id {whose}
    ) AS seen
    WHERE seen.lines IS NOT NULL {which} ORDER BY j.id LIMIT :limit
"""
_OWN_LINES = "AND (a.owner_id = :seer_id OR a.reference_id = :seer_id)"
_OF_ORDER = "AND j.order_id = :order_id"
# Only journals that touch an account of the seer, or one that is kept for it.
_OWN_JOURNALS = """
    AND j.id IN (
        SELECT e.journal_id FROM ledger_accounts a JOIN ledger_entries e ON e.account_id = a.id
        WHERE a.owner_id = :seer_id
        UNION
        SELECT e.journal_id FROM ledger_accounts a JOIN ledger_entries e ON e.account_id = a.id
        WHERE a.reference_id = :seer_id AND a.code IN (1300, 2710, 9200, 9201))
"""


def _journals_statement(*, sees_all: bool, of_order: bool, is_first: bool) -> TextClause:
    which = _OF_ORDER if of_order else "" if sees_all else _OWN_JOURNALS
    after = "" if is_first else " AND j.id > :after"
    return text(_JOURNALS.format(whose="" if sees_all else _OWN_LINES, which=which + after))
