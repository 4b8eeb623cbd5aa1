"""What a contender has taken so far: of stock, and of what sellers do in a day; pure.

Stock that a decision recorded is what was left by the orders before it. So what a contender finds
is what was recorded, plus what really was taken by the orders replayed so far, less what the
contender took itself: what came in or went out by other ways in between is in the record. So it is
with what was announced for a day; once that day has come, what was taken of it is taken of stock.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from app.kernel.quantity import MAX_QUANTITY
from app.routing.rules import Extras, Offer
from app.routing.rules.places import Later as ToCome
from app.routing.rules.places import Place
from app.routing.rules.policies import LoadBalance

Key = tuple[uuid.UUID, uuid.UUID]
"""A location and a variant."""
Later = tuple[uuid.UUID, uuid.UUID, date]
"""The same, of goods that were not in stock, and the day on which they leave."""
Taking = Key | Later


def taking_of(location: uuid.UUID, variant: uuid.UUID, later_on: date | None) -> Taking:
    """What is taken from where: out of stock, or of what comes."""
    return (location, variant) if later_on is None else (location, variant, later_on)


@dataclass(slots=True)
class Book:
    """What was taken: units by place and variant; orders and units by seller and day.

    ``later``: of what was to come, by the day on which it leaves.
    """

    units: Counter[Key] = field(default_factory=Counter)
    later: dict[Key, Counter[date]] = field(default_factory=dict)
    days: dict[uuid.UUID, dict[date, tuple[int, int]]] = field(default_factory=dict)

    def enter(
        self, day: date, taken: Mapping[Taking, int], by_seller: Mapping[uuid.UUID, int]
    ) -> None:
        """Count an order in."""
        for key, quantity in taken.items():
            if len(key) == 3:  # noqa: PLR2004 - a day besides
                self.later.setdefault(key[:2], Counter())[key[2]] += quantity
            else:
                self.units[key] += quantity
        for seller, quantity in by_seller.items():
            days = self.days.setdefault(seller, {})
            orders, units = days.get(day, (0, 0))
            days[day] = orders + 1, units + quantity

    def out_of_stock(self, key: Key, day: date) -> int:
        """Units that are gone from stock by a day: those that were to come are there by then."""
        later = self.later.get(key)
        if later is None:
            return self.units[key]
        return self.units[key] + sum(units for on, units in later.items() if on <= day)

    def promised(self, key: Later) -> int:
        """Units of what leaves on a day that are promised."""
        return self.later.get(key[:2], Counter())[key[2]]

    def of_days(self, seller: uuid.UUID, first: date, last: date) -> tuple[int, int]:
        """Orders and units of a seller in a period."""
        days = self.days.get(seller, {})
        found = [counts for day, counts in days.items() if first <= day <= last]
        return sum(orders for orders, _ in found), sum(units for _, units in found)

    def document(self) -> dict[str, Any]:
        """The book as it is kept between pages of orders."""
        return {
            "units": [[str(place), str(variant), n] for (place, variant), n in self.units.items()],
            "later": [
                [str(place), str(variant), on.isoformat(), n]
                for (place, variant), days in self.later.items()
                for on, n in days.items()
            ],
            "days": [
                [str(seller), day.isoformat(), *counts]
                for seller, days in self.days.items()
                for day, counts in days.items()
            ],
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Book":
        """Read what was kept."""
        units = {
            (uuid.UUID(place), uuid.UUID(variant)): n for place, variant, n in document["units"]
        }
        days: dict[uuid.UUID, dict[date, tuple[int, int]]] = {}
        for seller, day, orders, quantity in document["days"]:
            days.setdefault(uuid.UUID(seller), {})[date.fromisoformat(day)] = orders, quantity
        later: dict[Key, Counter[date]] = {}
        for place, variant, on, n in document.get("later", ()):
            key = uuid.UUID(place), uuid.UUID(variant)
            later.setdefault(key, Counter())[date.fromisoformat(on)] = n
        return cls(Counter(units), later, days)


def stocked(
    offers: Sequence[Offer],
    *,
    recorded: Mapping[Key, int] | None,
    really: Book,
    own: Book,
    day: date,
) -> list[Offer]:
    """Offers with what a contender finds; ``recorded``: by place and variant, none: as it lies."""

    def found(key: Key, lying: int) -> int:
        if recorded is None or key not in recorded:
            return max(0, lying - own.out_of_stock(key, day))
        gone = own.out_of_stock(key, day) - really.out_of_stock(key, day)
        return max(0, recorded[key] - gone)

    return [
        offer._replace(
            lying=[
                (place, found((place.location_id, offer.variant_id), available))
                for place, available in offer.lying
            ]
        )
        for offer in offers
    ]


def coming(
    offers: Sequence[Offer], *, recorded: Mapping[Later, int], really: Book, own: Book
) -> list[Offer]:
    """Offers also with what a contender finds of what was to come, a place for each day."""
    known = {place.location_id: place for offer in offers for place, _ in offer.lying}
    places: dict[tuple[uuid.UUID, date], Place] = {}
    found: dict[uuid.UUID, list[tuple[Place, int]]] = {}
    for key, units in sorted(recorded.items()):
        location, variant, leaves_on = key
        left = units + really.promised(key) - own.promised(key)
        if left <= 0 or location not in known:
            continue
        at = places.get((location, leaves_on))
        if at is None:
            number = 1 + max(place.number for place in known.values()) + len(places)
            at = known[location]._replace(number=number, later=ToCome(leaves_on, {}))
            places[location, leaves_on] = at
        found.setdefault(variant, []).append((at, left))
    return [
        offer._replace(
            lying=[*offer.lying, *(
                (place, units) for place, units in found.get(offer.variant_id, ())
                if place.location_id in {stock.location_id for stock, _ in offer.lying}
            )]
        )
        for offer in offers
    ]  # fmt: skip


def endless(offers: Sequence[Offer]) -> list[Offer]:
    """Offers with as much as anybody may want wherever their goods are kept."""
    return [
        offer._replace(lying=[(place, MAX_QUANTITY) for place, _ in offer.lying])
        for offer in offers
    ]


def loaded(
    extras: Extras, balance: LoadBalance | None, *, day: date, really: Book, own: Book
) -> Extras:
    """Sellers' loads as a contender made them: what really was, less the replayed, plus its own.

    Credit stays what it is.
    """
    loads = {}
    for seller, load in extras.loads.items():
        was, would = really.of_days(seller, day, day), own.of_days(seller, day, day)
        loads[seller] = load._replace(
            orders=max(0, load.orders - was[0] + would[0]),
            units=max(0, load.units - was[1] + would[1]),
        )
    if balance is None:
        return replace(extras, loads=loads)
    return replace(extras, loads=loads, taken=_taken(extras, balance, day, really, own))


def _taken(
    extras: Extras, balance: LoadBalance, day: date, really: Book, own: Book
) -> dict[uuid.UUID, int]:
    """What each seller had in the period of the load balance."""
    first, counted = day - timedelta(days=balance.days), balance.counted == "units"
    return {
        seller: max(
            0,
            extras.taken.get(seller, 0)
            - really.of_days(seller, first, day)[counted]
            + own.of_days(seller, first, day)[counted],
        )
        for seller in {*extras.taken, *own.days}
    }
