"""Which price holds, and why: pure decisions over the lists of one owner.

Laws: a narrower scope beats a wider one (unit, buyer, customer group, territory, storefront,
everybody), then the higher priority, then the newer list. A list without a fitting price is passed
over; an assignment that stops hides every list behind it, whether its own list has a price or not.
An owner whose strategy is *lowest* sells at the lowest of the prices that are not hidden. Every
candidate that lost gets the reason why.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from app.kernel.money import UnitPrice
from app.pricing.rules.asking import SALE, Ask, Context
from app.pricing.rules.lists import Asked, Candidate, Entry, ask_list, misfit

FIRST, LOWEST = "first", "lowest"
STRATEGIES = (FIRST, LOWEST)

# What decided before any price was looked at; the lists are their owner's to know of.
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

# What a reason means, for people; the keys are published and never change.
REASONS = {
    "holds": "This price holds",
    "smaller_break": "A greater quantity break is reached",
    "quantity_too_small": "The quantity does not reach the break",
    "entry_not_valid_now": "The entry is not valid at this instant",
    "no_entry": "The list has no entry for the variant",
    "base_not_valid_now": "The list that it derives from is not valid at this instant",
    "no_base_price": "The list that it derives from asks nothing",
    "no_formula": "No formula of the list fits the variant",
    "no_transfer_price": "A formula keeps a margin above a price that does not exist",
    "outranked": "A list that comes before has a price",
    "dearer": "Another list asks less, and the owner sells at the lowest price",
    "hidden_by_stop": "A list that comes before ends the search",
    "not_assigned": "The list is not assigned to whoever asks",
    "list_not_valid_now": "The list is not valid at this instant",
    "other_currency": "The list is in another currency",
    "other_purpose": "The list has another purpose",
    "another_list_named": "Another list was named",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a list, or of one entry of a list; ``price`` is what it would have asked."""

    price_list_id: uuid.UUID
    reason: str
    entry: Entry | None = None
    price: UnitPrice | None = None

    @property
    def took_part(self) -> bool:
        """Whether the list applied to whoever asked; the others are its owner's to know of."""
        return self.reason not in _NO_PART


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The price that holds (None: no price), how it came about, and the verdict on all others."""

    price_list_id: uuid.UUID | None = None
    price: UnitPrice | None = None
    asked: Asked | None = None
    why: tuple[Verdict, ...] = field(default=())


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
        return (-self.scope, -self.priority, newest_first, -self.candidate.price_list_id.int)


@dataclass(frozen=True, slots=True)
class _Found:
    """A list that has a price."""

    candidate: Candidate
    asked: Asked
    price: UnitPrice


def choose(
    candidates: Iterable[Candidate], *, ask: Ask, context: Context, strategy: str = FIRST
) -> Choice:
    """The price that holds for the ask, and why every other one lost."""
    verdicts: list[Verdict] = []
    places: list[_Place] = []
    for candidate in candidates:
        found = _places(candidate, ask=ask, context=context)
        places += found if isinstance(found, list) else []
        if isinstance(found, str):
            verdicts.append(Verdict(price_list_id=candidate.price_list_id, reason=found))
    shown, hidden = _until_stop(sorted(places, key=lambda place: place.order))
    prices, without = _prices(shown, ask.quantity, context.at)
    winner = _winner(prices, strategy)
    verdicts += without
    verdicts += [_loser(each, winner, strategy) for each in prices if each is not winner]
    verdicts += [Verdict(price_list_id=each, reason="hidden_by_stop") for each in hidden]
    if winner is None:
        return Choice(why=tuple(verdicts))
    verdicts += _winning(winner, ask.quantity, context.at)
    return Choice(
        price_list_id=winner.candidate.price_list_id,
        price=winner.price,
        asked=winner.asked,
        why=tuple(verdicts),
    )


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


def _until_stop(places: list[_Place]) -> tuple[list[Candidate], list[uuid.UUID]]:
    """The lists down to the first place that stops, each once, and those that it hides."""
    stop = next((n for n, place in enumerate(places) if place.stops), len(places))
    shown = {each.candidate.price_list_id: each.candidate for each in places[: stop + 1]}
    hidden = dict.fromkeys(each.candidate.price_list_id for each in places[stop + 1 :])
    return list(shown.values()), [each for each in hidden if each not in shown]


def _prices(
    candidates: list[Candidate], quantity: int, at: datetime
) -> tuple[list[_Found], list[Verdict]]:
    prices: list[_Found] = []
    without: list[Verdict] = []
    for candidate in candidates:
        asked = ask_list(candidate, quantity=quantity, at=at)
        if isinstance(asked, Asked):
            prices.append(_Found(candidate, asked, asked.price(quantity)))
        else:
            without.append(Verdict(price_list_id=candidate.price_list_id, reason=asked))
    return prices, without


def _winner(prices: list[_Found], strategy: str) -> _Found | None:
    if strategy == LOWEST:
        return min(prices, key=lambda each: _unit(each.price), default=None)
    return prices[0] if prices else None


def _unit(price: UnitPrice) -> Fraction:
    return Fraction(price.amount_minor, price.per_quantity)


def _loser(each: _Found, winner: _Found | None, strategy: str) -> Verdict:
    dearer = winner is not None and strategy == LOWEST and _unit(each.price) > _unit(winner.price)
    return Verdict(
        price_list_id=each.candidate.price_list_id,
        reason="dearer" if dearer else "outranked",
        entry=each.asked.last.entry,
        price=each.price,
    )


def _winning(winner: _Found, quantity: int, at: datetime) -> list[Verdict]:
    """The winning list, and why other entries of its own do not hold."""
    list_id = winner.candidate.price_list_id
    taking_part = [tier.entry for tier in winner.asked.tiers]
    won = Verdict(
        price_list_id=list_id, reason="holds", entry=winner.asked.last.entry, price=winner.price
    )
    others = [each for each in winner.candidate.entries if each not in taking_part]
    return [
        won,
        *(
            Verdict(
                price_list_id=list_id,
                reason=misfit(each, quantity, at) or "smaller_break",
                entry=each,
                price=each.price,
            )
            for each in others
        ),
    ]
