"""Whose day it is: by the clocks of a zone, also where they are changed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.routing.rules.days import day_of


class TestADay:
    @pytest.mark.parametrize(
        ("zone", "on"),
        [("UTC", date(2026, 3, 2)), ("America/Sao_Paulo", date(2026, 3, 1)),
         ("Asia/Tokyo", date(2026, 3, 2))],
    )  # fmt: skip
    def test_is_the_one_that_the_zones_clocks_show(self, zone: str, on: date) -> None:
        at = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)

        day = day_of(at, zone)

        assert day.date == on
        assert day.begins <= at < day.ends
        assert day.ends - day.begins == timedelta(hours=24)

    def test_has_an_hour_less_when_clocks_are_put_forward(self) -> None:
        day = day_of(datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/Berlin")

        assert day.ends - day.begins == timedelta(hours=23)
        assert day_of(day.ends, "Europe/Berlin").date == date(2026, 3, 30)
