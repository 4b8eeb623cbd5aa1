"""What a buyer may see, and who could deliver it, is found by index."""

import pytest

from app.discovery import queries
from app.discovery.rules import Filters, question_of
from app.infra.auth import Caller
from app.inventory import queries as inventory_queries
from app.routing import queries as routing_queries
from app.routing.rules import RoutingRequest, ShipTo, WantedLine
from bench.market.asking import Pages, made_id
from bench.market.plan import MARKET
from bench.market.resolving import NOW
from tests.plans.conftest import PLAN
from tests.plans.test_prices import LARGE
from tests.support.plans import explained


def search(market, words, *, shop=0, sort="relevance"):
    buyer = made_id("buyer", 0 if shop == MARKET else shop * 20)
    caller = Caller(buyer, buyer, frozenset({"buyer"}), frozenset())
    viewer = queries.look(market, caller=caller, storefront=made_id("shop", shop))
    asked = queries.Search(question=question_of(words), locale="en", filters=Filters(), sort=sort)
    return queries.search(market, viewer=viewer, search=asked, now=NOW)


class TestASearch:
    @pytest.mark.parametrize("words", ["hex nut chrome", "PN-40/5", "everyday hinge"])
    def test_finds_words_and_codes_by_index(self, market, words):
        with explained(market) as plans:
            search(market, words)
        assert "ix_discovery_documents_text_en" in plans.indexes()
        assert not plans.scanned() & LARGE

    @pytest.mark.parametrize("shop", [0, 1, MARKET])
    def test_never_compares_all_offers_with_all_rights(self, market, shop):
        with explained(market) as plans:
            found = search(market, "everyday", shop=shop)
        assert found.total > 30
        assert max(plan.most_rows() for plan in plans.made) < 30_000


class TestCandidates:
    def test_of_an_order_are_found_by_index(self, market):
        page = Pages(PLAN, below=PLAN.variants, seed=9).draw(odd=0, groups=4)
        with explained(market) as plans:
            inventory_queries.list_available(market, variant_ids=page.variant_ids)
        assert "ix_inventory_stock_variant" in plans.indexes()
        assert not plans.scanned() & LARGE

    def test_of_every_kind_are_found_without_reading_a_large_table(self, market):
        page = Pages(PLAN, below=PLAN.variants, seed=9).draw(odd=1, groups=4)
        request = RoutingRequest(
            storefront_id=made_id("shop", page.shop),
            buyer_id=made_id("buyer", page.shop * 20),
            ship_to=ShipTo(
                country="DE", subdivision="DE-A", postal_code="34117", latitude=51.0, longitude=9.0
            ),
            lines=tuple(WantedLine(variant_id, 3) for variant_id in page.variant_ids),
        )
        context = routing_queries.get_context(market, request=request, now=NOW)
        with explained(market) as plans:
            offers, freight = routing_queries.list_offers(
                market, request=request, context=context, now=NOW
            )
        assert None in freight
        assert len(offers) == 24 * 5
        assert "ix_offers_offers_variant" in plans.indexes()
        assert not plans.scanned() & LARGE
        assert max(plan.most_rows() for plan in plans.made) < 30_000
