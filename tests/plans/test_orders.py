"""What an order reads is what its goods' sellers are, however many others there are."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.ordering import operations as ordering
from tests.factories.world import World, build_world
from tests.support.plans import Plans, explained

OTHERS, FEW = 3000, 300
LARGE = {
    "network_agreements", "network_agreement_terms", "network_organizations", "network_territories",
    "network_territory_areas", "pricing_assignments", "pricing_price_lists",
    "routing_freight_rates", "routing_freight_tables", "storefronts_pool_sellers",
}  # fmt: skip
# Sellers of the shop's pool with all that a seller has, but without the goods that are ordered.
GROWN = """
CREATE TEMP TABLE grown ON COMMIT DROP AS
SELECT n, uuidv7() AS id, uuidv7() AS agreement, uuidv7() AS territory, uuidv7() AS list,
       uuidv7() AS freight
FROM generate_series(1, :others) n;
INSERT INTO network_organizations (id, name, code, kinds, country, created_at)
SELECT id, 'Seller ' || n, 'grown-' || n, '{wholesaler}', 'BR', now() FROM grown;
INSERT INTO network_territories (id, owner_id, name) SELECT territory, :maker, 'T' || n FROM grown;
INSERT INTO network_territory_areas (id, territory_id, country, subdivision, postal_from, postal_to)
SELECT uuidv7(), territory, 'BR', 'BR-SP', '00', '99' FROM grown;
INSERT INTO network_agreements (id, manufacturer_id, grantor_id, grantee_id, status, created_at)
SELECT agreement, :maker, :maker, id, 'active', '2025-01-01' FROM grown;
INSERT INTO network_agreement_terms (id, agreement_id, number, valid_from, currency, selling_model,
                                     territory_id, created_at)
SELECT uuidv7(), agreement, 1, '2025-01-01', 'BRL', 'agency', territory, '2025-01-01' FROM grown;
INSERT INTO storefronts_pool_sellers (storefront_id, seller_id) SELECT :shop, id FROM grown;
INSERT INTO pricing_price_lists (id, owner_id, name, currency, purpose, valid_from, created_at)
SELECT list, id, 'Prices', 'BRL', 'sale', '2025-01-01', '2025-01-01' FROM grown;
INSERT INTO pricing_assignments (id, owner_id, price_list_id) SELECT uuidv7(), id, list FROM grown;
INSERT INTO routing_freight_tables (id, seller_id, currency, name)
SELECT freight, id, 'BRL', 'Own' FROM grown;
INSERT INTO routing_freight_rates (table_id, distance_km_up_to, weight_g_up_to, price_minor)
SELECT freight, 500, 9000, 700 FROM grown;
ANALYZE
"""


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


def grow(world: World) -> None:
    binds = {"others": OTHERS, "maker": world.mira.id, "shop": world.storefront.id}
    for statement in GROWN.split(";"):
        known = {name: value for name, value in binds.items() if f":{name}" in statement}
        world.session.execute(text(statement), known)


def asked(world: World, now: datetime) -> Plans:
    """An order of three lines, after others have made its plans prepared ones."""
    placement = world.placement([(world.add_variant(), 2) for _ in range(3)])
    caller = world.caller(world.berta)
    for _ in range(7):
        ordering.simulate(world.session, caller=caller, placement=placement, now=now)
    with explained(world.session) as plans:
        decision = ordering.simulate(world.session, caller=caller, placement=placement, now=now)
    assert decision.units_served == 6
    return plans


class TestAnOrderInALargeNetwork:
    def test_reads_nothing_of_sellers_that_do_not_offer_its_goods(self, world, now):
        grow(world)
        plans = asked(world, now)
        assert not plans.scanned() & LARGE
        assert max(plan.most_rows() for plan in plans.made) < FEW

    def test_asks_as_many_statements_as_in_a_small_one(self, world, now):
        small = len(asked(world, now).made)
        grow(world)
        assert len(asked(world, now).made) == small
