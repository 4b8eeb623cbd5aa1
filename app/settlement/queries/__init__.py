"""What settlement can be asked: shares, statements, and whether the books and the orders agree."""

from app.settlement.queries.proofs import verify
from app.settlement.queries.shares import list_order_journals, list_splits, party_shares
from app.settlement.queries.statements import (
    StatementLine,
    find_last_period,
    get_statement,
    list_statement_lines,
    list_statements,
)

__all__ = [
    "StatementLine",
    "find_last_period",
    "get_statement",
    "list_order_journals",
    "list_splits",
    "list_statement_lines",
    "list_statements",
    "party_shares",
    "verify",
]
