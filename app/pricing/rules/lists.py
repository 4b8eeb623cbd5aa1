"""A price list as the rules see it, and what it asks for one variant and quantity.

Laws: an entry of its own beats the list's formulas. With *volume* breaks all units cost what the
greatest break that the quantity reaches says; with *graduated* breaks each unit costs what its own
break says, and the sum is rounded once. A derived list derives every break of its base.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from app.kernel.money import UnitPrice, divide_half_up
from app.kernel.period import Period
from app.pricing.rules.asking import Context
from app.pricing.rules.formulas import Formula, VariantFacts, derive, first_fitting

VOLUME, GRADUATED = "volume", "graduated"
BREAKS = (VOLUME, GRADUATED)
MAX_DEPTH = 3
"""How many lists deep a list may derive from others."""

_UNIT, _BUYER, _GROUP, _TERRITORY, _STOREFRONT = 16_000, 8_000, 4_000, 2_000, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """To whom a list applies: all that is named must fit; nothing named means everybody."""

    storefront_id: uuid.UUID | None = None
    territory_id: uuid.UUID | None = None
    customer_group: str | None = None
    buyer_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None
    priority: int = 0
    stops: bool = False

    def scope_in(self, context: Context) -> int | None:
        """How narrowly it fits the context (the greater the narrower), or None when it does not.

        A unit is narrower than a buyer, then a customer group, a territory, a storefront; what
        names more is narrower than what names less; a unit deeper in the tree is narrower.
        """
        named = (
            (self.unit_id, self.unit_id in context.unit_ids, _UNIT),
            # a unit says whose it is
            (self.buyer_id, self.buyer_id == context.buyer_id, 0 if self.unit_id else _BUYER),
            (self.customer_group, self.customer_group == context.customer_group, _GROUP),
            (self.territory_id, self.territory_id in context.territory_ids, _TERRITORY),
            (self.storefront_id, self.storefront_id == context.storefront_id, _STOREFRONT),
        )
        if not all(fits for wanted, fits, _ in named if wanted is not None):
            return None
        depth = context.unit_ids.index(self.unit_id) + 1 if self.unit_id else 0
        return depth + sum(width for wanted, _, width in named if wanted is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A price of the wanted variant on a list, from a quantity on, in a period."""

    from_quantity: int
    price: UnitPrice
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A list, to whom it applies, its entries of the wanted variant, and what it derives from.

    ``margin_lists`` are the lists that its formulas keep a margin above.
    """

    price_list_id: uuid.UUID
    purpose: str
    currency: str
    period: Period
    created_at: datetime
    breaks: str = VOLUME
    assignments: Sequence[Assignment] = ()
    entries: Sequence[Entry] = ()
    variant: VariantFacts = field(default_factory=VariantFacts)
    formulas: Sequence[Formula] = ()
    base: "Candidate | None" = None
    margin_lists: Mapping[uuid.UUID, "Candidate"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One derivation: which list's formula made what of which price."""

    price_list_id: uuid.UUID
    formula: Formula
    before: UnitPrice
    after: UnitPrice


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A break that takes part, and how its price came about."""

    entry: Entry
    price: UnitPrice
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a list asks: the price, and the breaks of the list where entries stand."""

    source_list_id: uuid.UUID
    breaks: str
    tiers: tuple[Tier, ...]

    @property
    def last(self) -> Tier:
        """The greatest break that the quantity reaches."""
        return self.tiers[-1]

    def price(self, quantity: int) -> UnitPrice:
        """The price of the quantity; of several graduated breaks, their sum for all units."""
        if len(self.tiers) == 1:
            return self.last.price
        breaks = [
            (tier.entry.from_quantity, tier.price.amount_minor, tier.price.per_quantity)
            for tier in self.tiers
        ]
        return UnitPrice(sum_graduated(breaks, quantity), quantity)


def ask_list(candidate: Candidate, *, quantity: int, at: datetime) -> Asked | str:
    """What a list asks for a quantity, or the reason why it asks nothing."""
    own = _own_tiers(candidate, quantity, at)
    if own:
        return Asked(
            source_list_id=candidate.price_list_id, breaks=candidate.breaks, tiers=tuple(own)
        )
    if candidate.base is None:
        return _why_none(candidate, at)
    if not candidate.base.period.contains(at):
        return "base_not_valid_now"
    below = ask_list(candidate.base, quantity=quantity, at=at)
    if isinstance(below, str):
        return "no_base_price"
    return _derived(candidate, below, quantity=quantity, at=at)


def misfit(entry: Entry, quantity: int, at: datetime) -> str:
    """Why an entry takes no part; empty when it does."""
    if not entry.period.contains(at):
        return "entry_not_valid_now"
    return "quantity_too_small" if entry.from_quantity > quantity else ""


def _own_tiers(candidate: Candidate, quantity: int, at: datetime) -> list[Tier]:
    fitting = [each for each in candidate.entries if not misfit(each, quantity, at)]
    fitting.sort(key=lambda each: each.from_quantity)
    kept = fitting if candidate.breaks == GRADUATED else fitting[-1:]
    return [Tier(entry=each, price=each.price) for each in kept]


def _why_none(candidate: Candidate, at: datetime) -> str:
    if not candidate.entries:
        return "no_entry"
    valid = any(each.period.contains(at) for each in candidate.entries)
    return "quantity_too_small" if valid else "entry_not_valid_now"


def _derived(candidate: Candidate, below: Asked, *, quantity: int, at: datetime) -> Asked | str:
    formula = first_fitting(candidate.formulas, candidate.variant)
    if formula is None:
        return "no_formula"
    cost = None
    if formula.margin_list_id is not None:
        cost = _cost(candidate.margin_lists[formula.margin_list_id], quantity, at)
        if cost is None:
            return "no_transfer_price"
    tiers = []
    for tier in below.tiers:
        after = derive(formula, tier.price, cost)
        step = Step(
            price_list_id=candidate.price_list_id, formula=formula, before=tier.price, after=after
        )
        tiers.append(Tier(entry=tier.entry, price=after, steps=(*tier.steps, step)))
    return Asked(source_list_id=below.source_list_id, breaks=below.breaks, tiers=tuple(tiers))


def _cost(margin_list: Candidate, quantity: int, at: datetime) -> UnitPrice | None:
    """What the margin is kept above: the volume price of a list's own entries."""
    if not margin_list.period.contains(at):
        return None
    fitting = [each for each in margin_list.entries if not misfit(each, quantity, at)]
    best = max(fitting, key=lambda each: each.from_quantity, default=None)
    return best.price if best else None


def sum_graduated(tiers: Sequence[tuple[int, int, int]], quantity: int) -> int:
    """Each unit at the price of its own break; units below the first break cost what it says.

    ``tiers`` are (from quantity, amount, per quantity), the least quantity first; all are reached.
    """
    starts = [0, *(since - 1 for since, _, _ in tiers[1:]), quantity]
    total = sum(
        (
            Fraction(amount * (starts[number + 1] - starts[number]), per)
            for number, (_, amount, per) in enumerate(tiers)
        ),
        Fraction(),
    )
    return divide_half_up(total.numerator, total.denominator)
