"""What imported rows refer to is there, and stays: asked once a statement, whoever writes."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.kernel.ids import new_id
from tests.factories import catalog as make
from tests.factories.network import OrganizationFactory

REFERENCES = [
    ("catalog_products", "category_id"),
    ("catalog_products", "manufacturer_id"),
    ("catalog_variants", "category_id"),
    ("catalog_variants", "manufacturer_id"),
    ("catalog_variants", "product_id"),
    ("catalog_variants", "successor_id"),
    ("offers_offers", "seller_id"),
    ("offers_offers", "variant_id"),
    ("inventory_stock", "location_id"),
    ("inventory_stock", "variant_id"),
]
KEPT = [
    "catalog_categories", "catalog_products", "catalog_variants", "inventory_locations",
    "network_organizations",
]  # fmt: skip
KEYED = {"gtin": "NULL", "sku": "'other'", "code": "'other'", "id": "uuidv7()"}


@pytest.fixture
def rows(session):
    """One of each."""
    maker = OrganizationFactory(manufacturer=True)
    variant = make.VariantFactory(manufacturer_id=maker.id, status="withdrawn")
    make.OfferFactory(seller_id=maker.id, variant_id=variant.id)
    location = make.LocationFactory(seller_id=maker.id)
    make.StockFactory(location_id=location.id, variant_id=variant.id)
    session.commit()


def constraint_of(refusal):
    return refusal.value.orig.diag.constraint_name


def copy_with(session, table, column, value):
    """A second row like the one that is there, which refers to something else."""
    names = session.scalars(
        text("""SELECT column_name FROM information_schema.columns
                WHERE table_name = :table AND is_generated = 'NEVER'"""),
        {"table": table},
    ).all()
    other = {name: KEYED.get(name, name) for name in names} | {column: f"CAST('{value}' AS uuid)"}
    columns, values = ", ".join(other), ", ".join(other.values())
    session.execute(text(f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table}"))  # noqa: S608


class TestAReference:
    @pytest.mark.parametrize(("table", "column"), REFERENCES)
    def test_of_a_new_row_to_nothing_is_refused(self, session, rows, table, column):
        with pytest.raises(IntegrityError) as refusal:
            copy_with(session, table, column, new_id())
        assert constraint_of(refusal) == f"fk_{table}_{column}"

    @pytest.mark.parametrize(("table", "column"), REFERENCES)
    def test_is_not_changed_to_nothing(self, session, rows, table, column):
        with pytest.raises(IntegrityError) as refusal:
            session.execute(text(f"UPDATE {table} SET {column} = uuidv7()"))  # noqa: S608
        assert constraint_of(refusal) == f"fk_{table}_{column}"

    @pytest.mark.parametrize(("table", "column"), REFERENCES)
    def test_is_declared_so_that_everybody_sees_it(self, session, table, column):
        declared = text("SELECT conenforced FROM pg_constraint WHERE conname = :name")
        assert session.scalar(declared, {"name": f"fk_{table}_{column}"}) is False

    def test_among_rows_of_one_statement_holds(self, session, rows):
        made = session.execute(
            text("""
            WITH one AS (
                INSERT INTO catalog_products (id, manufacturer_id, category_id, code, name,
                                              created_at)
                SELECT uuidv7(), manufacturer_id, category_id, 'new', name, created_at
                FROM catalog_products RETURNING id, manufacturer_id, category_id, created_at
            )
            INSERT INTO catalog_variants (id, product_id, manufacturer_id, category_id, sku, name,
                                          weight_g, created_at)
            SELECT uuidv7(), id, manufacturer_id, category_id, 'new', 'new', 1, created_at FROM one
            """)
        )
        assert made.rowcount == 1


class TestWhatIsReferredTo:
    @pytest.mark.parametrize("table", KEPT)
    @pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET id = uuidv7()"])
    def test_stays_under_its_id_for_good(self, session, rows, table, change):
        with pytest.raises(IntegrityError) as refusal:
            session.execute(text(change.format(table)))
        assert constraint_of(refusal) == f"ck_{table}_kept"

    @pytest.mark.parametrize("table", KEPT)
    def test_is_not_emptied(self, committed, table):
        session = committed.extensions["sqlalchemy"].session
        with pytest.raises(IntegrityError) as refusal:
            session.execute(text(f"TRUNCATE {table} CASCADE"))
        session.rollback()
        assert constraint_of(refusal) == f"ck_{table}_kept"
