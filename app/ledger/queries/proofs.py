"""Proofs: each invariant is a query that finds what breaks it and counts what it proved."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from app.infra.db import DbSession
from app.ledger.rules import CHART

_FOUND = "SELECT breach.*, count(*) OVER () AS breaches_in_all FROM ({breaches}) AS breach LIMIT 5"


@dataclass(frozen=True, slots=True)
class Invariant:
    """A law, what it is proved over, and the query of its breaches.

    ``checked`` counts the rows the law speaks of; ``breaches`` returns the rows that break it.
    """

    name: str
    unit: str
    checked: str
    breaches: str
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proof:
    """An invariant that was proved, or how it was broken."""

    name: str
    unit: str
    checked: int
    breaches: int
    examples: Sequence[dict[str, Any]]

    @property
    def holds(self) -> bool:
        """Whether nothing breaks the law."""
        return self.breaches == 0


def prove(session: DbSession, invariants: Sequence[Invariant]) -> list[Proof]:
    """Prove invariants, each by two queries over whole tables."""
    return [_prove(session, invariant) for invariant in invariants]


def _prove(session: DbSession, invariant: Invariant) -> Proof:
    checked = session.execute(text(invariant.checked), invariant.parameters).scalar_one()
    found = text(_FOUND.format(breaches=invariant.breaches))
    rows = [dict(row) for row in session.execute(found, invariant.parameters).mappings()]
    breaches = rows[0]["breaches_in_all"] if rows else 0
    examples = [{k: v for k, v in row.items() if k != "breaches_in_all"} for row in rows]
    return Proof(invariant.name, invariant.unit, int(checked or 0), int(breaches), examples)


_CHART_ROWS = ", ".join(f"({code:d}, '{sort.floor}')" for code, sort in CHART.items())

LEDGER_INVARIANTS = (
    Invariant(
        "every journal sums to zero, memo lines apart",
        "journals",
        "SELECT count(*) FROM ledger_journals",
        """
        SELECT j.event_key, c.currency, c.total
        FROM ledger_journals j
        LEFT JOIN (
            SELECT e.journal_id, e.currency, a.code >= 9000 AS memo, sum(e.amount_minor) AS total,
                   count(*) AS lines
            FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id
            GROUP BY 1, 2, 3
        ) c ON c.journal_id = j.id
        WHERE c.journal_id IS NULL OR c.total <> 0 OR c.lines < 2
        """,
    ),
    Invariant(
        "the whole ledger sums to zero",
        "currencies",
        "SELECT count(DISTINCT currency) FROM ledger_entries",
        "SELECT currency, sum(amount_minor) AS total FROM ledger_entries GROUP BY 1"
        " HAVING sum(amount_minor) <> 0",
    ),
    Invariant(
        "running balances equal the sums of their entries",
        "accounts",
        "SELECT count(*) FROM ledger_accounts WHERE floor <> 'none'",
        """
        SELECT a.code, a.owner_id, a.currency, b.amount_minor AS running,
               COALESCE(s.total, 0) AS entries
        FROM ledger_accounts a
        LEFT JOIN ledger_balances b ON b.account_id = a.id
        LEFT JOIN (
            SELECT account_id, sum(amount_minor) AS total FROM ledger_entries GROUP BY 1
        ) s ON s.account_id = a.id
        WHERE (a.floor <> 'none' AND b.amount_minor IS DISTINCT FROM COALESCE(s.total, 0))
           OR (a.floor = 'none' AND b.account_id IS NOT NULL)
        """,
    ),
    Invariant(
        "no account has crossed its floor",
        "accounts",
        "SELECT count(*) FROM ledger_balances",
        """
        SELECT a.code, a.owner_id, a.currency, b.amount_minor
        FROM ledger_balances b JOIN ledger_accounts a ON a.id = b.account_id
        WHERE (a.floor = 'debit' AND b.amount_minor < 0)
           OR (a.floor = 'credit' AND b.amount_minor > 0)
        """,
    ),
    Invariant(
        "accounts follow the chart",
        "accounts",
        "SELECT count(*) FROM ledger_accounts",
        f"""
        SELECT a.code, a.owner_id, a.currency, a.floor FROM ledger_accounts a
        LEFT JOIN (VALUES {_CHART_ROWS}) AS chart(code, floor) ON chart.code = a.code
        WHERE chart.floor IS DISTINCT FROM a.floor
        """,  # noqa: S608 - made of the chart
    ),
    Invariant(
        "entries are in the currency of their account",
        "entries",
        "SELECT count(*) FROM ledger_entries",
        """
        SELECT e.journal_id, e.line_no FROM ledger_entries e
        JOIN ledger_accounts a ON a.id = e.account_id WHERE a.currency <> e.currency
        """,
    ),
)


def verify(session: DbSession) -> list[Proof]:
    """Prove the ledger's own laws."""
    return prove(session, LEDGER_INVARIANTS)
