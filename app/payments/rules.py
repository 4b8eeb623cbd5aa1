"""Arithmetic of credit, invoices and prepayments; pure.

Laws: portions of an allocation's frozen amounts sum to the amounts exactly, however it is shipped;
what a buyer owes plus what it has ordered on account never exceeds its limit at placement.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.kernel.money import portion
from app.ledger.rules import AccountRef, Code
from app.payments.errors import CreditLimitExceeded


@dataclass(frozen=True, slots=True)
class Hop:
    """One resale of a shipped portion: the buying tier and what it pays the selling tier."""

    seller_id: uuid.UUID
    buyer_id: uuid.UUID
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Due:
    """What somebody pays towards a shipped portion that came to cost more than was bargained."""

    payer_id: uuid.UUID
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ShippedLine:
    """The units ``before < n <= after`` of an allocation, and their part of its four amounts."""

    allocation_id: uuid.UUID
    order_line_id: uuid.UUID
    manufacturer_id: uuid.UUID
    buyer_goods_minor: int
    buyer_freight_minor: int
    seller_goods_minor: int
    seller_freight_minor: int
    hops: Sequence[Hop] = ()
    dues: Sequence[Due] = ()


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of goods in basis points, frozen with the seller order."""

    royalty_bps: int = 0
    commission_bps: int = 0
    platform_fee_bps: int = 0


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment, seen with the eyes of money: who bought what from whom under which terms."""

    shipment_id: uuid.UUID
    order_id: uuid.UUID
    seller_order_id: uuid.UUID
    seller_id: uuid.UUID
    owner_id: uuid.UUID
    buyer_id: uuid.UUID
    operator_id: uuid.UUID
    currency: str
    selling_model: str
    payment_method: str
    payment_terms_days: int
    hold_days: int
    shipped_at: datetime
    rates: Rates
    lines: Sequence[ShippedLine]

    @property
    def issuer_id(self) -> uuid.UUID:
        """The seller of record: in agency the fulfilling seller, else the storefront's owner."""
        return self.seller_id if self.selling_model == "agency" else self.owner_id

    @property
    def goods_minor(self) -> int:
        """What the buyer pays for the goods."""
        return sum(line.buyer_goods_minor for line in self.lines)

    @property
    def freight_minor(self) -> int:
        """What the buyer pays for their transport."""
        return sum(line.buyer_freight_minor for line in self.lines)

    @property
    def amount_minor(self) -> int:
        """What the buyer pays in all."""
        return self.goods_minor + self.freight_minor


@dataclass(frozen=True, slots=True)
class Credit:
    """A buyer's credit with a storefront owner: the limit and what fills it."""

    currency: str
    limit_minor: int
    reserved_minor: int
    owed_minor: int

    @property
    def used_minor(self) -> int:
        """Ordered and not yet invoiced, plus invoiced and not yet paid."""
        return self.reserved_minor + self.owed_minor

    @property
    def free_minor(self) -> int:
        """What may still be ordered; never negative (a limit may be lowered below its use)."""
        return max(0, self.limit_minor - self.used_minor)

    def require(self, needed_minor: int) -> None:
        """Refuse what does not fit.

        Raises:
            CreditLimitExceeded: it is more than is free.
        """
        if self.used_minor + needed_minor > self.limit_minor:
            raise CreditLimitExceeded(
                currency=self.currency,
                limit_minor=self.limit_minor,
                used_minor=self.used_minor,
                needed_minor=needed_minor,
            )


def part_of(amount_minor: int, *, whole: int, before: int, quantity: int) -> int:
    """An amount's part of the next ``quantity`` units."""
    return portion(amount_minor, whole=whole, before=before, after=before + quantity)


def exposure(*, currency: str, buyer_id: uuid.UUID, creditor_id: uuid.UUID) -> AccountRef:
    """Memo: what a buyer has ordered on account and has not been invoiced for."""
    return AccountRef(Code.CREDIT_EXPOSURE, currency, buyer_id, creditor_id)


def exposure_contra(*, currency: str, buyer_id: uuid.UUID, creditor_id: uuid.UUID) -> AccountRef:
    """The other side of the memo."""
    return AccountRef(Code.CREDIT_EXPOSURE_CONTRA, currency, buyer_id, creditor_id)


def receivable(*, currency: str, buyer_id: uuid.UUID, creditor_id: uuid.UUID) -> AccountRef:
    """What a buyer owes for what it was invoiced."""
    return AccountRef(Code.BUYER_RECEIVABLE, currency, buyer_id, creditor_id)


def clearing(*, currency: str, buyer_id: uuid.UUID, order_id: uuid.UUID) -> AccountRef:
    """A buyer's money for an order that has not shipped."""
    return AccountRef(Code.ORDER_CLEARING, currency, buyer_id, order_id)


def buyer_credit(*, currency: str, buyer_id: uuid.UUID, creditor_id: uuid.UUID) -> AccountRef:
    """A buyer's money that no order needs any more."""
    return AccountRef(Code.BUYER_CREDIT, currency, buyer_id, creditor_id)


def bank(*, currency: str) -> AccountRef:
    """Where money arrives."""
    return AccountRef(Code.BANK, currency)
