"""A network from files: everything lands, exactly, once, or nothing does."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select, text

from app.demo import imports
from app.demo.errors import NetworkCollides, NetworkRefused
from app.tables import network, offers, pricing, storefronts
from connectors.network_files import NetworkFolder
from tests.support import network_files


def nobody(*_: object) -> None:
    """Hears of progress and does not care."""


@pytest.fixture
def made() -> network_files.Tables:
    return network_files.tables()


@pytest.fixture
def content(tmp_path, made):
    return NetworkFolder(network_files.write(tmp_path, made)).read_network(nobody)


def load(session, content, now, model=imports.MIXED):
    return imports.import_network(session, content=content, model=model, told=nobody, now=now)


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


class TestAnImport:
    def test_lands_every_row(self, session, content, made, now):
        done = load(session, content, now)
        assert not done.already_loaded
        assert count(session, offers.Offer) == len(made["offers"])
        assert done.rows["inventory_stock"] == len(made["stock"])

    def test_keeps_every_price_to_the_cent(self, session, content, made, now):
        load(session, content, now)
        found = session.execute(
            text("""
                SELECT s.code, v.sku, e.amount_minor, e.per_quantity
                FROM pricing_entries e
                JOIN pricing_price_lists l ON l.id = e.price_list_id AND l.purpose = 'sale'
                JOIN network_organizations s ON s.id = l.owner_id AND s.code <> 'ATLAS-SHOP'
                JOIN catalog_variants v ON v.id = e.variant_id
            """)
        )
        expected = {(row[0], row[1], int(Decimal(row[2]) * 100), 1) for row in made["offers"]}
        assert {tuple(row) for row in found} == expected

    def test_grants_one_agreement_a_seller_and_resale_from_distributors(
        self, session, content, now
    ):
        load(session, content, now)
        models = session.execute(
            text("""
                SELECT g.code, t.selling_model FROM network_agreements a
                JOIN network_agreement_terms t ON t.agreement_id = a.id
                JOIN network_organizations g ON g.id = a.grantor_id
                ORDER BY 2, 1
            """)
        ).all()
        assert models == [("ATLAS-MAKER", "agency")] * 5 + [("S1", "resale")]

    def test_in_the_agency_model_grants_no_resale(self, session, content, now):
        load(session, content, now, model=imports.AGENCY)
        lists = session.scalars(select(pricing.PriceList.purpose)).all()
        assert "transfer" not in lists

    def test_again_changes_nothing(self, session, content, now):
        load(session, content, now)
        before = count(session, network.Organization)
        assert load(session, content, now).already_loaded
        assert count(session, network.Organization) == before

    def test_keeps_the_operator_that_is_there(self, session, content, now):
        session.add(
            network.Organization(
                name="Ours", code="OURS", kinds=["operator"], country="BR", created_at=now
            )
        )
        load(session, content, now)
        query = select(network.Organization.code).where(
            network.Organization.kinds.contains(["operator"])
        )
        assert session.scalars(query).all() == ["OURS"]

    def test_whose_resale_would_lose_money_is_refused(self, session, tmp_path, made, now):
        dear = next(row for row in made["offers"] if row[0] == "S1")
        dear[2] = "9999.00"
        content = NetworkFolder(network_files.write(tmp_path, made)).read_network(nobody)
        with pytest.raises(NetworkRefused) as caught:
            load(session, content, now)
        assert caught.value.refusals[0].value == dear[1]
        assert count(session, storefronts.Storefront) == 0

    def test_over_another_organizations_code_is_refused(self, session, content, now):
        session.add(
            network.Organization(
                name="Other", code="S3", kinds=["buyer"], country="BR", created_at=now
            )
        )
        with pytest.raises(NetworkCollides) as caught:
            load(session, content, now)
        assert caught.value.details["codes"] == ["S3"]


class TestTheCommand:
    def test_refuses_everything_for_one_bad_row(self, app, session, tmp_path, made):
        made["stock"][0][2] = "many"
        network_files.write(tmp_path, made)
        answer = app.test_cli_runner().invoke(args=["network", "import", str(tmp_path)])
        assert answer.exit_code == 1
        assert "stock.csv.gz, row 2, on_hand: 'many' is not a whole number" in answer.stderr
        assert count(session, storefronts.Storefront) == 0

    def test_lands_the_good_rows_when_told_to(self, app, session, tmp_path, made):
        made["stock"][0][2] = "many"
        network_files.write(tmp_path, made)
        answer = app.test_cli_runner().invoke(
            args=["network", "import", str(tmp_path), "--keep-going"]
        )
        assert answer.exit_code == 0, answer.stderr
        assert "1 rows were refused" in answer.stdout
        assert count(session, storefronts.Storefront) == 1

    def test_says_when_everything_is_there_already(self, app, tmp_path, made):
        network_files.write(tmp_path, made)
        runner = app.test_cli_runner()
        runner.invoke(args=["network", "import", str(tmp_path)])
        assert "Already loaded" in runner.invoke(args=["network", "import", str(tmp_path)]).stdout
