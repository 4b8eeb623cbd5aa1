"""Facts of the network."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationJoined(Event):
    """The operator took an organization into the network."""

    name: ClassVar[str] = "organization.joined"
    organization_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementEvent(Event):
    """What all facts about an agreement have in common."""

    agreement_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementProposed(AgreementEvent):
    """The grantee is asked to accept."""

    name: ClassVar[str] = "agreement.proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementActivated(AgreementEvent):
    """Both agree: the grantee may sell."""

    name: ClassVar[str] = "agreement.activated"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSuspended(AgreementEvent):
    """The grantee may not sell for a while."""

    name: ClassVar[str] = "agreement.suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementTerminated(AgreementEvent):
    """It is over; orders placed under it keep their terms."""

    name: ClassVar[str] = "agreement.terminated"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementTermsAdded(AgreementEvent):
    """A new version of terms will hold."""

    name: ClassVar[str] = "agreement.terms_added"
    terms_id: uuid.UUID
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEvent(Event):
    """What all facts about a trading account have in common."""

    account_id: uuid.UUID
    seller_id: uuid.UUID
    buyer_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingAccountRequested(AccountEvent):
    """A buyer wants to buy."""

    name: ClassVar[str] = "trading_account.requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingAccountApproved(AccountEvent):
    """A buyer may buy, also after a suspension."""

    name: ClassVar[str] = "trading_account.approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingAccountSuspended(AccountEvent):
    """A buyer may not buy for a while."""

    name: ClassVar[str] = "trading_account.suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingAccountClosed(AccountEvent):
    """The relation is over."""

    name: ClassVar[str] = "trading_account.closed"
