"""Two writers of one price list at once: no two prices ever hold at the same time."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.infra.db import db
from tests.factories.catalog import PriceListFactory, VariantFactory
from tests.factories.network import OrganizationFactory

PUT = text("""
INSERT INTO pricing_entries
    (variant_id, price_list_id, from_quantity, valid_from, valid_to, amount_minor)
VALUES (:variant_id, :price_list_id, 1, :valid_from, :valid_to, 100)
""")


class TestEntriesOfOneList:
    @pytest.mark.parametrize("number", range(5))
    def test_written_side_by_side_never_overlap(self, committed: Flask, now, number: int) -> None:
        with committed.app_context():
            maker = OrganizationFactory(manufacturer=True)
            variant_id = VariantFactory(manufacturer_id=maker.id).id
            price_list_id = PriceListFactory(owner_id=maker.id).id
            db.session.commit()
        start = threading.Barrier(4)
        refused: list[str] = []

        def write(since_days: int) -> None:
            binds = {
                "variant_id": variant_id,
                "price_list_id": price_list_id,
                "valid_from": now + timedelta(days=since_days),
                "valid_to": now + timedelta(days=since_days + 10),
            }
            with committed.app_context():
                start.wait()
                try:
                    db.session.execute(PUT, binds)
                    db.session.commit()
                except IntegrityError as error:
                    db.session.rollback()
                    refused.append(error.orig.diag.constraint_name)
                db.session.remove()

        threads = [threading.Thread(target=write, args=(days,)) for days in (0, 3, 6, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with committed.app_context():
            kept = db.session.scalar(text("SELECT count(*) FROM pricing_entries"))
            overlapping = db.session.scalar(
                text("""
                SELECT count(*) FROM pricing_entries a JOIN pricing_entries b
                  ON a.valid_from < b.valid_from
                 AND tstzrange(a.valid_from, a.valid_to) && tstzrange(b.valid_from, b.valid_to)
                """)
            )
        assert overlapping == 0
        assert kept == 1
        assert refused == ["ex_pricing_entries_no_overlap"] * 3


class TestTwoHands:
    """Two connections that write entries of one list."""

    @pytest.fixture
    def list_of_two(self, committed: Flask):
        """A list, and two variants that cannot contradict each other's lane."""
        with committed.app_context():
            maker = OrganizationFactory(manufacturer=True)
            by_lane = {}
            while len(by_lane) < 2:
                variant_id = VariantFactory(manufacturer_id=maker.id).id
                by_lane[variant_id.bytes[-1] & 1] = variant_id
            price_list_id = PriceListFactory(owner_id=maker.id).id
            db.session.commit()
        return price_list_id, by_lane

    def put(self, session, price_list_id, variant_id, now):
        session.execute(text("SET LOCAL lock_timeout = '300ms'"))
        binds = {"variant_id": variant_id, "price_list_id": price_list_id, "valid_to": None}
        session.execute(PUT, binds | {"valid_from": now})

    def test_write_different_lanes_without_waiting(self, sessions, list_of_two, now) -> None:
        price_list_id, by_lane = list_of_two
        with sessions() as one, sessions() as other:
            self.put(one, price_list_id, by_lane[0], now)
            self.put(other, price_list_id, by_lane[1], now)
            one.commit()
            other.commit()

    def test_wait_for_each_other_in_one_lane(self, sessions, list_of_two, now) -> None:
        price_list_id, by_lane = list_of_two
        with sessions() as one, sessions() as other:
            self.put(one, price_list_id, by_lane[0], now)
            with pytest.raises(OperationalError, match="lock timeout"):
                self.put(other, price_list_id, by_lane[0], now)

    def test_keep_the_list_as_it_is_meanwhile(self, sessions, list_of_two, now) -> None:
        price_list_id, by_lane = list_of_two
        graduate = text("UPDATE pricing_price_lists SET breaks = 'graduated'")
        with sessions() as one, sessions() as other:
            self.put(one, price_list_id, by_lane[0], now)
            other.execute(text("SET LOCAL lock_timeout = '300ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                other.execute(graduate)

    def test_of_which_one_writes_many_lists_take_turns(self, sessions, list_of_two, now) -> None:
        price_list_id, by_lane = list_of_two
        many = text("""
        INSERT INTO pricing_entries (variant_id, price_list_id, from_quantity, valid_from,
                                     amount_minor)
        SELECT :variant_id, id, 1, :now, 100 FROM pricing_price_lists
        """)
        with sessions() as one, sessions() as other:
            copies = text("""
            INSERT INTO pricing_price_lists (id, owner_id, name, purpose, currency, valid_from,
                                             created_at)
            SELECT uuidv7(), owner_id, 'L' || n, purpose, currency, valid_from, created_at
            FROM pricing_price_lists, generate_series(1, 9) n
            """)
            one.execute(copies)
            one.commit()
            one.execute(many, {"variant_id": by_lane[0], "now": now})
            with pytest.raises(OperationalError, match="lock timeout"):
                self.put(other, price_list_id, by_lane[1], now)
