"""Policies as versioned documents; what sellers take in a day, when they are closed, what fits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NETWORK = "'00000000-0000-0000-0000-000000000000'::uuid"
WEIGHTS = {
    "priority_weight_minor": "priority_minor",
    "lead_time_weight_minor": "lead_time_minor_per_day",
    "split_weight_minor": "split_minor",
}

# Weights become terms of a document; a version ends where the next one of its scope begins.
TO_DOCUMENTS = f"""
UPDATE routing_policies p SET
    document = jsonb_build_object(
        'terms', jsonb_build_object({", ".join(f"'{new}', {old}" for old, new in WEIGHTS.items())}),
        'limits', jsonb_build_object('work_ms', LEAST(time_limit_ms, 20))
    ),
    valid_to = (
        SELECT min(l.valid_from) FROM routing_policies l
        WHERE l.storefront_id IS NOT DISTINCT FROM p.storefront_id
          AND (l.valid_from, l.number) > (p.valid_from, p.number)
    )
"""

# Units are a seller's since it was asked for them.
OFFERED_AT = """
UPDATE ordering_allocations a SET offered_at = s.created_at
FROM ordering_seller_orders s WHERE s.id = a.seller_order_id
"""

# What has decided, or will, is never edited: decisions name it for ever.
GUARD = """
CREATE FUNCTION routing_guard_policies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.valid_from IS NULL THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    -- The scope by its columns: what the database computes of them it does after this.
    IF TG_OP = 'DELETE' OR (
        NEW.document, NEW.number, NEW.valid_from, NEW.storefront_id, NEW.manufacturer_id,
        NEW.category_id, NEW.buyer_id
    ) IS DISTINCT FROM (
        OLD.document, OLD.number, OLD.valid_from, OLD.storefront_id, OLD.manufacturer_id,
        OLD.category_id, OLD.buyer_id
    ) THEN
        RAISE EXCEPTION 'an activated policy is never edited' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$
