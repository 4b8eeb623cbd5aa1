"""Posting: the one way in which money is booked.

``post`` hands all journals of a fact to the database function ``ledger_post`` in one call, which
locks every balance that has a floor in one order. A fact that was booked before is not booked
again. The drafts' vocabulary is offered here to the domains above.
"""

import uuid
from collections.abc import Sequence
from dataclasses import replace

import orjson
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.infra.db import DbSession
from app.kernel.ids import new_id
from app.ledger.errors import AlreadyReversed, FloorBreached, JournalNotFound
from app.ledger.rules import (
    CHART,
    AccountRef,
    Code,
    JournalDraft,
    Line,
    credit,
    debit,
    tidied,
    transfer,
)

__all__ = [
    "AccountRef", "Code", "JournalDraft", "Line", "credit", "debit", "post", "reverse", "transfer",
]  # fmt: skip

FLOOR_BREACHED = "DL001"  # SQLSTATE raised by ledger_post
_POST = text(
    "SELECT ledger_post(CAST(:accounts AS jsonb), CAST(:journals AS jsonb),"
    " CAST(:entries AS jsonb))"
)
_LINES = text(
    "SELECT a.code, a.currency, a.owner_id, a.reference_id, e.amount_minor, j.order_id"
    " FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id"
    " JOIN ledger_journals j ON j.id = e.journal_id WHERE j.id = :journal_id ORDER BY e.line_no"
)


def post(session: DbSession, *, journals: Sequence[JournalDraft]) -> list[uuid.UUID]:
    """Book facts; returns their journals' ids, in order (the old id for a repeated fact).

    Raises:
        JournalUnbalanced: a draft breaks a law of journals.
        FloorBreached: an account would cross the side that it may not leave.
        AlreadyReversed: it reverses a journal that was reversed.
    """
    if not journals:
        return []
    payload = _payload([tidied(draft) for draft in journals])
    try:
        ids: list[uuid.UUID] = session.execute(_POST, payload).scalar_one()
    except IntegrityError as error:
        if "uq_ledger_journals_reverses_id" in str(error.orig):
            raise AlreadyReversed from error
        raise
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == FLOOR_BREACHED:
            raise _breach(error) from error
        raise
    return ids


def reverse(session: DbSession, *, journal_id: uuid.UUID, draft: JournalDraft) -> uuid.UUID:
    """Undo a journal by its mirror image; the draft gives the name, the time and the reason.

    Raises:
        JournalNotFound: there is no such journal.
        FloorBreached: the money has moved on.
        AlreadyReversed: it was undone before.
    """
    rows = session.execute(_LINES, {"journal_id": journal_id}).all()
    if not rows:
        raise JournalNotFound
    lines = [
        Line(
            AccountRef(Code(row.code), row.currency, row.owner_id, row.reference_id),
            -row.amount_minor,
        )
        for row in rows
    ]
    mirror = replace(draft, lines=lines, order_id=rows[0].order_id, reverses_id=journal_id)
    return post(session, journals=[mirror])[0]


def _payload(drafts: Sequence[JournalDraft]) -> dict[str, str]:
    """Three flat record sets: accounts once each, journals, entries."""
    accounts: dict[AccountRef, uuid.UUID] = {}
    journals: list[dict[str, object]] = []
    entries: list[dict[str, object]] = []
    for draft in drafts:
        journal_id = new_id()
        journals.append(_journal(journal_id, draft))
        for number, line in enumerate(draft.lines, start=1):
            account_id = accounts.get(line.account) or line.account.id
            accounts[line.account] = account_id
            entries.append(
                {
                    "journal_id": journal_id,
                    "line_no": number,
                    "account_id": account_id,
                    "amount_minor": line.amount_minor,
                }
            )
    return {
        "accounts": orjson.dumps([_account(key, id_) for key, id_ in accounts.items()]).decode(),
        "journals": orjson.dumps(journals).decode(),
        "entries": orjson.dumps(entries).decode(),
    }


def _account(key: AccountRef, account_id: uuid.UUID) -> dict[str, object]:
    return {
        "id": account_id,
        "code": int(key.code),
        "owner_id": key.owner_id,
        "reference_id": key.reference_id,
        "currency": key.currency,
        "floor": key.floor,
    }


def _journal(journal_id: uuid.UUID, draft: JournalDraft) -> dict[str, object]:
    return {
        "id": journal_id,
        "event_key": draft.event_key,
        "kind": draft.kind,
        "order_id": draft.order_id,
        "occurred_at": draft.occurred_at,
        "reverses_id": draft.reverses_id,
        "actor_id": draft.actor_id,
        "reason": draft.reason,
    }


def _breach(error: DBAPIError) -> FloorBreached:
    """The refusal, with the facts that the database reported."""
    diagnostics = getattr(error.orig, "diag", None)
    facts = orjson.loads(getattr(diagnostics, "message_detail", None) or "{}")
    name = CHART[Code(facts["account_code"])].name if facts else "unknown"
    return FloorBreached(f"The account ({name}) does not hold that much", **facts)
