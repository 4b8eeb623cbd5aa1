"""Offers, assortments and suggestions on pages: what a seller does, what a manufacturer decides."""

from typing import ClassVar

import pytest
from sqlalchemy import select

from app.assortments.models import Assortment
from app.catalog.models import Suggestion
from app.kernel.ids import public_id
from app.offers.models import Offer
from tests.factories.assortments import AssortmentFactory, AssortmentRuleFactory
from tests.factories.catalog import OfferFactory, ProductFactory, VariantFactory
from tests.factories.network import headers_of, make_network
from tests.support.api import Voice, made


@pytest.fixture
def network(session):
    return make_network()


@pytest.fixture
def bolt(network):
    product = ProductFactory(manufacturer_id=network.mira.id, brand="Mira")
    return VariantFactory(
        manufacturer_id=network.mira.id,
        product_id=product.id,
        category_id=product.category_id,
        name="Hexagon bolt M8x40",
        sku="HB-840",
        attributes={"color": "blue"},
    )


@pytest.fixture
def sign_in(client, session):
    def as_(organization, *permissions):
        header = headers_of(organization, *permissions)["Authorization"]
        session.commit()
        answer = client.post("/session", data={"key": header.removeprefix("Bearer ")})
        assert answer.status_code == 302

    return as_


class TestTheOffersPage:
    @pytest.fixture
    def offer(self, network, bolt):
        return OfferFactory(
            seller_id=network.dieter.id, variant_id=bolt.id, seller_sku="DD-1", maximum_quantity=4
        )

    def test_says_why_an_offer_cannot_be_sold(self, client, network, sign_in, offer):
        sign_in(network.dieter)
        page = client.get("/offers").text
        for told in ("DD-1", "Hexagon bolt M8x40", "no price", "no stock"):
            assert told in page
        assert "DD-1" in client.get("/offers?reason=no_price").text
        assert "DD-1" not in client.get("/offers?reason=expired").text
        assert "DD-1" not in client.get("/offers?q=nonsense").text

    def test_tries_a_bulk_edit_before_it_is_done(self, client, session, network, sign_in, offer):
        sign_in(network.dieter)
        said = {"which": "shown", "to_status": "paused", "mode": "dry_run"}
        assert "1 would change" in client.post("/offers", data=said).text
        assert session.get_one(Offer, offer.id).status == "active"
        assert "1 changed" in client.post("/offers", data=said | {"mode": "partial"}).text
        session.expire_all()
        assert session.get_one(Offer, offer.id).status == "paused"

    def test_shows_and_changes_back_orders(self, client, session, network, sign_in, offer):
        sign_in(network.dieter)
        said = {"which": "shown", "to_backorder": "always", "mode": "partial"}
        incomplete = client.post("/offers", data=said).text
        full = said | {"to_backorder_limit": "40", "to_backorder_days": "9"}

        assert "say up to how many units and how many days later" in incomplete
        assert "1 changed" in client.post("/offers", data=full).text
        assert "up to 40 9 days later" in client.get("/offers").text
        session.expire_all()
        assert session.get_one(Offer, offer.id).backorder == "always"

    def test_names_what_cannot_be_changed_so(self, client, network, sign_in, offer):
        sign_in(network.dieter)
        ticked = {"which": "ticked", "offer": public_id("offer", offer.id), "mode": "dry_run"}
        page = client.post("/offers", data=ticked | {"to_minimum_quantity": "5"}).text
        assert "1 cannot be changed so" in page
        assert "The greatest quantity is below the least" in page
        assert client.post("/offers", data=ticked).status_code == 422
        wrong = client.post("/offers", data=ticked | {"to_minimum_quantity": "none"})
        assert wrong.status_code == 422

    def test_is_the_seller_s_own(self, client, network, sign_in, offer):
        assert client.get("/offers").status_code == 302
        sign_in(network.wanda)
        assert "DD-1" not in client.get("/offers").text
        sign_in(network.dieter, "offers.read")
        assert client.post("/offers", data={"which": "shown"}).status_code == 403


