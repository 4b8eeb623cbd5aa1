"""What a contender has taken so far: of stock, and of what sellers do in a day; pure.

Stock that a decision recorded is what was left by the orders before it. So what a contender finds
is what was recorded, plus what really was taken by the orders replayed so far, less what the
contender took itself: what came in or went out by other ways in between is in the record.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from app.kernel.quantity import MAX_QUANTITY
from app.routing.rules import Extras, Offer
from app.routing.rules.policies import LoadBalance

Key = tuple[uuid.UUID, uuid.UUID]
"""A location and a variant."""


@dataclass(slots=True)
class Book:
    """What was taken: units by place and variant; orders and units by seller and day."""

    units: Counter[Key] = field(default_factory=Counter)
    days: dict[uuid.UUID, dict[date, tuple[int, int]]] = field(default_factory=dict)

    def enter(
        self, day: date, taken: Mapping[Key, int], by_seller: Mapping[uuid.UUID, int]
    ) -> None:
        """Count an order in."""
        for key, quantity in taken.items():
            self.units[key] += quantity
        for seller, quantity in by_seller.items():
            days = self.days.setdefault(seller, {})
            orders, units = days.get(day, (0, 0))
            days[day] = orders + 1, units + quantity

    def of_days(self, seller: uuid.UUID, first: date, last: date) -> tuple[int, int]:
        """Orders and units of a seller in a period."""
        days = self.days.get(seller, {})
        found = [counts for day, counts in days.items() if first <= day <= last]
        return sum(orders for orders, _ in found), sum(units for _, units in found)

    def document(self) -> dict[str, Any]:
        """The book as it is kept between pages of orders."""
        return {
            "units": [[str(place), str(variant), n] for (place, variant), n in self.units.items()],
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
        return cls(Counter(units), days)


def stocked(
    offers: Sequence[Offer],
    *,
    recorded: Mapping[Key, int] | None,
    really: Book,
    own: Book,
) -> list[Offer]:
    """Offers with what a contender finds; ``recorded``: by place and variant, none: as it lies."""

    def found(key: Key, lying: int) -> int:
        if recorded is None or key not in recorded:
            return max(0, lying - own.units[key])
        return max(0, recorded[key] + really.units[key] - own.units[key])

    return [
        offer._replace(
            lying=[
                (place, found((place.location_id, offer.variant_id), available))
                for place, available in offer.lying
            ]
        )
        for offer in offers
    ]


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
