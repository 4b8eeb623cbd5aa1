"""Assortments, what refers to them, and what offers say of themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Arguments that are also columns of a rule are named with their function.
# A function in FROM of one SELECT is inlined into the statement that asks, so that its tables are
# planned there; one that returns a single boolean and reads tables never is.
HOLDS = """
CREATE FUNCTION assortments_holds(
    assortment uuid, variant uuid, manufacturer uuid, category_path uuid[], brand text,
    attributes jsonb, status text
) RETURNS SETOF boolean LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
    SELECT true WHERE assortment IS NULL OR COALESCE(
        (
            SELECT i.included FROM assortments_items i
            WHERE i.assortment_id = assortment AND i.variant_id = variant
        ),
        EXISTS (
            SELECT FROM assortments_rules r
            WHERE r.assortment_id = assortment
              AND (r.manufacturer_ids = '{}' OR manufacturer = ANY (r.manufacturer_ids))
              AND (r.category_ids = '{}' OR r.category_ids && category_path)
              AND (r.brands = '{}' OR brand = ANY (r.brands))
              AND (r.statuses = '{}' OR status = ANY (r.statuses))
              AND (r.attributes = '{}' OR NOT EXISTS (
                  SELECT FROM jsonb_each(r.attributes) AS wanted (name, among)
                  WHERE NOT wanted.among @> jsonb_build_array(assortments_holds.attributes -> wanted.name)
              ))
        )
    )
$$
"""

INCLUDE = """
CREATE FUNCTION assortments_include(
    assortment uuid, variant uuid, manufacturer uuid, category_path uuid[], brand text,
    attributes jsonb, status text
) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT FROM assortments_holds(
            assortment, variant, manufacturer, category_path, brand, attributes, status
        )
    )
$$
"""

# What of an offer does not agree, if anything; the words are those of app/offers/rules.py.
PROBLEM = """
CREATE FUNCTION offers_problem(
    minimum integer, maximum integer, step integer, pack integer, since timestamptz,
    until timestamptz
) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN lcm(step::bigint, pack::bigint) > 10000000 THEN 'step_too_great'
        WHEN maximum < minimum THEN 'maximum_below_minimum'
        WHEN maximum / lcm(step::bigint, pack::bigint) * lcm(step::bigint, pack::bigint) < minimum
            THEN 'nothing_orderable'
        WHEN until <= since THEN 'period_empty'
    END
