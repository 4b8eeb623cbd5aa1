"""Dieter offers Mira's drill; whatever keeps it from being sold is said."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.models import Variant
from app.infra.models import OutboxEvent
from app.kernel.clock import FixedClock
from app.kernel.ids import public_id
from app.network.models import Agreement, AgreementTerms
from app.offers import queries
from app.offers.models import Offer
from app.pricing.models import PriceList
from tests.factories.catalog import (
    CategoryFactory,
    LocationFactory,
    OfferFactory,
    PriceEntryFactory,
    PriceListFactory,
    StockFactory,
    VariantFactory,
)
from tests.factories.network import AgreementCategoryFactory, Network, make_network
from tests.support.api import Voice, made, refused
from tests.support.statements import count_statements


@pytest.fixture
def network(session: Session) -> Network:
    return make_network()


@pytest.fixture
def dieter(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.dieter)


@pytest.fixture
def clerk(client: FlaskClient, network: Network) -> Voice:
    """A colleague of Dieter's who may only look at offers."""
    return Voice(client, network.dieter, ("offers.read",))


@pytest.fixture
def theo(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.theo)


@pytest.fixture
def drill(network: Network) -> Variant:
    return VariantFactory(manufacturer_id=network.mira.id)


@pytest.fixture
def drill_id(drill: Variant) -> str:
    return public_id("var", drill.id)


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


class TestAnExplanation:
    """An offer that can be sold; then one thing after the other goes wrong."""

    @pytest.fixture
    def offer(self, network: Network, drill: Variant) -> Offer:
        seller = network.dieter.id
        prices = PriceListFactory(owner_id=seller)
        PriceEntryFactory(price_list_id=prices.id, variant_id=drill.id)
        location = LocationFactory(seller_id=seller)
        StockFactory(location_id=location.id, variant_id=drill.id, on_hand=9, safety=1)
        return OfferFactory(seller_id=seller, variant_id=drill.id, minimum_quantity=8)

    @pytest.fixture
    def why(self, dieter: Voice, offer: Offer):
        def ask() -> list[str]:
            body = made(dieter.get(f"/offers/{public_id('offer', offer.id)}/explanation"))
            assert body["sellable"] is (body["reasons"] == [])
            return [each["code"] for each in body["reasons"]]

        return ask

    def test_of_a_good_offer_is_empty(self, why) -> None:
        assert why() == []

    def test_names_the_status_of_the_offer(self, offer: Offer, why) -> None:
        offer.status = "paused"
        assert why() == ["offer_paused"]
        offer.status = "withdrawn"
        assert why() == ["offer_withdrawn"]

    def test_names_the_seller_and_the_variant(
        self, client: FlaskClient, network: Network, drill: Variant, offer: Offer
    ) -> None:
        network.dieter.status = "suspended"
        drill.status = "withdrawn"
        operator = Voice(client, network.operator)
        body = made(operator.get(f"/offers/{public_id('offer', offer.id)}/explanation"))
        reasons = [each["code"] for each in body["reasons"]]
        assert reasons == ["seller_suspended", "variant_not_active"]

    def test_is_empty_while_the_variant_is_phased_out(self, drill: Variant, why) -> None:
        drill.status = "phase_out"
        assert why() == []

    def test_names_the_agreement(self, session: Session, network: Network, why, now) -> None:
        terms = session.get_one(AgreementTerms, network.dieter_terms.id)
        terms.valid_to = now
        assert why() == ["agreement_inactive"]
        terms.valid_to = now + timedelta(seconds=1)
        assert why() == []
        session.get_one(Agreement, terms.agreement_id).status = "suspended"
        assert why() == ["agreement_inactive"]

    def test_names_the_assortment(self, network: Network, drill: Variant, why) -> None:
        other = CategoryFactory(manufacturer_id=network.mira.id)
        AgreementCategoryFactory(terms_id=network.dieter_terms.id, category_id=other.id)
        assert why() == ["outside_assortment"]
        AgreementCategoryFactory(terms_id=network.dieter_terms.id, category_id=drill.category_id)
        assert why() == []

    def test_names_the_price(self, session: Session, network: Network, why, now) -> None:
        session.query(PriceList).filter_by(owner_id=network.dieter.id).update({"valid_to": now})
        assert why() == ["no_price"]

    def test_names_the_stock(self, offer: Offer, why) -> None:
        offer.minimum_quantity = 9
        assert why() == ["no_stock"]

    def test_needs_no_agreement_of_who_makes_it(
        self, session: Session, network: Network, drill: Variant, now
    ) -> None:
        own = OfferFactory(seller_id=network.mira.id, variant_id=drill.id)
        found = queries.explain(session, offer_ids=[own.id], now=now)
        assert found == {own.id: ("no_price", "no_stock")}

    def test_of_many_offers_is_one_statement(
        self, session: Session, network: Network, offer: Offer, now
    ) -> None:
        bare = [
            OfferFactory(
                seller_id=network.dieter.id,
                variant_id=VariantFactory(manufacturer_id=network.mira.id).id,
            )
            for _ in range(3)
        ]
        with count_statements() as statements:
            found = queries.explain(
                session, offer_ids=[offer.id, *(each.id for each in bare)], now=now
            )
        assert len(statements) == 1
        assert found[offer.id] == ()
        assert {found[each.id] for each in bare} == {("no_price", "no_stock")}


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
