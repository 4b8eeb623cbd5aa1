"""The feed: each event to everybody entitled to it, once, in an order that never misses one."""

import threading
import uuid
from dataclasses import dataclass, fields
from typing import ClassVar

import pytest
from sqlalchemy import text

from app import wiring
from app.infra import outbox
from app.infra.db import db
from app.infra.unit_of_work import record, transaction
from app.kernel.errors import Malformed
from app.kernel.events import Event
from app.kernel.paging import PageRequest, decode_cursor
from app.notifications import queries
from app.notifications.handlers import fan_out
from app.notifications.rules import PREFIXES
from tests.factories.network import OrganizationFactory, caller_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSeen(Event):
    name: ClassVar[str] = "order.seen"
    order_id: uuid.UUID
    number: int


def tell(session, *audiences, now):
    with transaction(session):
        for number, audience in enumerate(audiences):
            ids = tuple(each.id for each in audience)
            order_id = uuid.UUID(int=number)
            record(
                session,
                OrderSeen(happened_at=now, audience=ids, order_id=order_id, number=number),
            )
    relay(session, now=now)


def relay(session, *, now):
    with transaction(session):
        outbox.relay(session, handlers={}, of_all=[fan_out], now=now, limit=1000)


def read(session, organization, *, after=None, limit=200):
    return queries.list_events(
        session,
        caller=caller_of(organization),
        page=PageRequest(after=decode_cursor(after) if after else None, limit=limit),
    )


def numbers(page):
    return [event.data["number"] for event in page.items]


class TestAFeed:
    def test_holds_what_its_organization_is_entitled_to(self, session, now):
        rosa, theo = OrganizationFactory(), OrganizationFactory()
        tell(session, [rosa], [rosa, theo], [theo], [], now=now)
        assert numbers(read(session, rosa)) == [0, 1]
        assert numbers(read(session, theo)) == [1, 2]

    def test_speaks_in_public_ids(self, session, now):
        rosa = OrganizationFactory()
        tell(session, [rosa], now=now)
        event = read(session, rosa).items[0]
        assert event.name == "order.seen"
        assert event.data == {"order_id": "order_" + "0" * 26, "number": 0}

    def test_replays_from_any_cursor(self, session, now):
        rosa = OrganizationFactory()
        tell(session, *([rosa] for _ in range(5)), now=now)
        page = read(session, rosa, limit=2)
        assert (numbers(page), page.next_cursor) == ([0, 1], page.items[-1].cursor)
        for event in page.items:
            rest = read(session, rosa, after=event.cursor)
            assert numbers(rest) == list(range(event.data["number"] + 1, 5))

    def test_goes_on_where_the_reader_stopped(self, session, now):
        rosa = OrganizationFactory()
        tell(session, [rosa], now=now)
        last = read(session, rosa).items[-1].cursor
        assert read(session, rosa, after=last).items == []
        tell(session, [rosa], [rosa], now=now)
        assert numbers(read(session, rosa, after=last)) == [0, 1]

    def test_refuses_the_cursor_of_another_list(self, session, now):
        with pytest.raises(Malformed):
            queries.list_events(
                session,
                caller=caller_of(OrganizationFactory()),
                page=PageRequest(after=uuid.UUID(int=2**127)),
            )


class TestTwoRelays:
    def test_never_slip_an_event_in_behind_a_reader(self, committed, sessions, now):
        """The second relay waits until what the first one numbered can be seen."""
        with transaction(db.session) as session:
            rosa = OrganizationFactory()
        with transaction(db.session) as session:
            for number in range(2):
                facts = {"order_id": rosa.id, "number": number}
                record(session, OrderSeen(happened_at=now, audience=(rosa.id,), **facts))

        def second_relay():
            with sessions() as other, transaction(other):
                outbox.relay(other, handlers={}, of_all=[fan_out], now=now, limit=1)

        with sessions() as first, transaction(first):
            outbox.relay(first, handlers={}, of_all=[fan_out], now=now, limit=1)
            other = threading.Thread(target=second_relay)
            other.start()
            other.join(timeout=0.5)
            assert other.is_alive()
            assert first.scalar(text("SELECT count(*) FROM notifications_feed")) == 1
        other.join(timeout=20)
        with sessions() as reader:
            assert numbers(read(reader, rosa)) == [0, 1]


class TestEveryEvent:
    def test_is_told_with_public_ids_only(self):
        """A new event whose ids have no prefix would leak canonical UUIDs to integrations."""
        named = {
            field.name
            for event in all_events(Event)
            if event.__module__.startswith("app.")
            for field in fields(event)
            if "UUID" in str(field.type) and field.name != "audience"
        }
        assert fan_out in wiring.OF_ALL
        assert len(named) > 5
        assert named - set(PREFIXES) == set()


def all_events(kind):
    for each in kind.__subclasses__():
        yield each
        yield from all_events(each)
