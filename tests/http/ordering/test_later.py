"""What comes later, over HTTP: foreseen, ordered, shown to each party, and explained."""

from datetime import date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.kernel.ids import public_id
from tests.factories.later import allows_backorders, announces
from tests.factories.world import World, build_world
from tests.support.api import Voice, made, refused

THURSDAY = date(2026, 3, 12)


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    """Dieter has three taps and expects ten more on Thursday next week; Wanda offers none."""
    world = build_world(session, now)
    tap = world.add_variant(wanda=None, stock=(3, 0))
    allows_backorders(world, world.dieter, tap)
    announces(world, "dieter", tap, THURSDAY, 10, now)
    session.commit()
    return world


@pytest.fixture
def berta(client: FlaskClient, world: World) -> Voice:
    return Voice(client, world.berta)


def wanted(world: World, quantity: int, **wishes: Any) -> dict[str, Any]:
    return {
        "storefront_id": public_id("shop", world.storefront.id),
        "address_id": public_id("addr", world.address.id),
        "lines": [{"variant_id": public_id("var", world.variants[0]), "quantity": quantity}],
        "wishes": wishes,
    }


def days(rows: list[dict[str, Any]]) -> list[tuple[int, str, bool]]:
    found = [(row["quantity"], row["ships_on"], row["is_later"]) for row in rows]
    return sorted(found, key=lambda row: row[1])


EXPECTED = [(3, "2026-03-02", False), (2, "2026-03-12", True)]


class TestAnOrderWithALaterPart:
    def test_is_foreseen_placed_and_shown_with_its_days(
        self, client: FlaskClient, world: World, berta: Voice
    ) -> None:
        foreseen = made(berta.post("/routing/simulate", **wanted(world, 5)))
        assert days(foreseen["allocations"]) == EXPECTED
        assert [each["later_on"] for each in foreseen["consignments"]] == [None, "2026-03-12"]

        order = made(berta.post("/orders", **wanted(world, 5)))
        [part] = order["seller_orders"]
        assert days(part["allocations"]) == EXPECTED
        assert part["ships_on"] == "2026-03-12"

        dieter = Voice(client, world.dieter)
        task = made(dieter.get(f"/seller-orders/{part['id']}"))
        assert days(task["allocations"]) == EXPECTED
        assert task["ships_on"] == "2026-03-12"
        stranger = Voice(client, world.wanda)
        refused(
            stranger.get(f"/seller-orders/{part['id']}"),
            status=404, code="ordering.seller_order_not_found",
        )  # fmt: skip

    def test_is_explained_to_who_asks_why(
        self, client: FlaskClient, world: World, berta: Voice
    ) -> None:
        order = made(berta.post("/orders", **wanted(world, 5)))
        path = f"/orders/{order['id']}/routing/explanation"
        told = made(Voice(client, world.rosa).get(path, line=1, lang="de"))
        [line] = told["lines"]
        [verdict] = line["sellers"]
        assert [each["is_later"] for each in verdict["leaves"]] == [False, True]
        assert "2 Stück kommen erst noch und gehen am 12.03.2026 ab." in verdict["sentences"]

    def test_keeps_to_the_day_by_which_the_buyer_wants_it(
        self, client: FlaskClient, world: World, berta: Voice
    ) -> None:
        wish = wanted(world, 5, ship_by="2026-03-11")
        short = "ordering.not_fully_available"
        refused(berta.post("/orders", **wish), status=409, code=short)
        order = made(berta.post("/orders", **wish, accept_shortfall=True))
        path = f"/orders/{order['id']}/routing/explanation"
        told = made(Voice(client, world.rosa).get(path))
        [verdict] = told["lines"][0]["sellers"]
        assert (verdict["verdict"], verdict["quantity"]) == ("chosen", 3)
        nothing = "routing.nothing_can_be_served"
        one_more = wanted(world, 1, ship_by="2026-03-11")
        refused(berta.post("/orders", **one_more), status=409, code=nothing)
        with_nothing = made(
            berta.post("/routing/simulate", **wanted(world, 1, ship_by="2026-03-11"))
        )
        assert with_nothing["unserved"][0]["reasons"] == {"no_stock": 1, "too_late": 1}

    def test_keeps_in_a_cart_what_was_wished(self, world: World, berta: Voice) -> None:
        cart = made(berta.post("/carts", **wanted(world, 5, no_backorders=True)))
        assert cart["wishes"]["no_backorders"] is True
        assert cart["simulation"]["units_served"] == 3


class TestAVerdict:
    def test_of_who_would_be_too_late_measures_it(
        self, client: FlaskClient, world: World, berta: Voice, now: datetime
    ) -> None:
        tap = world.add_variant(dieter=100, wanda=1100, stock=(0, 1))
        allows_backorders(world, world.dieter, tap)
        announces(world, "dieter", tap, THURSDAY, 10, now)
        wish = wanted(world, 2, ship_by="2026-03-10") | {"accept_shortfall": True}
        wish["lines"][0]["variant_id"] = public_id("var", tap)
        order = made(berta.post("/orders", **wish))
        told = made(
            Voice(client, world.rosa).get(
                f"/orders/{order['id']}/routing/explanation",
                line=1, seller=public_id("org", world.dieter.id),
            )
        )  # fmt: skip
        [verdict] = told["lines"][0]["sellers"]
        late = next(rule for rule in verdict["rules"] if rule["code"] == "too_late")
        assert (late["measured"], late["required"]) == (
            {"ships_on": "2026-03-12"}, {"ship_by": "2026-03-10"},
        )  # fmt: skip
        assert "it would leave on Mar 12, 2026" in late["sentence"]
