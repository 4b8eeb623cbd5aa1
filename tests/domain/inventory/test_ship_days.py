"""When parcels leave many locations is asked at once, and is what one calendar says."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from app.inventory import operations, queries
from app.inventory.errors import ClosureNotFound, LocationNotFound
from app.inventory.models import Location
from app.inventory.rules.calendars import Calendar, read_calendar, ship_day
from tests.domain.inventory.shelf import Shelf
from tests.factories.catalog import LocationFactory
from tests.factories.network import OrganizationFactory, caller_of
from tests.support.statements import count_statements

FRIDAY_NIGHT = datetime(2026, 3, 6, 20, tzinfo=UTC)


class TestShipDays:
    def test_of_many_locations_are_one_statement(self, session: Session) -> None:
        seller = OrganizationFactory(distributor=True)
        places = [
            LocationFactory(seller_id=seller.id, time_zone=zone).id
            for zone in ("UTC", "America/Los_Angeles", "Asia/Tokyo")
        ]
        operations.close_location(
            session, caller=caller_of(seller), location_id=places[2],
            first_on=date(2026, 3, 9), last_on=date(2026, 3, 10), reason="Move",
        )  # fmt: skip
        with count_statements() as statements:
            days = queries.list_ship_days(
                session, location_ids=places, longest_lead_time=2, now=FRIDAY_NIGHT
            )
        assert len(statements) == 1
        assert [days[place][0].day for place in places] == [9, 6, 11]
        calendars = queries.calendars_of(session, location_ids=places, now=FRIDAY_NIGHT)
        for place in places:
            for lead_time_days in range(3):
                told = ship_day(calendars[place], FRIDAY_NIGHT, lead_time_days)
                assert days[place][lead_time_days] == told

    def test_read_the_closures_that_matter_alone(self, shelf: Shelf) -> None:
        for first in (date(2020, 1, 6), date(2026, 3, 9)):
            operations.close_location(
                shelf.session, caller=shelf.caller, location_id=shelf.here, first_on=first,
                last_on=first + timedelta(days=1), reason="Count",
            )  # fmt: skip
        found = queries.calendars_of(shelf.session, location_ids=[shelf.here], now=FRIDAY_NIGHT)
        assert found[shelf.here].closures == ((date(2026, 3, 9), date(2026, 3, 10)),)


class TestTheTextOfACalendar:
    def test_says_what_the_calendar_says_after_every_change(self, shelf: Shelf) -> None:
        location = shelf.session.get_one(Location, shelf.here)

        def told() -> Calendar:
            shelf.session.flush()
            shelf.session.refresh(location)
            read = read_calendar(location.calendar)
            found = queries.calendars_of(
                shelf.session, location_ids=[shelf.here], now=FRIDAY_NIGHT
            )[shelf.here]
            assert (read.time_zone, list(read.cutoffs)) == (found.time_zone, list(found.cutoffs))
            assert list(read.closures) == list(found.closures)
            return read

        assert told().time_zone == "UTC"
        location.time_zone = "Asia/Tokyo"
        location.cutoffs = [time(8, 30), None, *[time(23, 59, 59)] * 5]
        assert told().cutoffs[1] is None
        made = operations.close_location(
            shelf.session, caller=shelf.caller, location_id=shelf.here,
            first_on=date(2026, 3, 9), last_on=date(2026, 3, 10), reason="Move",
        )  # fmt: skip
        assert len(told().closures) == 1
        made.last_on = date(2026, 3, 11)
        assert told().closures[0][1] == date(2026, 3, 11)
        operations.reopen_location(
            shelf.session, caller=shelf.caller, location_id=shelf.here, closure_id=made.id
        )
        assert told().closures == []


class TestWhoseDays:
    def test_are_a_sellers_those_of_its_first_location_that_works(self, session: Session) -> None:
        sellers = [OrganizationFactory(distributor=True).id for _ in range(3)]
        for number, (seller, zone, works) in enumerate(
            [
                (sellers[0], "Asia/Tokyo", False),
                (sellers[0], "Europe/Berlin", True),
                (sellers[0], "UTC", True),
                (sellers[1], "America/Lima", False),
            ]
        ):
            LocationFactory(seller_id=seller, code=f"{number}", time_zone=zone, is_active=works)
        found = queries.zones_of(session, seller_ids=sellers)
        assert found == {sellers[0]: "Europe/Berlin", sellers[1]: "America/Lima"}


class TestAClosure:
    def test_is_its_location_s(self, shelf: Shelf) -> None:
        day = date(2026, 3, 9)
        made = operations.close_location(
            shelf.session, caller=shelf.caller, location_id=shelf.here, first_on=day, last_on=day,
            reason="Count",
        )  # fmt: skip
        with pytest.raises(ClosureNotFound):
            operations.reopen_location(
                shelf.session, caller=shelf.caller, location_id=shelf.there, closure_id=made.id
            )
        stranger = caller_of(OrganizationFactory(distributor=True))
        with pytest.raises(LocationNotFound):
            operations.reopen_location(
                shelf.session, caller=stranger, location_id=shelf.here, closure_id=made.id
            )
