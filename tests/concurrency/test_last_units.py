"""200 buyers want the last 50 units at once, over HTTP, from a server of two processes."""

import os
from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.infra import embedded
from app.infra.db import db
from app.kernel.ids import public_id
from app.settlement import queries as settlement_queries
from tests.factories import network as net
from tests.factories.world import build_world
from tests.support.server import all_at_once, post, serving

BUYERS, UNITS = 200, 50
RUNS = int(os.environ.get("RUNS", "1"))  # make bench repeats it
HOT_STOCK = text("""
    SELECT on_hand, reserved FROM inventory_stock
    WHERE location_id = :location AND variant_id = :variant
""")


def _crowd(now: datetime) -> tuple[list[tuple[dict[str, str], dict[str, Any]]], dict[str, Any]]:
    """Buyers with a key each, and what each of them orders: one unit of the same variant."""
    world = build_world(db.session(), now)
    tap = world.add_variant(wanda=None, stock=(UNITS, 0))
    crowd = []
    for number in range(BUYERS):
        buyer = net.OrganizationFactory(buyer=True)
        net.TradingAccountFactory(seller_id=world.rosa.id, buyer_id=buyer.id)
        address = net.AddressFactory(organization_id=buyer.id)
        order = {
            "storefront_id": public_id("shop", world.storefront.id),
            "address_id": public_id("addr", address.id),
            "lines": [{"variant_id": public_id("var", tap), "quantity": 1}],
        }
        crowd.append((net.headers_of(buyer) | {"Idempotency-Key": f"order-{number}"}, order))
    db.session.commit()
    return crowd, {"location": world.places["dieter"], "variant": tap}


@pytest.mark.parametrize("run", range(RUNS))
class TestTheLastUnits:
    def test_are_sold_once_each_and_everybody_else_is_told_politely(
        self,
        committed: Flask,
        servers: embedded.Layout,
        now: datetime,
        run: int,
    ) -> None:
        crowd, hot = _crowd(now)

        with serving(committed) as port:
            answers = all_at_once([partial(post, port, "/v1/orders", o, h) for h, o in crowd])

        statuses = Counter(answer.status for answer in answers)
        refusals = Counter(answer.body["code"] for answer in answers if answer.status != 201)
        assert statuses == {201: UNITS, 409: BUYERS - UNITS}, (statuses, refusals)
        assert set(refusals) == {"routing.nothing_can_be_served"}
        stock = db.session.execute(HOT_STOCK, hot).one()
        assert (stock.on_hand, stock.reserved) == (UNITS, UNITS)
        assert [proof for proof in settlement_queries.verify(db.session) if not proof.holds] == []
        log = (servers.logs / "postgresql.log").read_text(errors="replace")
        assert "deadlock detected" not in log
