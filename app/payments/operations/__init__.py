"""What payments can do: reserve and free credit, issue invoices, record money that arrived.

Locks: orders, then invoices, each in the order of their ids, then balances (by the ledger). Every
amount is booked by a journal in the same transaction.
"""

from app.payments.operations.arriving import Receipt
from app.payments.operations.credit import give_up, reserve_credit
from app.payments.operations.invoicing import issue_invoices
from app.payments.operations.receiving import (
    record_payment,
    record_payments,
    record_prepayment,
)

__all__ = [
    "Receipt",
    "give_up",
    "issue_invoices",
    "record_payment",
    "record_payments",
    "record_prepayment",
    "reserve_credit",
]
