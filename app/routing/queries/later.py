"""When goods leave, and what a place may send later: read only for orders that stock leaves short.

A place's calendar comes with what lies there, as a text; places of the same calendar share what was
made of it. What is to come at one place is a place of its own for each day on which it leaves.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from app.infra.db import DbSession
from app.inventory import queries as inventory_queries
from app.inventory.rules.departures import Calendars
from app.routing.rules.facts import Offer, RoutingRequest
from app.routing.rules.places import Later, Place


def with_later(
    session: DbSession, *, offers: Sequence[Offer], request: RoutingRequest, now: datetime
) -> list[Offer]:
    """The offers, each also with the places from which it may be delivered later; one statement."""
    rows = inventory_queries.list_backorderable(
        session,
        variant_ids=[line.variant_id for line in request.lines],
        now=now,
        own=request.cart_id or request.order_id,
    )
    if not rows:
        return list(offers)
    meant = {(offer.line_no, str(offer.seller_id)): offer for offer in offers}
    lead = max(offer.lead_time_days for offer in offers)
    calendars = Calendars(now, lead + max(row[7] or 0 for row in rows))
    places = _Later(calendars, offers)
    found: dict[tuple[int, str], dict[int, tuple[Place, int]]] = {}
    for row in rows:
        offer = meant.get((row[0], row[1]))
        place = places.of(row, offer) if offer is not None else None
        if place is not None:
            lying = found.setdefault((row[0], row[1]), {})
            _, before = lying.get(place.number, (place, 0))
            lying[place.number] = place, before + row[5]
    return [
        offer._replace(
            lying=[*offer.lying, *found.get((offer.line_no, str(offer.seller_id)), {}).values()]
        )
        for offer in offers
    ]


class _Later:
    """Numbers later places on from those that are known."""

    def __init__(self, calendars: Calendars, offers: Sequence[Offer]) -> None:
        self._calendars = calendars
        self._next = 1 + max((p.number for offer in offers for p, _ in offer.lying), default=-1)
        self._places: dict[tuple[str, date], tuple[Place, dict[uuid.UUID, date | None]]] = {}

    def of(self, row: Sequence[Any], offer: Offer) -> Place | None:
        """The place that sends a row's goods when they are there; none where that is never."""
        _, _, location, latitude, longitude, _, due_on, further, calendar = row
        day = self._calendars.later_day(calendar, offer.lead_time_days, due_on, further or 0)
        if day is None:
            return None
        if (location, day) not in self._places:
            due: dict[uuid.UUID, date | None] = {}
            number, departures = (
                self._next + len(self._places),
                self._calendars.departures(calendar),
            )
            where = uuid.UUID(location), latitude, longitude
            self._places[location, day] = Place(number, *where, departures, Later(day, due)), due
        place, due = self._places[location, day]
        # Rows come day by day: the last delivery that makes this day is what it is judged by.
        due[offer.variant_id] = due_on
        return place
