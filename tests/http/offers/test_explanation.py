"""Whatever keeps Dieter's offer from being sold is said."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.catalog.models import Variant
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
from tests.factories.network import AgreementCategoryFactory, Network
from tests.support.api import Voice, made
from tests.support.statements import count_statements


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
