"""Who earns what of a shipped portion; pure.

Laws: the parts of a portion sum to what the buyer pays for it, exactly; each rate is rounded once
and the seller (or the storefront's owner) keeps the rest, so nothing is lost or invented; parts of
nothing are left out.

* agency: the seller is paid its own price less royalty, platform fee and commission; whatever the
  buyer pays more or less than that price (after a re-routing) is the storefront owner's.
* resale: the seller is paid its transfer price less the royalty, each tier between keeps what it
  sells for less what it buys for, the owner keeps its margin less the platform fee.
* own: the owner fulfils its own storefront's order.
* whoever owes a part of what a re-routing cost more pays it to the storefront's owner.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from app.kernel.money import share_of
from app.ledger.rules import AccountRef, Code, Line, credit, debit
from app.payments.rules import Parcel, Rates, ShippedLine
from app.settlement.errors import ChainBroken

KINDS = ("goods", "freight", "commission", "royalty", "platform_fee", "margin", "rerouting")


@dataclass(frozen=True, slots=True)
class Parties:
    """Who takes part in a parcel besides the tiers of its chain."""

    seller_id: uuid.UUID
    owner_id: uuid.UUID
    operator_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Part:
    """One organization's part of a portion; negative where it carries a cost."""

    organization_id: uuid.UUID
    kind: str
    amount_minor: int


def split(line: ShippedLine, *, selling_model: str, rates: Rates, parties: Parties) -> list[Part]:
    """The parts of a shipped portion, at the seller order's frozen terms.

    Raises:
        ChainBroken: the goods were resold, and nobody noted by whom.
    """
    owed = [
        part
        for due in line.dues
        for part in (
            Part(due.payer_id, "rerouting", -due.amount_minor),
            Part(parties.owner_id, "rerouting", due.amount_minor),
        )
    ]
    shares = [*_MODELS[selling_model](line, rates, parties), *owed]
    parts = [part for part in shares if part.amount_minor]
    paid = line.buyer_goods_minor + line.buyer_freight_minor
    assert sum(part.amount_minor for part in parts) == paid, "parts do not sum to the price"
    return _merged(parts)


def _agency(line: ShippedLine, rates: Rates, parties: Parties) -> list[Part]:
    goods, freight = line.seller_goods_minor, line.seller_freight_minor
    royalty = share_of(goods, rates.royalty_bps)
    fee = share_of(goods, rates.platform_fee_bps)
    commission = share_of(goods, rates.commission_bps)
    more = line.buyer_goods_minor + line.buyer_freight_minor - goods - freight
    return [
        Part(parties.seller_id, "goods", goods - royalty - fee - commission),
        Part(parties.seller_id, "freight", freight),
        Part(line.manufacturer_id, "royalty", royalty),
        Part(parties.operator_id, "platform_fee", fee),
        Part(parties.owner_id, "commission", commission),
        Part(parties.owner_id, "rerouting", more),
    ]


def _resale(line: ShippedLine, rates: Rates, parties: Parties) -> list[Part]:
    if not line.hops:
        raise ChainBroken(allocation_id=str(line.allocation_id))
    first, last = line.hops[0], line.hops[-1]
    royalty = share_of(first.amount_minor, rates.royalty_bps)
    fee = share_of(line.buyer_goods_minor, rates.platform_fee_bps)
    tiers = [
        Part(bought.buyer_id, "margin", sold.amount_minor - bought.amount_minor)
        for bought, sold in zip(line.hops, line.hops[1:], strict=False)
    ]
    return [
        Part(parties.seller_id, "goods", first.amount_minor - royalty),
        Part(parties.seller_id, "freight", line.seller_freight_minor),
        Part(line.manufacturer_id, "royalty", royalty),
        *tiers,
        Part(parties.operator_id, "platform_fee", fee),
        Part(parties.owner_id, "margin", line.buyer_goods_minor - last.amount_minor - fee),
        Part(parties.owner_id, "rerouting", line.buyer_freight_minor - line.seller_freight_minor),
    ]


def _own(line: ShippedLine, rates: Rates, parties: Parties) -> list[Part]:
    goods = line.buyer_goods_minor
    royalty = share_of(goods, rates.royalty_bps)
    fee = share_of(goods, rates.platform_fee_bps)
    return [
        Part(parties.owner_id, "goods", goods - royalty - fee),
        Part(parties.owner_id, "freight", line.buyer_freight_minor),
        Part(line.manufacturer_id, "royalty", royalty),
        Part(parties.operator_id, "platform_fee", fee),
    ]


_MODELS: Mapping[str, Callable[[ShippedLine, Rates, Parties], list[Part]]] = MappingProxyType(
    {"agency": _agency, "resale": _resale, "own": _own}
)


def _merged(parts: Sequence[Part]) -> list[Part]:
    """One part per organization and kind."""
    sums: dict[tuple[uuid.UUID, str], int] = defaultdict(int)
    for part in parts:
        sums[part.organization_id, part.kind] += part.amount_minor
    return [Part(owner, kind, amount) for (owner, kind), amount in sums.items() if amount]


