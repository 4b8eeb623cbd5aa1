"""The built-in network: complete, the same every time, loaded once."""

import json
import stat

from sqlalchemy import func, select, text

from app.catalog import queries as catalog_queries
from app.demo import keys, loading
from app.demo.assortment import list_variants
from app.demo.parties import KEY_HOLDERS
from app.identity import operations as identity_operations
from app.identity import queries as identity_queries
from app.tables import Base, catalog, network, pricing


def counts(session):
    return {
        table.name: session.scalar(select(func.count()).select_from(table))
        for table in Base.metadata.sorted_tables
    }


class TestTheAssortment:
    def test_is_the_same_every_time(self):
        assert list_variants() == list_variants()

    def test_has_distinct_codes_and_gtins(self):
        variants = list_variants()
        assert len({(v.family.maker, v.sku) for v in variants}) == len(variants)
        assert len({v.gtin for v in variants}) == len(variants)

    def test_costs_something_and_weighs_something(self):
        assert all(v.list_price_minor > 0 and v.weight_g > 0 for v in list_variants())


class TestLoading:
    def test_again_changes_nothing(self, session, now):
        loading.load(session, now=now)
        before = counts(session)
        assert loading.load(session, now=now) == {}
        assert counts(session) == before

    def test_draws_the_same_prices_and_stock_every_time(self, session, now):
        sums = []
        for _ in range(2):
            savepoint = session.begin_nested()
            loading.load(session, now=now)
            sums.append(
                session.execute(
                    text("""
                        SELECT (SELECT sum(amount_minor) FROM pricing_entries),
                               (SELECT sum(on_hand) FROM inventory_stock)
                    """)
                ).one()
            )
            savepoint.rollback()
        assert sums[0] == sums[1]

    def test_has_three_tiers_in_chains(self, session, now):
        loading.load(session, now=now)
        depths = session.scalars(
            text("""
                WITH RECURSIVE chain AS (
                    SELECT id, 1 AS depth FROM network_agreements WHERE parent_id IS NULL
                    UNION ALL
                    SELECT a.id, depth + 1 FROM chain c
                    JOIN network_agreements a ON a.parent_id = c.id
                )
                SELECT DISTINCT depth FROM chain ORDER BY 1
            """)
        ).all()
        assert depths == [1, 2, 3]

    def test_resells_nothing_below_its_transfer_price(self, session, now):
        loading.load(session, now=now)
        losses = session.scalar(
            text("""
                SELECT count(*) FROM network_agreement_terms t
                JOIN network_agreements a ON a.id = t.agreement_id
                JOIN pricing_entries bought ON bought.price_list_id = t.transfer_price_list_id
                JOIN pricing_price_lists l ON l.owner_id = a.grantee_id AND l.purpose = 'sale'
                JOIN pricing_entries sold
                  ON sold.price_list_id = l.id AND sold.variant_id = bought.variant_id
                JOIN pricing_assignments n ON n.price_list_id = l.id
                 AND num_nonnulls(n.storefront_id, n.buyer_id) = 1
                WHERE sold.amount_minor < bought.amount_minor
            """)
        )
        assert losses == 0

    def test_prices_some_things_by_the_hundred(self, session, now):
        loading.load(session, now=now)
        per = session.scalars(select(pricing.PriceEntry.per_quantity).distinct()).all()
        assert set(per) == {1, 100}


class TestTheKeys:
    def caller(self, session):
        query = select(network.Organization.id).where(network.Organization.code == "OPERATOR")
        return identity_operations.operator_caller(operator_id=session.scalars(query).one())

    def test_work_and_stay_in_a_private_file(self, session, now, tmp_path):
        loading.load(session, now=now)
        held = keys.ensure_keys(session, caller=self.caller(session), folder=tmp_path, now=now)
        path = tmp_path / keys.FILE
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert json.loads(path.read_text()) == held
        assert set(held) == set(KEY_HOLDERS)
        assert identity_queries.find_caller(session, token=held["BRENNWEILER"], now=now)

    def test_are_kept_while_they_work(self, session, now, tmp_path):
        loading.load(session, now=now)
        caller = self.caller(session)
        first = keys.ensure_keys(session, caller=caller, folder=tmp_path, now=now)
        assert keys.ensure_keys(session, caller=caller, folder=tmp_path, now=now) == first

    def test_are_replaced_when_they_are_lost(self, session, now, tmp_path):
        loading.load(session, now=now)
        caller = self.caller(session)
        first = keys.ensure_keys(session, caller=caller, folder=tmp_path, now=now)
        (tmp_path / keys.FILE).unlink()
        second = keys.ensure_keys(session, caller=caller, folder=tmp_path, now=now)
        assert not set(first.values()) & set(second.values())


class TestTheCatalog:
    def test_is_told_in_four_languages(self, session, now):
        loading.load(session, now=now)
        names = session.execute(
            text("""
                SELECT translations->'es'->>'name', translations->'pt'->>'name',
                       translations->'de'->>'name', name
                FROM catalog_variants WHERE sku = 'LS-TWOWAY-BRASS'
            """)
        ).one()
        assert tuple(names) == (
            "Interruptor Lina conmutador, latón",
            "Interruptor Lina paralelo, latão",
            "Schalter Lina Wechsel, Messing",
            "Lina switch two-way, brass",
        )

    def test_has_values_that_fit_their_attributes(self, session, now):
        """Everything would pass as a change, so it may be published again any time."""
        loading.load(session, now=now)
        for maker in ("VELMORA", "KESTRAND", "QUILLFEN"):
            maker_id = session.scalar(
                select(network.Organization.id).where(network.Organization.code == maker)
            )
            for kind, table in (("product", catalog.Product), ("variant", catalog.Variant)):
                ids = session.scalars(
                    select(table.id).where(table.manufacturer_id == maker_id, table.draft.is_(None))
                ).all()
                assert ids
                found = catalog_queries.problems_of(
                    session, manufacturer_id=maker_id, kind=kind, ids=ids
                )
                assert found == {}

    def test_was_published_once_and_is_being_changed_again(self, session, now):
        loading.load(session, now=now)
        published = session.scalars(
            select(catalog.Publication).order_by(catalog.Publication.number)
        ).all()
        assert [each.number for each in published] == [0, 1]
        assert published[1].counts == {"variant": {"phased_out": 1}}
        counts = catalog_queries.count_changes(
            session, manufacturer_id=published[1].manufacturer_id
        )
        assert counts == {"attribute": 0, "category": 1, "product": 1, "variant": 4}