$$
"""

BACKORDER = (
    "backorder IN ('none', 'incoming', 'always') AND backorder_limit >= 0 AND backorder_days >= 0"
    " AND (backorder <> 'always' OR (backorder_limit IS NOT NULL AND backorder_days IS NOT NULL))"
)
OFFERS = "offers_offers"
QUANTITIES = "ck_offers_offers_quantities"
LOOKUP = "ix_offers_offers_variant"

_SIGNATURE = "(uuid, uuid, uuid, uuid[], text, jsonb, text)"
USERS = ("network_agreement_terms", "network_trading_accounts", "storefronts_storefronts")


def upgrade() -> None:
    _assortments()
    for table in USERS:
        op.add_column(table, sa.Column("assortment_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_assortment_id"),
            table,
            "assortments_assortments",
            ["assortment_id"],
            ["id"],
        )
        op.create_index(op.f(f"ix_{table}_assortment_id"), table, ["assortment_id"])
    op.execute(HOLDS)
    op.execute(INCLUDE)
    _offers()


def _offers() -> None:
    op.execute(PROBLEM)
    op.add_column(OFFERS, sa.Column("condition", sa.Text(), server_default="new", nullable=False))
    op.add_column(
        OFFERS, sa.Column("pack_quantity", sa.Integer(), server_default="1", nullable=False)
    )
    op.add_column(
        OFFERS,
        sa.Column(
            "order_step",
            sa.BigInteger(),
            sa.Computed("lcm(quantity_step::bigint, pack_quantity::bigint)", persisted=True),
            nullable=False,
        ),
    )
    op.add_column(OFFERS, sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column(OFFERS, sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True))
    op.add_column(OFFERS, sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.create_check_constraint(
        op.f("ck_offers_offers_condition"),
        OFFERS,
        "condition IN ('new', 'refurbished', 'used', 'open_box')",
    )
    op.drop_constraint(op.f(QUANTITIES), OFFERS, type_="check")
    op.create_check_constraint(
        op.f(QUANTITIES),
        OFFERS,
        "minimum_quantity >= 1 AND quantity_step >= 1 AND pack_quantity >= 1"
        " AND lead_time_days >= 0 AND offers_problem(minimum_quantity, maximum_quantity,"
        " quantity_step, pack_quantity, NULL, NULL) IS NULL",
    )
    op.create_check_constraint(op.f("ck_offers_offers_period"), OFFERS, "valid_to > valid_from")
    _backorders()
    _lookup(["order_step", "lead_time_days", "valid_from", "valid_to", "backorder"])
    op.create_index("ix_offers_offers_seller", OFFERS, ["seller_id", "id"])


def _backorders() -> None:
    op.add_column(OFFERS, sa.Column("backorder", sa.Text(), server_default="none", nullable=False))
    op.add_column(OFFERS, sa.Column("backorder_limit", sa.Integer(), nullable=True))
    op.add_column(OFFERS, sa.Column("backorder_days", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_offers_offers_backorder"), OFFERS, BACKORDER)
    op.create_index(
        "ix_offers_offers_backorder",
        OFFERS,
        ["variant_id", "seller_id"],
        postgresql_where=sa.text("backorder <> 'none'"),
    )


def _lookup(covered: list[str]) -> None:
    op.drop_index(LOOKUP, OFFERS)
    op.create_index(
        LOOKUP,
        OFFERS,
        ["variant_id", "seller_id"],
        postgresql_include=["id", "status", "minimum_quantity", "maximum_quantity", *covered],
    )


def _offers_as_before() -> None:
    _lookup(["quantity_step", "lead_time_days"])
    op.drop_index("ix_offers_offers_backorder", OFFERS)
    op.drop_constraint(op.f("ck_offers_offers_backorder"), OFFERS, type_="check")
    for column in ("backorder", "backorder_limit", "backorder_days"):
        op.drop_column(OFFERS, column)
    op.drop_index("ix_offers_offers_seller", OFFERS)
    op.drop_constraint(op.f("ck_offers_offers_period"), OFFERS, type_="check")
    op.drop_constraint(op.f(QUANTITIES), OFFERS, type_="check")
    op.create_check_constraint(
        op.f(QUANTITIES),
        OFFERS,
        "minimum_quantity >= 1 AND quantity_step >= 1 AND lead_time_days >= 0"
        " AND (maximum_quantity IS NULL OR maximum_quantity >= minimum_quantity)",
    )
    op.drop_constraint(op.f("ck_offers_offers_condition"), OFFERS, type_="check")
    for column in ("order_step", "condition", "pack_quantity", "valid_from", "valid_to", "note"):
        op.drop_column(OFFERS, column)
    op.execute(
        "DROP FUNCTION offers_problem(integer, integer, integer, integer, timestamptz, timestamptz)"
    )


def _assortments() -> None:
    op.create_table(
        "assortments_assortments",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["network_organizations.id"],
            name=op.f("fk_assortments_assortments_owner_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assortments_assortments")),
        sa.UniqueConstraint(
            "owner_id", "name", name=op.f("uq_assortments_assortments_owner_id_name")
        ),
    )
    ids, words = postgresql.ARRAY(sa.Uuid()), postgresql.ARRAY(sa.Text())
    empty = sa.text("'{}'")
    op.create_table(
        "assortments_rules",
        sa.Column("assortment_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("manufacturer_ids", ids, server_default=empty, nullable=False),
        sa.Column("category_ids", ids, server_default=empty, nullable=False),
        sa.Column("brands", words, server_default=empty, nullable=False),
        sa.Column("attributes", postgresql.JSONB(), server_default=empty, nullable=False),
        sa.Column("statuses", words, server_default=empty, nullable=False),
        sa.CheckConstraint(
            "jsonb_typeof(attributes) = 'object'", name=op.f("ck_assortments_rules_attributes")
        ),
        sa.ForeignKeyConstraint(
            ["assortment_id"],
            ["assortments_assortments.id"],
            name=op.f("fk_assortments_rules_assortment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("assortment_id", "position", name=op.f("pk_assortments_rules")),
    )
    op.create_table(
        "assortments_items",
        sa.Column("assortment_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("included", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assortment_id"],
            ["assortments_assortments.id"],
            name=op.f("fk_assortments_items_assortment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalog_variants.id"], name=op.f("fk_assortments_items_variant_id")
        ),
        sa.PrimaryKeyConstraint("assortment_id", "variant_id", name=op.f("pk_assortments_items")),
    )
    op.create_index(op.f("ix_assortments_items_variant_id"), "assortments_items", ["variant_id"])


def downgrade() -> None:
    _offers_as_before()
    op.execute(f"DROP FUNCTION assortments_include{_SIGNATURE}")
    op.execute(f"DROP FUNCTION assortments_holds{_SIGNATURE}")
    for table in USERS:
        op.drop_index(op.f(f"ix_{table}_assortment_id"), table)
        op.drop_constraint(op.f(f"fk_{table}_assortment_id"), table, type_="foreignkey")
        op.drop_column(table, "assortment_id")
    for table in ("assortments_items", "assortments_rules", "assortments_assortments"):
        op.drop_table(table)