class TestTheAssortmentsPage:
    FORM: ClassVar = {
        "name": "Blue things",
        "rule-0": "1",
        "rule-0-attributes": "color = blue, red",
        "rule-0-brands": "Mira",
    }

    def test_looks_before_it_keeps(self, client, session, network, sign_in, bolt):
        sign_in(network.mira)
        page = client.post("/assortments/new", data=self.FORM | {"mode": "look"}).text
        assert "<strong>1</strong> variants" in page
        assert "HB-840" in page
        assert session.scalars(select(Assortment)).all() == []
        kept = client.post("/assortments/new", data=self.FORM | {"mode": "keep"})
        assert kept.status_code == 302
        shown = client.get(kept.headers["Location"]).text
        assert "color = blue, red" in shown
        assert "HB-840" in shown
        assert "Blue things" in client.get("/assortments").text

    def test_is_changed_in_the_version_that_was_shown(
        self, client, session, network, sign_in, bolt
    ):
        sign_in(network.mira)
        kept = client.post("/assortments/new", data=self.FORM | {"mode": "keep"})
        path = kept.headers["Location"]
        change = self.FORM | {"mode": "keep", "version": "1", "exclude": "HB-840"}
        assert client.post(path, data=change).status_code == 302
        assert "<strong>0</strong> variants" in client.get(path).text
        assert client.post(path, data=change).status_code == 412

    def test_says_what_it_cannot_read(self, client, network, sign_in, bolt):
        sign_in(network.mira)
        form = self.FORM | {"mode": "keep"}
        for wrong in (
            {"rule-0-attributes": "color"},
            {"include": "NOT-A-SKU"},
            {"name": " "},
        ):
            answer = client.post("/assortments/new", data=form | wrong)
            assert answer.status_code == 422
            assert 'role="alert"' in answer.text

    def test_is_the_owner_s_own(self, client, network, sign_in, bolt):
        foreign = AssortmentFactory(owner_id=network.wanda.id, name="Hers")
        AssortmentRuleFactory(assortment_id=foreign.id)
        sign_in(network.dieter)
        path = f"/assortments/{public_id('asmt', foreign.id)}"
        assert client.get(path).status_code == 404
        assert client.post(path, data=self.FORM).status_code == 404
        assert "Hers" not in client.get("/assortments").text


class TestTheSuggestionsPage:
    @pytest.fixture
    def waiting(self, client, network, bolt):
        dieter = Voice(client, network.dieter)
        return made(
            dieter.post("/catalog/suggestions", seller_sku="DD-9", name="Bolt hexagon M8 x 40 mm")
        )

    def test_shows_candidates_with_their_reasons(self, client, network, sign_in, waiting):
        sign_in(network.mira)
        page = client.get("/suggestions").text
        for told in ("DD-9", "Dieter Distribution", "HB-840", "100 % alike", "only the name"):
            assert told in page

    def test_takes_a_decision(self, client, session, network, sign_in, waiting, bolt):
        sign_in(network.mira)
        path = f"/suggestions/{waiting['id']}/decision"
        no_reason = client.post(path, data={"choice": "refuse"})
        assert no_reason.status_code == 400
        assert "Say why" in no_reason.text
        chosen = public_id("var", bolt.id)
        assert client.post(path, data={"choice": chosen}).status_code == 302
        assert session.scalars(select(Suggestion)).one().status == "matched"
        assert session.scalars(select(Offer)).one().variant_id == bolt.id
        assert "Nothing waits for you" in client.get("/suggestions").text
        assert "DD-9" in client.get("/suggestions?status=matched").text

    def test_shows_the_seller_what_it_waits_for(self, client, network, sign_in, waiting):
        sign_in(network.dieter)
        page = client.get("/suggestions").text
        assert "DD-9" in page
        assert "<button>Decide" not in page
        sign_in(network.wanda)
        assert "DD-9" not in client.get("/suggestions").text
