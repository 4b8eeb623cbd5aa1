"""How a request that only reads ends."""

from datetime import datetime

from flask import Flask
from sqlalchemy import text

from app.infra.db import db
from app.kernel.ids import public_id
from tests.factories import network as net
from tests.factories.world import build_world
from tests.support.statements import count_statements


class TestARead:
    def test_leaves_its_statements_prepared_for_the_next(
        self, committed: Flask, now: datetime
    ) -> None:
        world = build_world(db.session(), now)
        db.session.commit()
        headers = net.headers_of(world.berta)
        db.session.commit()
        client = committed.test_client()
        for _ in range(12):
            with committed.app_context():
                assert client.get("/v1/products", headers=headers).status_code == 200
        with committed.app_context():
            query = text("SELECT count(*) FROM pg_prepared_statements WHERE generic_plans > 1")
            assert db.session.scalar(query) > 0


class TestAPostedQuestion:
    def test_leaves_its_statements_prepared_for_the_next(
        self, committed: Flask, now: datetime
    ) -> None:
        world = build_world(db.session(), now)
        tap = world.add_variant()
        headers = net.headers_of(world.berta)
        db.session.commit()
        question = {
            "storefront_id": public_id("shop", world.storefront.id),
            "address_id": public_id("addr", world.address.id),
            "lines": [{"variant_id": public_id("var", tap), "quantity": 1}],
        }
        client = committed.test_client()
        for _ in range(12):
            with committed.app_context(), count_statements() as statements:
                answer = client.post("/v1/routing/simulate", json=question, headers=headers)
                assert answer.json["units_served"] == 1
        assert len(statements) == 6
        with committed.app_context():
            query = text(
                "SELECT count(*) FROM pg_prepared_statements"
                " WHERE statement LIKE '%standing%' AND generic_plans > 1"
            )
            assert db.session.scalar(query) == 1