@dataclass(frozen=True, slots=True)
class Shares:
    """What a shipment's parts come to: per party, and the operator's deferred fee."""

    of_party: Mapping[uuid.UUID, int]
    fee_minor: int


def shares_of(parts: Iterable[Part]) -> Shares:
    """Add up a shipment's parts."""
    of_party: dict[uuid.UUID, int] = defaultdict(int)
    fee = 0
    for part in parts:
        if part.kind == "platform_fee":
            fee += part.amount_minor
        else:
            of_party[part.organization_id] += part.amount_minor
    return Shares(of_party, fee)


def shipment_lines(parcel: Parcel, shares: Shares) -> list[Line]:
    """The money of a shipment: who pays on the debit side, whose it becomes on the credit side."""
    on_account = parcel.payment_method == "on_account"
    code = Code.PAYABLE_WAITING if on_account else Code.PAYABLE_HELD
    owed = Code.BUYER_RECEIVABLE if on_account else Code.ORDER_CLEARING
    reference = parcel.owner_id if on_account else parcel.order_id
    lines = [
        debit(AccountRef(owed, parcel.currency, parcel.buyer_id, reference), parcel.amount_minor),
        credit(
            deferred_fees(parcel.currency, parcel.operator_id, parcel.order_id), shares.fee_minor
        ),
    ]
    for party, amount in shares.of_party.items():
        if amount >= 0:
            lines.append(credit(AccountRef(code, parcel.currency, party, parcel.order_id), amount))
        else:
            lines.append(debit(clawback(parcel.currency, party), -amount))
    return lines


def exposure_lines(parcel: Parcel) -> list[Line]:
    """What is invoiced is no longer reserved."""
    if parcel.payment_method != "on_account":
        return []
    sides = (parcel.currency, parcel.buyer_id, parcel.owner_id)
    return [
        debit(AccountRef(Code.CREDIT_EXPOSURE_CONTRA, *sides), parcel.amount_minor),
        credit(AccountRef(Code.CREDIT_EXPOSURE, *sides), parcel.amount_minor),
    ]


@dataclass(frozen=True, slots=True)
class PartyShare:
    """A party's part of a shipment, out of the books: fees apart, negative where it owes."""

    shipment_id: uuid.UUID
    order_id: uuid.UUID
    currency: str
    party_id: uuid.UUID
    is_fee: bool
    amount_minor: int


def paid_lines(waiting: Iterable[Line]) -> list[Line]:
    """The buyer has paid: what waited for it is held until the hold ends."""
    return [
        moved
        for line in waiting
        for moved in (
            debit(line.account, -line.amount_minor),
            credit(replace(line.account, code=Code.PAYABLE_HELD), -line.amount_minor),
        )
    ]


def release_lines(shares: Iterable[PartyShare], clawbacks: dict[AccountRef, int]) -> list[Line]:
    """The hold has ended: fees are earned, parties are paid what they do not owe back.

    ``clawbacks`` is what each party still owes; it is used up from shipment to shipment.
    """
    lines: list[Line] = []
    for share in shares:
        if share.is_fee:
            lines += _earned(share, clawbacks)
        elif share.amount_minor > 0:
            lines += _available(share, clawbacks)
    return lines


def _earned(share: PartyShare, clawbacks: dict[AccountRef, int]) -> list[Line]:
    """Fees are earned; what the operator owes towards a re-routing is netted from them."""
    fees = deferred_fees(share.currency, share.party_id, share.order_id)
    revenue = AccountRef(Code.PLATFORM_FEES, share.currency, share.party_id)
    owes = clawback(share.currency, share.party_id)
    netted = min(clawbacks.get(owes, 0), share.amount_minor)
    clawbacks[owes] = clawbacks.get(owes, 0) - netted
    return [
        debit(fees, share.amount_minor),
        credit(owes, netted),
        credit(revenue, share.amount_minor - netted),
    ]


def _available(share: PartyShare, clawbacks: dict[AccountRef, int]) -> list[Line]:
    owes = clawback(share.currency, share.party_id)
    netted = min(clawbacks.get(owes, 0), share.amount_minor)
    clawbacks[owes] = clawbacks.get(owes, 0) - netted
    available = AccountRef(Code.PAYABLE_AVAILABLE, share.currency, share.party_id)
    return [
        debit(_payable(Code.PAYABLE_HELD, share), share.amount_minor),
        credit(owes, netted),
        credit(available, share.amount_minor - netted),
    ]


def _payable(code: Code, share: PartyShare) -> AccountRef:
    return AccountRef(code, share.currency, share.party_id, share.order_id)


def clawback(currency: str, party_id: uuid.UUID) -> AccountRef:
    """What a party owes back, netted from what it earns next."""
    return AccountRef(Code.SELLER_RECEIVABLE, currency, party_id)


def deferred_fees(currency: str, operator_id: uuid.UUID, order_id: uuid.UUID) -> AccountRef:
    """The operator's fees that are not earned yet."""
    return AccountRef(Code.DEFERRED_FEES, currency, operator_id, order_id)
