"""Two writers of one price list at once: no two prices ever hold at the same time."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

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
