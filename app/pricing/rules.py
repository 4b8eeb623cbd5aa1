"""Which price holds, and why: pure decisions over the lists and entries of one owner.

Laws: a narrower scope beats a wider one (buyer, customer group, storefront, everybody), then the
higher priority, then the newer list. A list without a fitting entry is passed over, unless its
assignment stops the search. Within a list the entry with the greatest ``from_quantity`` that the
quantity reaches holds. Every candidate that lost gets the reason why.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.kernel.money import UnitPrice
from app.kernel.period import Period

SALE = "sale"
PURPOSES = (SALE, "transfer", "list", "floor")
BUYER, CUSTOMER_GROUP, STOREFRONT, EVERYBODY = 1, 2, 3, 4
_NO_PART = frozenset(
    {
        "another_list_named",
        "other_purpose",
        "other_currency",
        "list_not_valid_now",
        "not_assigned",
    }
)
_SCOPE_BY_PURPOSE = 0  # lists that need no assignment: named by an agreement, or not for sale


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who asks, where, in which currency and when."""

    storefront_id: uuid.UUID | None
    buyer_id: uuid.UUID | None
    customer_group: str | None
    currency: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One price that is wanted; ``price_list_id`` names the only list that counts."""

    line_no: int
    owner_id: uuid.UUID
    purpose: str
    variant_id: uuid.UUID
    quantity: int
    price_list_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Many asks in one context; ``line_no`` is unique among them."""

    asks: Sequence[Ask]
    currency: str
    storefront_id: uuid.UUID | None = None
    buyer_id: uuid.UUID | None = None
    customer_group: str | None = None

    def context(self, at: datetime) -> Context:
        """Who asks, at this instant."""
        return Context(
            storefront_id=self.storefront_id,
            buyer_id=self.buyer_id,
            customer_group=self.customer_group,
            currency=self.currency,
            at=at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """To whom a list applies; no scope at all means everybody."""

    storefront_id: uuid.UUID | None = None
    customer_group: str | None = None
    buyer_id: uuid.UUID | None = None
    priority: int = 0
    stops: bool = False

    def scope_in(self, context: Context) -> int | None:
        """How narrowly it fits the context, or None when it does not."""
        if self.buyer_id is not None:
            return BUYER if self.buyer_id == context.buyer_id else None
        if self.customer_group is not None:
            return CUSTOMER_GROUP if self.customer_group == context.customer_group else None
        if self.storefront_id is not None:
            return STOREFRONT if self.storefront_id == context.storefront_id else None
        return EVERYBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A price of the wanted variant on a list, from a quantity on, in a period."""

    entry_id: uuid.UUID
    from_quantity: int
    price: UnitPrice
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A list of the owner, to whom it applies, and its entries of the wanted variant."""

    price_list_id: uuid.UUID
    purpose: str
    currency: str
    period: Period
    created_at: datetime
    assignments: Sequence[Assignment] = ()
    entries: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a list, or of one entry of the list that won."""

    price_list_id: uuid.UUID
    reason: str
    entry_id: uuid.UUID | None = None

    @property
    def took_part(self) -> bool:
        """Whether the list applied to whoever asked; the others are its owner's to know of."""
        return self.reason not in _NO_PART


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The entry that holds (None: no price) and the verdict on everything considered."""

    price_list_id: uuid.UUID | None = None
    entry: Entry | None = None
    why: Sequence[Verdict] = field(default=())


@dataclass(frozen=True, slots=True)
class _Place:
    """A list at its place in the order of search."""

    candidate: Candidate
    scope: int
    priority: int = 0
    stops: bool = False

    @property
    def order(self) -> tuple[int, int, float, int]:
        newest_first = -self.candidate.created_at.timestamp()
        return (self.scope, -self.priority, newest_first, -self.candidate.price_list_id.int)


def choose(candidates: Iterable[Candidate], *, ask: Ask, context: Context) -> Choice:
    """The price that holds for the ask, and why every other one lost."""
    verdicts: list[Verdict] = []
    places: list[_Place] = []
    for candidate in candidates:
        found = _places(candidate, ask=ask, context=context)
        places += found if isinstance(found, list) else []
        if isinstance(found, str):
            verdicts.append(Verdict(price_list_id=candidate.price_list_id, reason=found))
    return _search(sorted(places, key=lambda place: place.order), verdicts, ask, context.at)


def _places(candidate: Candidate, *, ask: Ask, context: Context) -> list[_Place] | str:
    """Where the list stands in the search, or why it takes no part."""
    if ask.price_list_id not in {None, candidate.price_list_id}:
        return "another_list_named"
    if candidate.purpose != ask.purpose:
        return "other_purpose"
    if candidate.currency != context.currency:
        return "other_currency"
    if not candidate.period.contains(context.at):
        return "list_not_valid_now"
    if ask.purpose != SALE or ask.price_list_id is not None:
        return [_Place(candidate, _SCOPE_BY_PURPOSE)]
    fitting = [(each.scope_in(context), each) for each in candidate.assignments]
    places = [
        _Place(candidate, scope, each.priority, each.stops)
        for scope, each in fitting
        if scope is not None
    ]
    return places or "not_assigned"


def _search(places: list[_Place], verdicts: list[Verdict], ask: Ask, at: datetime) -> Choice:
    """Walk the places in order; the first fitting entry holds, a stop ends the walk."""
    winner: _Place | None = None
    entry: Entry | None = None
    lost = ""
    told: set[uuid.UUID] = set()
    for place in places:
        list_id = place.candidate.price_list_id
        if lost:
            verdicts += [] if list_id in told else [Verdict(price_list_id=list_id, reason=lost)]
            told.add(list_id)
            continue
        entry, own = judge_entries(place.candidate, quantity=ask.quantity, at=at)
        verdicts += [] if list_id in told else own
        told.add(list_id)
        if entry is not None:
            winner, lost = place, "outranked"
        elif place.stops:
            lost = "hidden_by_stop"
    chosen = winner.candidate.price_list_id if winner else None
    return Choice(price_list_id=chosen, entry=entry if winner else None, why=tuple(verdicts))


def judge_entries(
    candidate: Candidate, *, quantity: int, at: datetime
) -> tuple[Entry | None, list[Verdict]]:
    """The entry of a list that holds for the quantity, and the verdict on each of its entries."""
    list_id = candidate.price_list_id
    if not candidate.entries:
        return None, [Verdict(price_list_id=list_id, reason="no_entry")]
    reasons = {each.entry_id: _misfit(each, quantity, at) for each in candidate.entries}
    fitting = [each for each in candidate.entries if not reasons[each.entry_id]]
    best = max(fitting, key=lambda each: each.from_quantity, default=None)
    verdicts = [
        Verdict(
            price_list_id=list_id,
            entry_id=each.entry_id,
            reason="holds" if each is best else reasons[each.entry_id] or "smaller_break",
        )
        for each in candidate.entries
    ]
    return best, verdicts


def _misfit(entry: Entry, quantity: int, at: datetime) -> str:
    if not entry.period.contains(at):
        return "entry_not_valid_now"
    return "quantity_too_small" if entry.from_quantity > quantity else ""
