"""Prices are found by index, one place a variant, however many lists there are."""

import pytest
from sqlalchemy.orm import Session

from app.identity.rules import permissions_for
from app.infra.auth import Caller
from app.pricing import operations
from app.pricing.operations import EntryDraft
from bench.market.asking import Page, Pages, made_id
from bench.market.resolving import CASES, NOW, Case
from tests.plans.conftest import PLAN
from tests.support.plans import Plans, explained

ENTRIES_KEY = "pk_pricing_entries"
LARGE = {
    "pricing_entries", "offers_offers", "inventory_stock", "catalog_variants",
    "discovery_documents",
}  # fmt: skip


def ask(market: Session, case: Case) -> tuple[Plans, Page]:
    """A question of a random page, after others have made its plan a prepared one."""
    pages = Pages(PLAN, below=PLAN.variants, seed=4)
    for _ in range(6):
        case.ask(market, pages.draw(odd=case.odd, groups=case.groups))
    page = pages.draw(odd=case.odd, groups=case.groups)
    with explained(market) as plans:
        case.ask(market, page)
    return plans, page


class TestAPageOfPrices:
    @pytest.mark.parametrize("name", CASES)
    def test_reads_entries_by_their_key_and_no_large_table_whole(self, market, name):
        plans, _ = ask(market, CASES[name])
        assert ENTRIES_KEY in plans.indexes()
        assert not plans.scanned() & LARGE

    @pytest.mark.parametrize("name", CASES)
    def test_never_compares_all_that_is_asked_with_all_that_is_found(self, market, name):
        plans, _ = ask(market, CASES[name])
        assert max(plan.most_rows() for plan in plans.made) < 20_000

    def test_looks_once_for_each_variant_of_one_seller(self, market):
        plans, page = ask(market, CASES["one seller"])
        [entries] = [
            node
            for plan in plans.made
            for node in plan.nodes()
            if node.get("Index Name") == ENTRIES_KEY
        ]
        assert entries["Actual Loops"] == len(page.variants)


class TestAPriceThatIsPut:
    def test_is_checked_and_written_by_index(self, market):
        kinds = frozenset({"distributor"})
        seller = made_id("seller", 3)
        draft = EntryDraft(variant_id=made_id("variant", 8), amount_minor=77_000)
        with explained(market) as plans:
            operations.put_entries(
                market,
                caller=Caller(seller, seller, kinds, permissions_for(kinds)),
                price_list_id=made_id("list", 3 * 7),
                entries=[draft],
                now=NOW,
            )
        assert plans.about("UPDATE pricing_entries")
        assert not plans.scanned() & LARGE
