"""Dieter looks through his offers and changes many at once."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.models import Variant
from app.infra.models import OutboxEvent
from app.kernel.ids import public_id
from app.offers.models import Offer
from tests.factories.catalog import (
    OfferFactory,
    VariantFactory,
)
from tests.factories.network import Network
from tests.support.api import Voice, made, refused
from tests.support.statements import count_statements


class TestAList:
    @pytest.fixture
    def offers(self, network: Network, drill: Variant) -> list[Offer]:
        variants = [drill, *(VariantFactory(manufacturer_id=network.mira.id) for _ in range(2))]
        return [
            OfferFactory(
                seller_id=network.dieter.id, variant_id=variant.id, seller_sku=f"DD-{number}",
                status=("active", "paused", "active")[number],
            )
            for number, variant in enumerate(variants)
        ]  # fmt: skip

    def test_is_narrowed_by_reason_and_words(
        self, dieter: Voice, offers: list[Offer], drill: Variant
    ) -> None:
        def found(**query: str) -> set[str]:
            return {each["seller_sku"] for each in made(dieter.get("/offers", **query))["items"]}

        sku, category = drill.sku, public_id("cat", drill.category_id)
        assert found(reason="offer_paused") == {"DD-1"}
        assert found(reason="no_price", status="active") == {"DD-0", "DD-2"}
        assert found(q="dd-2") == {"DD-2"}
        assert found(q=sku) == {"DD-0"}
        assert found(q="%") == set()
        assert found(category_id=category) == {"DD-0"}

    def test_says_of_each_why_it_cannot_be_sold(self, dieter: Voice, offers: list[Offer]) -> None:
        first, second, _ = made(dieter.get("/offers"))["items"]
        assert first["reasons"] == ["no_price", "no_stock"]
        assert second["reasons"] == ["offer_paused", "no_price", "no_stock"]

    def test_is_summed_up(
        self, client: FlaskClient, network: Network, dieter: Voice, offers: list[Offer]
    ) -> None:
        told = made(dieter.get("/offers/summary"))
        assert (told["total"], told["sellable"]) == (3, 0)
        assert told["statuses"] == {"active": 2, "paused": 1}
        assert {each["code"]: each["offers"] for each in told["reasons"]} == {
            "offer_paused": 1,
            "no_price": 3,
            "no_stock": 3,
        }
        operator = Voice(client, network.operator)
        refused(operator.get("/offers/summary"), status=400, code="offers.seller_needed")
        seller = public_id("org", network.dieter.id)
        assert made(operator.get("/offers/summary", seller_id=seller)) == told
        assert made(Voice(client, network.theo).get("/offers/summary"))["total"] == 0


class TestABulkEdit:
    @pytest.fixture
    def offers(self, network: Network) -> list[Offer]:
        """Dieter's four offers, one of which is sold four at most; and one of Wanda's."""
        variants = [VariantFactory(manufacturer_id=network.mira.id) for _ in range(4)]
        OfferFactory(seller_id=network.wanda.id, variant_id=variants[0].id)
        return [
            OfferFactory(
                seller_id=network.dieter.id, variant_id=variant.id, seller_sku=f"DD-{number}",
                maximum_quantity=(None, 4)[number == 3],
            )
            for number, variant in enumerate(variants)
        ]  # fmt: skip

    def test_is_tried_before_it_is_done(
        self, session: Session, dieter: Voice, offers: list[Offer]
    ) -> None:
        strict = offers[3].id
        asked = {"filter": {"all": True}, "changes": {"minimum_quantity": 5, "status": "paused"}}
        tried = made(dieter.post("/offers/bulk-edit", **asked, dry_run=True))
        assert (tried["matched"], tried["changed"], tried["refused"]) == (4, 3, 1)
        assert tried["refusals"] == [
            {
                "offer_id": public_id("offer", strict),
                "seller_sku": "DD-3",
                "code": "maximum_below_minimum",
                "pointer": "/changes/maximum_quantity",
                "message": "The greatest quantity is below the least",
            }
        ]
        assert {each["status"] for each in made(dieter.get("/offers"))["items"]} == {"active"}
        body = refused(
            dieter.post("/offers/bulk-edit", **asked, policy="all_or_nothing"),
            status=400,
            code="offers.edit_refused",
        )
        assert body["refused"] == 1
        assert {each["status"] for each in made(dieter.get("/offers"))["items"]} == {"active"}
        done = made(dieter.post("/offers/bulk-edit", **asked))
        assert done == tried | {"dry_run": False}
        after = {each["seller_sku"]: each for each in made(dieter.get("/offers"))["items"]}
        assert [after[f"DD-{n}"]["status"] for n in range(4)] == ["paused"] * 3 + ["active"]
        assert [after[f"DD-{n}"]["version"] for n in range(4)] == [2, 2, 2, 1]
        again = made(dieter.post("/offers/bulk-edit", **asked))
        assert (again["matched"], again["changed"], again["refused"]) == (4, 0, 1)

    def test_touches_what_the_filter_means(
        self, session: Session, dieter: Voice, network: Network, offers: list[Offer]
    ) -> None:
        ids = [public_id("offer", each.id) for each in offers]
        category = public_id("cat", session.get_one(Variant, offers[1].variant_id).category_id)
        shelf = made(
            dieter.post("/assortments", name="Shelf", rules=[{"category_ids": [category]}])
        )

        def edited(note: str, **which: object) -> set[str]:
            made(dieter.post("/offers/bulk-edit", filter=which, changes={"note": note}))
            items = made(dieter.get("/offers"))["items"]
            return {each["seller_sku"] for each in items if each["note"] == note}

        assert edited("by id", offer_ids=ids[:2]) == {"DD-0", "DD-1"}
        assert edited("by category", category_id=category) == {"DD-1"}
        assert edited("by assortment", assortment_id=shelf["id"]) == {"DD-1"}
        assert edited("by status", status="paused") == set()
        assert edited("by both", offer_ids=ids, q="DD-2") == {"DD-2"}

    def test_empties_what_is_given_as_null(self, dieter: Voice, offers: list[Offer]) -> None:
        made(
            dieter.post(
                "/offers/bulk-edit",
                filter={"all": True},
                changes={"maximum_quantity": None, "valid_to": "2027-01-01T00:00:00Z"},
            )
        )
        items = made(dieter.get("/offers"))["items"]
        assert {each["maximum_quantity"] for each in items} == {None}
        assert {each["valid_to"] for each in items} == {"2027-01-01T00:00:00+00:00"}

    def test_is_of_the_caller_s_own_offers(
        self, client: FlaskClient, network: Network, clerk: Voice, dieter: Voice, offers
    ) -> None:
        ids = [public_id("offer", each.id) for each in offers]
        asked = {"filter": {"offer_ids": ids}, "changes": {"status": "paused"}}
        wanda = Voice(client, network.wanda)
        assert made(wanda.post("/offers/bulk-edit", **asked))["matched"] == 0
        refused(clerk.post("/offers/bulk-edit", **asked), status=403, code="auth.forbidden")
        foreign = made(wanda.post("/assortments", name="Hers", rules=[{}]))
        refused(
            dieter.post(
                "/offers/bulk-edit",
                filter={"assortment_id": foreign["id"]},
                changes={"status": "paused"},
            ),
            status=404,
            code="assortments.assortment_not_found",
        )

    @pytest.mark.parametrize(
        "body",
        [
            {"filter": {}, "changes": {"status": "paused"}},
            {"filter": {"all": False}, "changes": {"status": "paused"}},
            {"filter": {"all": True}, "changes": {}},
            {"filter": {"all": True}, "changes": {"seller_sku": "X"}},
        ],
    )
    def test_says_what_it_means(self, dieter: Voice, body) -> None:
        refused(dieter.post("/offers/bulk-edit", **body), status=422, code="http.malformed")

    def test_takes_as_many_statements_for_many_as_for_one(
        self, session: Session, dieter: Voice, network: Network, drill: Variant
    ) -> None:
        seller, maker = network.dieter.id, network.mira.id
        facts = {"product_id": drill.product_id, "category_id": drill.category_id}

        def count(status: str) -> int:
            session.commit()
            session.expunge_all()
            with count_statements() as statements:
                made(
                    dieter.post(
                        "/offers/bulk-edit", filter={"all": True}, changes={"status": status}
                    )
                )
            return len(statements)

        made(dieter.get("/offers"))  # the first use of a key is noted
        OfferFactory(seller_id=seller, variant_id=drill.id)
        one = count("paused")
        for variant in [VariantFactory(manufacturer_id=maker, **facts) for _ in range(600)]:
            OfferFactory(seller_id=seller, variant_id=variant.id)
        assert count("withdrawn") == one
        told = session.scalars(
            select(OutboxEvent)
            .where(OutboxEvent.name == "offers.changed")
            .order_by(OutboxEvent.id.desc())
            .limit(2)
        ).all()
        assert sorted(len(each.payload["offer_ids"]) for each in told) == [101, 500]
