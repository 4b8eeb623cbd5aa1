"""How a request that only reads ends."""

from datetime import datetime

from flask import Flask
from sqlalchemy import text

from app.infra.db import db
from tests.factories import network as net
from tests.factories.world import build_world


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
