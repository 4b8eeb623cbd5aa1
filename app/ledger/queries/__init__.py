"""What the ledger can be asked: balances, journals, and the proof of its own laws."""

from app.ledger.queries.books import (
    OwnBalance,
    SeenJournal,
    SeenLine,
    Total,
    amounts_of,
    balances_of,
    lines_of,
    list_journals,
    lock_amounts,
    trial_balance,
)
from app.ledger.queries.proofs import Invariant, Proof, prove, verify
from app.ledger.rules import STATEMENT_CODES, Code

__all__ = [
    "STATEMENT_CODES",
    "Code",
    "Invariant",
    "OwnBalance",
    "Proof",
    "SeenJournal",
    "SeenLine",
    "Total",
    "amounts_of",
    "balances_of",
    "lines_of",
    "list_journals",
    "lock_amounts",
    "prove",
    "trial_balance",
    "verify",
]