"""
GUARDED = """
CREATE TRIGGER routing_guard_policies BEFORE UPDATE OR DELETE ON routing_policies
FOR EACH ROW EXECUTE FUNCTION routing_guard_policies()
"""


# Great circles on a sphere of the earth's mean radius, as freight measures them.
DISTANCE = """
CREATE FUNCTION network_distance_km(
    from_latitude float8, from_longitude float8, to_latitude float8, to_longitude float8
) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 2 * 6371.0088 * asin(least(1, sqrt(
    sind((to_latitude - from_latitude) / 2) ^ 2
    + cosd(from_latitude) * cosd(to_latitude) * sind((to_longitude - from_longitude) / 2) ^ 2
)))
"""
CIRCLE = """num_nonnulls(latitude, longitude, radius_km) IN (0, 3) AND radius_km > 0
 AND latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180"""


def upgrade() -> None:
    """Make policies documents, territories round, and the tables of what sellers can take."""
    _widen_policies()
    op.execute(DISTANCE)
    for column, kind in (
        ("latitude", sa.Float()), ("longitude", sa.Float()), ("radius_km", sa.Integer())
    ):  # fmt: skip
        op.add_column("network_territory_areas", sa.Column(column, kind, nullable=True))
    op.create_check_constraint(
        op.f("ck_network_territory_areas_circle"), "network_territory_areas", CIRCLE
    )
    op.create_table(
        "routing_seller_capacities",
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("orders_a_day", sa.Integer(), nullable=True),
        sa.Column("units_a_day", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "orders_a_day >= 0 AND units_a_day >= 0", name="ck_routing_seller_capacities_amounts"
        ),
        _references("routing_seller_capacities", "seller_id", "network_organizations"),
        sa.PrimaryKeyConstraint("seller_id", name="pk_routing_seller_capacities"),
    )
    op.create_table(
        "routing_seller_closures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("to_on >= from_on", name="ck_routing_seller_closures_period"),
        _references("routing_seller_closures", "seller_id", "network_organizations"),
        sa.PrimaryKeyConstraint("id", name="pk_routing_seller_closures"),
    )
    op.create_index(
        "ix_routing_seller_closures_seller", "routing_seller_closures", ["seller_id", "to_on"]
    )
    op.create_table(
        "routing_location_abilities",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("hazardous", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("oversize", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _references("routing_location_abilities", "location_id", "inventory_locations"),
        sa.PrimaryKeyConstraint("location_id", name="pk_routing_location_abilities"),
    )
    for table in ("ordering_carts", "ordering_orders"):
        op.add_column(
            table,
            sa.Column("wishes", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        )
    op.add_column(
        "ordering_allocations",
        sa.Column(
            "offered_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
    )
    op.execute(OFFERED_AT)
    op.create_index(
        "ix_ordering_allocations_offered",
        "ordering_allocations",
        ["offered_at"],
        postgresql_using="brin",
    )


def _references(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _widen_policies() -> None:
    table = "routing_policies"
    for column, target in (
        ("manufacturer_id", "network_organizations"),
        ("category_id", "catalog_categories"),
        ("buyer_id", "network_organizations"),
    ):
        op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(f"fk_{table}_{column}", table, target, [column], ["id"])
    scope = f"COALESCE(storefront_id, manufacturer_id, category_id, buyer_id, {NETWORK})"
    for column in (
        sa.Column("scope_id", sa.Uuid(), sa.Computed(scope, persisted=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restores_number", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("document", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    ):
        op.add_column(table, column)
    op.alter_column(table, "valid_from", nullable=True)
    op.execute(TO_DOCUMENTS)
    op.drop_constraint("ck_routing_policies_weights", table)
    op.drop_constraint("uq_routing_policies_storefront_id_number", table)
    for column in (*WEIGHTS, "time_limit_ms"):
        op.drop_column(table, column)
    op.create_unique_constraint(
        "uq_routing_policies_scope_id_number", table, ["scope_id", "number"]
    )
    op.create_check_constraint(
        op.f("ck_routing_policies_scope"),
        table,
        "num_nonnulls(storefront_id, manufacturer_id, category_id, buyer_id) <= 1",
    )
    op.create_check_constraint(op.f("ck_routing_policies_period"), table, "valid_to >= valid_from")
    op.create_check_constraint(
        op.f("ck_routing_policies_draft"), table, "valid_from IS NOT NULL OR valid_to IS NULL"
    )
    op.execute(f"""
        ALTER TABLE {table} ADD CONSTRAINT ex_{table}_one_at_a_time EXCLUDE USING gist
            (scope_id WITH =, tstzrange(valid_from, valid_to) WITH &&)
            WHERE (valid_from IS NOT NULL)
    """)
    op.create_index(
        "ix_routing_policies_of_goods", table, ["valid_from"],
        postgresql_where=sa.text(
            "valid_from IS NOT NULL AND (manufacturer_id IS NOT NULL OR category_id IS NOT NULL)"
        ),
    )  # fmt: skip
    op.execute(GUARD)
    op.execute(GUARDED)


def downgrade() -> None:
    """Take the tables and the documents back: of policies, storefronts' and the network's stay."""
    table = "routing_policies"
    for column in ("latitude", "longitude", "radius_km"):
        op.execute(f"ALTER TABLE network_territory_areas DROP COLUMN {column} CASCADE")
    op.execute("DROP FUNCTION network_distance_km(float8, float8, float8, float8)")
    op.drop_index("ix_ordering_allocations_offered", "ordering_allocations")
    op.drop_column("ordering_allocations", "offered_at")
    for name in ("ordering_carts", "ordering_orders"):
        op.drop_column(name, "wishes")
    for name in ("location_abilities", "seller_closures", "seller_capacities"):
        op.drop_table(f"routing_{name}")
    op.execute(f"DROP TRIGGER routing_guard_policies ON {table}")
    op.execute("DROP FUNCTION routing_guard_policies()")
    for column in WEIGHTS:
        op.add_column(table, sa.Column(column, sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(
        table, sa.Column("time_limit_ms", sa.Integer(), server_default="1000", nullable=False)
    )
    sets = [f"{old} = COALESCE((document->'terms'->>'{new}')::bigint, 0)"
            for old, new in WEIGHTS.items()]  # fmt: skip
    op.execute(f"""
        UPDATE {table} SET {", ".join(sets)},
            time_limit_ms = COALESCE((document->'limits'->>'work_ms')::integer, 20)
    """)
    op.execute(f"""
        DELETE FROM {table} WHERE valid_from IS NULL
            OR num_nonnulls(manufacturer_id, category_id, buyer_id) > 0
    """)
    op.drop_constraint("ex_routing_policies_one_at_a_time", table)
    op.drop_index("ix_routing_policies_of_goods", table)
    for column in (
        "scope_id", "valid_to", "restores_number", "note", "document", "created_at", "version",
        "manufacturer_id", "category_id", "buyer_id",
    ):  # fmt: skip
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column} CASCADE")
    op.alter_column(table, "valid_from", nullable=False)
    op.create_check_constraint(
        op.f("ck_routing_policies_weights"),
        table,
        "priority_weight_minor >= 0 AND lead_time_weight_minor >= 0 AND split_weight_minor >= 0"
        " AND time_limit_ms > 0",
    )
    op.create_unique_constraint(
        "uq_routing_policies_storefront_id_number",
        table,
        ["storefront_id", "number"],
        postgresql_nulls_not_distinct=True,
    )
