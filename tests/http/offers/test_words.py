"""Dieter offers Mira's drill, and says in which quantities and how long."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.models import Variant
from app.infra.models import OutboxEvent
from app.kernel.clock import FixedClock
from tests.factories.catalog import (
    OfferFactory,
    VariantFactory,
)
from tests.factories.network import Network
from tests.support.api import Voice, made, refused
from tests.support.statements import count_statements


class TestOffers:
    def test_are_made_read_and_changed(self, dieter: Voice, drill_id: str) -> None:
        offer = made(
            dieter.post(
                "/offers",
                variant_id=drill_id,
                seller_sku="DD-77",
                minimum_quantity=4,
                maximum_quantity=400,
                quantity_step=4,
                lead_time_days=2,
            )
        )
        assert (offer["status"], offer["version"]) == ("active", 1)
        path = f"/offers/{offer['id']}"
        assert made(dieter.get(path)) == offer
        paused = made(dieter.patch(path, version=1, status="paused"))
        assert (paused["status"], paused["version"]) == ("paused", 2)
        refused(
            dieter.patch(path, version=1, status="active"),
            status=412,
            code="http.precondition_failed",
        )

    def test_are_one_a_variant(self, dieter: Voice, drill_id: str) -> None:
        made(dieter.post("/offers", variant_id=drill_id))
        refused(dieter.post("/offers", variant_id=drill_id), status=409, code="offers.offer_exists")

    def test_have_quantities_that_agree(self, dieter: Voice, drill_id: str) -> None:
        refused(
            dieter.post("/offers", variant_id=drill_id, minimum_quantity=5, maximum_quantity=4),
            status=400,
            code="offers.quantities_disagree",
        )

    def test_are_of_variants_that_the_seller_may_know_of(self, theo: Voice, drill_id: str) -> None:
        refused(
            theo.post("/offers", variant_id=drill_id),
            status=404,
            code="catalog.variant_not_found",
        )

    def test_are_listed_in_one_statement(
        self, dieter: Voice, network: Network, drill: Variant
    ) -> None:
        OfferFactory(seller_id=network.wanda.id, variant_id=drill.id)
        for status in ("active", "active", "paused"):
            variant = VariantFactory(manufacturer_id=network.mira.id)
            OfferFactory(seller_id=network.dieter.id, variant_id=variant.id, status=status)
        with count_statements() as statements:
            first = made(dieter.get("/offers", limit=2))
        assert statements.about("offers_offers") == 1
        rest = made(dieter.get("/offers", limit=2, cursor=first["next_cursor"]))
        assert (len(first["items"]), len(rest["items"])) == (2, 1)
        assert len(made(dieter.get("/offers", status="paused"))["items"]) == 1

    def test_are_nobody_else_s_business(
        self,
        client: FlaskClient,
        network: Network,
        dieter: Voice,
        clerk: Voice,
        theo: Voice,
        drill_id: str,
    ) -> None:
        offer = made(dieter.post("/offers", variant_id=drill_id))
        path = f"/offers/{offer['id']}"
        assert made(clerk.get(path)) == offer
        refused(clerk.patch(path, version=1, status="paused"), status=403, code="auth.forbidden")
        refused(clerk.post("/offers", variant_id=drill_id), status=403, code="auth.forbidden")
        for other in (theo, Voice(client, network.wanda), Voice(client, network.mira)):
            for answer in (
                other.get(path),
                other.get(f"{path}/explanation"),
                other.patch(path, version=1, status="paused"),
            ):
                refused(answer, status=404, code="offers.offer_not_found")
            assert made(other.get("/offers"))["items"] == []
        assert made(Voice(client, network.operator).get(path)) == offer


class TestTheWordsOfAnOffer:
    def test_are_kept(self, dieter: Voice, drill_id: str) -> None:
        said = {
            "condition": "refurbished",
            "pack_quantity": 6,
            "quantity_step": 4,
            "minimum_quantity": 12,
            "valid_from": "2026-03-01T00:00:00Z",
            "valid_to": "2026-04-01T00:00:00Z",
            "note": "Boxes of six",
        }
        offer = made(dieter.post("/offers", variant_id=drill_id, **said))
        assert offer["order_step"] == 12
        assert (offer["condition"], offer["note"]) == ("refurbished", "Boxes of six")
        changed = made(dieter.patch(f"/offers/{offer['id']}", version=1, pack_quantity=5))
        assert changed["order_step"] == 20

    @pytest.mark.parametrize(
        ("words", "code", "pointer"),
        [
            (
                {"minimum_quantity": 5, "maximum_quantity": 7, "pack_quantity": 4},
                "offers.quantities_disagree",
                "/maximum_quantity",
            ),
            (
                {"quantity_step": 9_999_991, "pack_quantity": 10_000_000},
                "offers.quantities_disagree",
                "/pack_quantity",
            ),
            (
                {"valid_from": "2026-04-01T00:00:00Z", "valid_to": "2026-04-01T00:00:00Z"},
                "offers.period_empty",
                "/valid_to",
            ),
        ],
    )
    def test_must_agree(self, dieter: Voice, drill_id: str, words, code: str, pointer: str) -> None:
        body = refused(dieter.post("/offers", variant_id=drill_id, **words), status=400, code=code)
        assert [each["pointer"] for each in body["errors"]] == [pointer]
        offer = made(dieter.post("/offers", variant_id=drill_id))
        path = f"/offers/{offer['id']}"
        refused(dieter.patch(path, version=1, **words), status=400, code=code)

    def test_take_effect_to_the_second(self, app, dieter: Voice, drill_id: str, now) -> None:
        offer = made(
            dieter.post(
                "/offers",
                variant_id=drill_id,
                valid_from=(now + timedelta(seconds=5)).isoformat(),
                valid_to=(now + timedelta(seconds=6)).isoformat(),
            )
        )

        def reasons(seconds: int) -> set[str]:
            app.extensions["clock"] = FixedClock(now + timedelta(seconds=seconds))
            [listed] = made(dieter.get("/offers"))["items"]
            assert listed["id"] == offer["id"]
            return {"not_yet_valid", "expired"} & set(listed["reasons"])

        assert reasons(4) == {"not_yet_valid"}
        assert reasons(5) == set()
        assert reasons(6) == {"expired"}

    def test_are_told_to_the_seller(
        self, session: Session, dieter: Voice, network: Network, drill_id: str
    ) -> None:
        offer = made(dieter.post("/offers", variant_id=drill_id))
        made(dieter.patch(f"/offers/{offer['id']}", version=1, note="Soon gone"))
        told = session.scalars(
            select(OutboxEvent).where(OutboxEvent.name == "offers.changed").order_by(OutboxEvent.id)
        ).all()
        assert [each.payload["change"] for each in told] == ["created", "edited"]
        assert told[1].payload["fields"] == ["note"]
        assert told[0].audience == told[1].audience == [network.dieter.id]
