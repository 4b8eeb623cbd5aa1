"""Where goods lie or will lie, and when they leave there; pure.

Days are days of the place's own calendar and time zone.
"""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from app.inventory.rules.departures import Departures

_OUT_OF_SIGHT_DAYS = 600


class Later(NamedTuple):
    """Goods that are not there yet: when they leave, and by variant when they come.

    Of what is promised without a delivery there is no day on which it comes.
    """

    ships_on: date
    due_on: Mapping[uuid.UUID, date | None]


class Place(NamedTuple):
    """A location of a seller; ``number`` counts the places of a request, whatever their ids.

    What it sends later is a place of its own, with a parcel of its own: ``later`` says when.
    """

    number: int
    location_id: uuid.UUID
    latitude: float
    longitude: float
    departures: Departures | None = None
    later: Later | None = None

    def never_sends(self, lead_time_days: int) -> bool:
        """Whether goods of that lead time leave on no day in sight."""
        departures = self.departures
        if departures is None or self.later is not None:
            return False
        return lead_time_days >= len(departures.days)

    def ships_on(self, lead_time_days: int) -> date | None:
        """When goods of that lead time leave; none where no such day is in sight."""
        if self.later is not None:
            return self.later.ships_on
        if self.departures is None or lead_time_days >= len(self.departures.days):
            return None
        return self.departures.days[lead_time_days]

    def days_to_ship(self, lead_time_days: int) -> int:
        """How many days pass from the order until they leave, as they are counted there."""
        if self.departures is None:
            return lead_time_days
        day = self.ships_on(lead_time_days)
        return (day - self.departures.ordered_on).days if day else _OUT_OF_SIGHT_DAYS
