"""The chart of accounts, and what a journal must be before it may be posted.

Laws: a journal has two lines or more; it sums to zero in every currency; its memo lines (codes
from 9000, money that is promised but not moved) sum to zero alone. An account's id is derived from
what the account is, so nobody has to look it up and everybody locks in the same order.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Literal

from app.ledger.errors import JournalUnbalanced

Floor = Literal["none", "debit", "credit"]
Side = Literal["debit", "credit"]

FIRST_MEMO_CODE = 9000
_ACCOUNTS = uuid.UUID("6c1b6f0e-3d0a-5a6b-8f5e-1d0c6b1e7a52")


class Code(IntEnum):
    """The numbers of the chart."""

    BANK = 1200
    BUYER_RECEIVABLE = 1300
    SELLER_RECEIVABLE = 1400
    ORDER_CLEARING = 2100
    PAYABLE_HELD = 2200
    PAYABLE_WAITING = 2205
    PAYABLE_AVAILABLE = 2210
    DEFERRED_FEES = 2450
    BUYER_CREDIT = 2710
    PLATFORM_FEES = 4110
    REROUTING_LOSS = 5200
    CREDIT_EXPOSURE = 9200
    CREDIT_EXPOSURE_CONTRA = 9201


@dataclass(frozen=True, slots=True)
class Sort:
    """One row of the chart: what an account of this code is, and the side it may not leave.

    ``owner`` says whose money it is and ``reference`` what it is kept apart by.
    """

    name: str
    side: Side
    floor: Floor
    owner: str | None
    reference: str | None = None


CHART: Mapping[Code, Sort] = MappingProxyType(
    {
        Code.BANK: Sort("bank", "debit", "none", None),
        Code.BUYER_RECEIVABLE: Sort("buyer receivable", "debit", "debit", "buyer", "creditor"),
        Code.SELLER_RECEIVABLE: Sort("seller receivable", "debit", "debit", "party"),
        Code.ORDER_CLEARING: Sort("order clearing", "credit", "credit", "buyer", "order"),
        Code.PAYABLE_HELD: Sort("payable, held", "credit", "credit", "party", "order"),
        Code.PAYABLE_WAITING: Sort(
            "payable, waiting for the buyer", "credit", "credit", "party", "order"
        ),
        Code.PAYABLE_AVAILABLE: Sort("payable, available", "credit", "credit", "party"),
        Code.DEFERRED_FEES: Sort("deferred platform fees", "credit", "credit", "operator", "order"),
        Code.BUYER_CREDIT: Sort("buyer credit", "credit", "credit", "buyer", "creditor"),
        Code.PLATFORM_FEES: Sort("platform fee revenue", "credit", "none", "operator"),
        Code.REROUTING_LOSS: Sort("re-routing and refund loss", "debit", "none", "party"),
        Code.CREDIT_EXPOSURE: Sort("credit exposure", "debit", "debit", "buyer", "creditor"),
        Code.CREDIT_EXPOSURE_CONTRA: Sort(
            "credit exposure, contra", "credit", "none", "buyer", "creditor"
        ),
    }
)

# What an organization owns or owes: the accounts that its statement tells of.
STATEMENT_CODES = tuple(
    code for code, sort in CHART.items() if sort.owner and code < FIRST_MEMO_CODE
)


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account, named by what it is."""

    code: Code
    currency: str
    owner_id: uuid.UUID | None = None
    reference_id: uuid.UUID | None = None

    @property
    def floor(self) -> Floor:
        """The side that the account may not leave."""
        return CHART[self.code].floor

    @property
    def id(self) -> uuid.UUID:
        """The account's id (UUIDv5 of what it is)."""
        owner, reference = self.owner_id or "", self.reference_id or ""
        return uuid.uuid5(_ACCOUNTS, f"{self.code:d}:{owner}:{reference}:{self.currency}")


@dataclass(frozen=True, slots=True)
class Line:
    """A signed amount on an account: debit positive, credit negative."""

    account: AccountRef
    amount_minor: int


@dataclass(frozen=True, slots=True)
class JournalDraft:
    """A fact to be booked once, under the name of the fact."""

    event_key: str
    kind: str
    occurred_at: datetime
    lines: Sequence[Line]
    order_id: uuid.UUID | None = None
    actor_id: uuid.UUID | None = None
    reason: str | None = None
    reverses_id: uuid.UUID | None = None


def debit(account: AccountRef, amount_minor: int) -> Line:
    """A debit line."""
    return Line(account, amount_minor)


def credit(account: AccountRef, amount_minor: int) -> Line:
    """A credit line."""
    return Line(account, -amount_minor)


def transfer(amount_minor: int, *, debit_to: AccountRef, credit_to: AccountRef) -> list[Line]:
    """The two lines of one amount."""
    return [debit(debit_to, amount_minor), credit(credit_to, amount_minor)]


def tidied(draft: JournalDraft) -> JournalDraft:
    """The draft with one line per account and without zeros, checked.

    Raises:
        JournalUnbalanced: it breaks a law of journals.
    """
    sums: dict[AccountRef, int] = defaultdict(int)
    for line in draft.lines:
        sums[line.account] += line.amount_minor
    lines = [Line(account, amount) for account, amount in sums.items() if amount]
    _check(draft.event_key, lines)
    return replace(draft, lines=lines)


def _check(event_key: str, lines: Sequence[Line]) -> None:
    off = {key: total for key, total in _totals(lines).items() if total}
    if off or not lines:
        raise JournalUnbalanced(
            f"The journal {event_key} does not balance",
            event_key=event_key,
            off_by={f"{currency} {sort}": total for (currency, sort), total in off.items()},
        )


def _totals(lines: Iterable[Line]) -> dict[tuple[str, str], int]:
    """Sums per currency, money and memo apart."""
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for line in lines:
        sort = "memo" if line.account.code >= FIRST_MEMO_CODE else "money"
        totals[line.account.currency, sort] += line.amount_minor
    return totals
