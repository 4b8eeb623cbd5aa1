"""Prices: derived lists, graduated breaks, territories, units, history; entries keyed by content."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What the rules' `derive` computes; one expression, so that the planner inlines it. `numeric` holds
# every product of the greatest amounts exactly.
GRID = """
CREATE FUNCTION pricing_on_grid(
    numerator numeric, denominator numeric, step bigint, ending bigint, rounding text
) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ending + step * CASE rounding
        WHEN 'up' THEN ceil_div WHEN 'down' THEN floor_div
        ELSE sign(offset_) * div(2 * abs(offset_) + width, 2 * width)
    END
    FROM (
        SELECT offset_, width,
               div(offset_, width) - CASE WHEN mod(offset_, width) < 0 THEN 1 ELSE 0 END AS floor_div,
               div(offset_, width) + CASE WHEN mod(offset_, width) > 0 THEN 1 ELSE 0 END AS ceil_div
        FROM (SELECT numerator - ending * denominator AS offset_, step * denominator AS width) AS a
    ) AS b
$$
"""
DERIVE = """
CREATE FUNCTION pricing_derive(
    amount bigint, per integer, factor_bps integer, add_minor bigint, step bigint, ending bigint,
    rounding text, cost_amount bigint, cost_per integer, margin_bps integer
) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT GREATEST(0, CASE
        WHEN cost_amount IS NOT NULL AND derived * cost_per * 10000 < least
            THEN pricing_on_grid(least, cost_per::numeric * 10000, step, ending, 'up')
        ELSE derived
    END)::bigint
    FROM (
        SELECT pricing_on_grid(
                   amount::numeric * factor_bps + add_minor::numeric * per * 10000, 10000,
                   step, ending, rounding
               ) AS derived,
               cost_amount::numeric * per * (10000 + margin_bps) AS least
    ) AS d
$$
"""

# Entries that can contradict each other are of one variant, hence of one lane.
LANE = """
CREATE FUNCTION pricing_lane(variant uuid) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN get_byte(uuid_send(variant), 15) & 1
"""

# Set-based: one look at all rows of a statement, under the locks of their lists, so that two
# writers of a list never miss each other. Who writes few lists shares each with who writes its
# other lane, so that one file is merged by two; who writes many holds them alone. Index lookups
# only: the plan is made once, for few rows or for a million.
GUARD = """
CREATE FUNCTION pricing_guard_entries() RETURNS trigger
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
AS $$
DECLARE
    lists uuid[] := ARRAY(SELECT DISTINCT price_list_id FROM fresh ORDER BY 1);
    graduated uuid[];
BEGIN
    IF cardinality(lists) > 8 THEN
        PERFORM FROM pricing_price_lists WHERE id = ANY (lists) ORDER BY id FOR NO KEY UPDATE;
    ELSE
        PERFORM FROM pricing_price_lists WHERE id = ANY (lists) ORDER BY id FOR SHARE;
        PERFORM pg_advisory_xact_lock(hashtextextended(CAST(l.price_list_id AS text), l.lane))
        FROM (
            SELECT DISTINCT price_list_id, pricing_lane(variant_id) AS lane FROM fresh
            ORDER BY 1, 2
        ) l;
    END IF;
    IF (SELECT count(*) FROM pricing_price_lists WHERE id = ANY (lists)) <> cardinality(lists) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'an entry is of a price list that does not exist',
            CONSTRAINT = 'fk_pricing_entries_price_list_id';
    END IF;
    IF EXISTS (
        SELECT FROM fresh n
        WHERE NOT EXISTS (SELECT FROM catalog_variants v WHERE v.id = n.variant_id)
    ) THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'an entry is of a variant that does not exist',
            CONSTRAINT = 'fk_pricing_entries_variant_id';
    END IF;
    IF EXISTS (
        SELECT FROM fresh n
        JOIN pricing_entries e
          ON e.variant_id = n.variant_id AND e.price_list_id = n.price_list_id
         AND e.from_quantity = n.from_quantity AND e.valid_from <> n.valid_from
        WHERE (e.valid_to IS NULL OR n.valid_from < e.valid_to)
          AND (n.valid_to IS NULL OR e.valid_from < n.valid_to)
    ) THEN
        RAISE exclusion_violation USING
            MESSAGE = 'two entries of a variant and quantity hold at the same time',
            CONSTRAINT = 'ex_pricing_entries_no_overlap';
    END IF;
    graduated := ARRAY(
        SELECT id FROM pricing_price_lists WHERE id = ANY (lists) AND breaks = 'graduated');
    IF graduated <> '{}' AND EXISTS (
        SELECT FROM fresh n
        JOIN pricing_entries e
          ON e.variant_id = n.variant_id AND e.price_list_id = n.price_list_id
         AND e.per_quantity <> n.per_quantity
        WHERE n.price_list_id = ANY (graduated)
          AND (e.valid_to IS NULL OR n.valid_from < e.valid_to)
          AND (n.valid_to IS NULL OR e.valid_from < n.valid_to)
    ) THEN
        RAISE check_violation USING
            MESSAGE = 'graduated breaks of a variant are prices for different numbers of units',
            CONSTRAINT = 'ck_pricing_entries_same_per_quantity';
    END IF;
    RETURN NULL;
END $$
"""
FORGET = """
CREATE FUNCTION pricing_forget_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM pricing_entries WHERE price_list_id IN (SELECT id FROM gone);
    RETURN NULL;
END $$
"""
# One writer of derivations at a time, network-wide (they are rare): two that close a circle
# together would each see only half of it.
GUARD_BASE = """
CREATE FUNCTION pricing_guard_base() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above integer;
    below integer;
    circular boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('pricing_price_lists.base_list_id', 0));
    WITH RECURSIVE up AS (
        SELECT NEW.base_list_id AS id, 1 AS depth
        UNION ALL
        SELECT l.base_list_id, u.depth + 1
        FROM up u JOIN pricing_price_lists l ON l.id = u.id
        WHERE l.base_list_id IS NOT NULL AND u.depth <= 4
    )
    SELECT max(depth), bool_or(id = NEW.id) INTO above, circular FROM up;
    WITH RECURSIVE down AS (
        SELECT NEW.id AS id, 0 AS depth
        UNION ALL
        SELECT l.id, d.depth + 1
        FROM down d JOIN pricing_price_lists l ON l.base_list_id = d.id
        WHERE d.depth <= 4
    )
    SELECT max(depth) INTO below FROM down;
    IF circular OR above + below > 3 THEN
        RAISE check_violation USING
            MESSAGE = 'a list derives from itself, or over more than three others',
            CONSTRAINT = 'ck_pricing_price_lists_derivation';
    END IF;
    RETURN NEW;
END $$
"""
# What edits replace is kept, by the database's clock; what a statement leaves as it was, is not.
KEEP_ENTRIES = """
CREATE FUNCTION pricing_keep_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    instant timestamptz := clock_timestamp();
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO pricing_past_entries (
            variant_id, price_list_id, from_quantity, valid_from, valid_to, amount_minor,
            per_quantity, replaced_at)
        SELECT variant_id, price_list_id, from_quantity, valid_from, valid_to, amount_minor,
               per_quantity, instant
        FROM replaced ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO pricing_past_entries (
            variant_id, price_list_id, from_quantity, valid_from, valid_to, amount_minor,
            per_quantity, replaced_at)
        SELECT r.variant_id, r.price_list_id, r.from_quantity, r.valid_from, r.valid_to,
               r.amount_minor, r.per_quantity, instant
        FROM (
            SELECT variant_id, price_list_id, from_quantity, valid_from, valid_to, amount_minor,
                   per_quantity
            FROM replaced
            EXCEPT
            SELECT variant_id, price_list_id, from_quantity, valid_from, valid_to, amount_minor,
                   per_quantity
            FROM fresh
        ) r ORDER BY variant_id, price_list_id ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$
"""
# Rows without dates of their own begin when they are written: before that there was none. The
# arguments name the column of the row's id, and the one that readers look it up by.
KEEP_PAST = """
CREATE FUNCTION pricing_keep_past() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    instant timestamptz := clock_timestamp();
    idle text[] := ARRAY['name', 'version'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO pricing_past (source, row_id, scope_id, replaced_at, was)
        SELECT TG_TABLE_NAME, CAST(f.now ->> TG_ARGV[0] AS uuid),
               CAST(f.now ->> TG_ARGV[1] AS uuid), instant, NULL
        FROM (SELECT to_jsonb(fresh) AS now FROM fresh) f ON CONFLICT DO NOTHING;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO pricing_past (source, row_id, scope_id, replaced_at, was)
        SELECT TG_TABLE_NAME, CAST(r.was ->> TG_ARGV[0] AS uuid),
               CAST(r.was ->> TG_ARGV[1] AS uuid), instant, r.was
        FROM (
            SELECT to_jsonb(replaced) - idle AS was FROM replaced
            EXCEPT
            SELECT to_jsonb(fresh) - idle FROM fresh
        ) r ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO pricing_past (source, row_id, scope_id, replaced_at, was)
        SELECT TG_TABLE_NAME, CAST(r.was ->> TG_ARGV[0] AS uuid),
               CAST(r.was ->> TG_ARGV[1] AS uuid), instant, r.was
        FROM (SELECT to_jsonb(replaced) - idle AS was FROM replaced) r ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$
"""
FILL_ASSIGNMENT = """
CREATE OR REPLACE FUNCTION pricing_fill_assignment_owner() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    SELECT owner_id INTO NEW.owner_id FROM pricing_price_lists WHERE id = NEW.price_list_id;
    IF NEW.unit_id IS NOT NULL THEN
        SELECT organization_id INTO NEW.buyer_id FROM network_units WHERE id = NEW.unit_id;
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "network_units",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["network_organizations.id"],
            name=op.f("fk_network_units_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["network_units.id"], name=op.f("fk_network_units_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_units")),
        sa.UniqueConstraint(
            "organization_id", "code", name=op.f("uq_network_units_organization_id_code")
        ),
    )
    op.create_index(op.f("ix_network_units_parent_id"), "network_units", ["parent_id"])
    for table in ("ordering_carts", "ordering_orders"):
        op.add_column(table, sa.Column("unit_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_unit_id"), table, "network_units", ["unit_id"], ["id"]
        )
    _lists()
    _formulas()
    _entries()
    _assignments()
    op.create_table(
        "pricing_settings",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("strategy", sa.Text(), server_default="first", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "strategy IN ('first', 'lowest')", name=op.f("ck_pricing_settings_strategy")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["network_organizations.id"], name=op.f("fk_pricing_settings_owner_id")
        ),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_pricing_settings")),
    )
    _past_entries()
    _past()


def _lists() -> None:
    op.execute("""
        ALTER TABLE pricing_price_lists
            ADD COLUMN breaks text NOT NULL DEFAULT 'volume',
            ADD COLUMN base_list_id uuid,
            ADD COLUMN corridor_below_bps integer,
            ADD COLUMN corridor_above_bps integer,
            ADD CONSTRAINT fk_pricing_price_lists_base_list_id
                FOREIGN KEY (base_list_id) REFERENCES pricing_price_lists (id),
            ADD CONSTRAINT ck_pricing_price_lists_breaks
                CHECK (breaks IN ('volume', 'graduated')),
            ADD CONSTRAINT ck_pricing_price_lists_corridor CHECK (
                num_nonnulls(corridor_below_bps, corridor_above_bps) = 0 OR purpose = 'list'
                AND COALESCE(corridor_below_bps, 0) BETWEEN 0 AND 10000
                AND COALESCE(corridor_above_bps, 0) >= 0)
    """)
    op.execute("""
        CREATE INDEX ix_pricing_price_lists_base ON pricing_price_lists (base_list_id)
        WHERE base_list_id IS NOT NULL
    """)
    op.execute("""
        CREATE INDEX ix_pricing_price_lists_bounds ON pricing_price_lists (owner_id)
        WHERE purpose = 'floor' OR num_nonnulls(corridor_below_bps, corridor_above_bps) > 0
    """)
    op.execute(GUARD_BASE)
    op.execute("""
        CREATE TRIGGER pricing_price_lists_base BEFORE INSERT OR UPDATE OF base_list_id
        ON pricing_price_lists FOR EACH ROW WHEN (NEW.base_list_id IS NOT NULL)
        EXECUTE FUNCTION pricing_guard_base()
    """)


def _formulas() -> None:
    op.create_table(
        "pricing_formulas",
        sa.Column("price_list_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("attribute", sa.Text(), nullable=True),
        sa.Column("attribute_value", sa.Text(), nullable=True),
        sa.Column("factor_bps", sa.Integer(), server_default="10000", nullable=False),
        sa.Column("add_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("round_to_minor", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("round_ending_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rounding", sa.Text(), server_default="nearest", nullable=False),
        sa.Column("margin_list_id", sa.Uuid(), nullable=True),
        sa.Column("minimum_margin_bps", sa.Integer(), server_default="0", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(attribute IS NULL) = (attribute_value IS NULL)",
            name=op.f("ck_pricing_formulas_attribute"),
        ),
        sa.CheckConstraint(
            "factor_bps BETWEEN 0 AND 1000000", name=op.f("ck_pricing_formulas_factor")
        ),
        sa.CheckConstraint(
            "rounding IN ('nearest', 'up', 'down') AND round_to_minor >= 1"
            " AND round_ending_minor >= 0 AND round_ending_minor < round_to_minor",
            name=op.f("ck_pricing_formulas_rounding"),
        ),
        sa.CheckConstraint(
            "minimum_margin_bps BETWEEN 0 AND 1000000", name=op.f("ck_pricing_formulas_margin")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["catalog_categories.id"],
            name=op.f("fk_pricing_formulas_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["margin_list_id"],
            ["pricing_price_lists.id"],
            name=op.f("fk_pricing_formulas_margin_list_id"),
        ),
        sa.ForeignKeyConstraint(
            ["price_list_id"],
            ["pricing_price_lists.id"],
            name=op.f("fk_pricing_formulas_price_list_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pricing_formulas")),
        sa.UniqueConstraint(
            "price_list_id", "position", name=op.f("uq_pricing_formulas_price_list_id_position")
        ),
    )
    op.create_index(
        op.f("ix_pricing_formulas_margin_list_id"), "pricing_formulas", ["margin_list_id"]
    )
    op.execute(GRID)
    op.execute(DERIVE)


def _entries() -> None:
    op.execute("""
        ALTER TABLE pricing_entries
            DROP CONSTRAINT pk_pricing_entries,
            DROP CONSTRAINT no_overlap,
            DROP CONSTRAINT fk_pricing_entries_price_list_id,
            DROP CONSTRAINT fk_pricing_entries_variant_id,
            DROP CONSTRAINT ck_pricing_entries_price,
            DROP CONSTRAINT ck_pricing_entries_from_quantity
    """)
    op.execute("DROP INDEX ix_pricing_entries_lookup")
    op.execute("""
        ALTER TABLE pricing_entries
            DROP COLUMN id,
            ADD CONSTRAINT ck_pricing_entries_price
                CHECK (amount_minor >= 0 AND per_quantity >= 1 AND from_quantity >= 1),
            ADD CONSTRAINT pk_pricing_entries
                PRIMARY KEY (variant_id, price_list_id, from_quantity, valid_from)
                INCLUDE (amount_minor, per_quantity, valid_to)
    """)
    op.execute("""
        CREATE INDEX ix_pricing_entries_by_price ON pricing_entries
            (price_list_id, (CAST(amount_minor AS double precision) / per_quantity), variant_id)
    """)
    for function in (LANE, GUARD, FORGET):
        op.execute(function)
    op.execute("""
        CREATE TRIGGER pricing_entries_added AFTER INSERT ON pricing_entries
        REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION pricing_guard_entries()
    """)
    op.execute("""
        CREATE TRIGGER pricing_entries_changed AFTER UPDATE ON pricing_entries
        REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION pricing_guard_entries()
    """)
    op.execute("""
        CREATE TRIGGER pricing_price_lists_gone AFTER DELETE ON pricing_price_lists
        REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION pricing_forget_entries()
    """)


def _assignments() -> None:
    op.execute("""
        ALTER TABLE pricing_assignments
            DROP CONSTRAINT ck_pricing_assignments_one_scope,
            ADD COLUMN territory_id uuid,
            ADD COLUMN unit_id uuid,
            ADD CONSTRAINT fk_pricing_assignments_territory_id
                FOREIGN KEY (territory_id) REFERENCES network_territories (id),
            ADD CONSTRAINT fk_pricing_assignments_unit_id
                FOREIGN KEY (unit_id) REFERENCES network_units (id)
    """)
    op.execute(FILL_ASSIGNMENT)


def _past_entries() -> None:
    op.create_table(
        "pricing_past_entries",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("price_list_id", sa.Uuid(), nullable=False),
        sa.Column("from_quantity", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("per_quantity", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "variant_id",
            "price_list_id",
            "from_quantity",
            "valid_from",
            "replaced_at",
            name=op.f("pk_pricing_past_entries"),
        ),
    )
    op.execute(KEEP_ENTRIES)
    op.execute("""
        CREATE TRIGGER pricing_entries_replaced AFTER UPDATE ON pricing_entries
        REFERENCING OLD TABLE AS replaced NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION pricing_keep_entries()
    """)
    op.execute("""
        CREATE TRIGGER pricing_entries_removed AFTER DELETE ON pricing_entries
        REFERENCING OLD TABLE AS replaced
        FOR EACH STATEMENT EXECUTE FUNCTION pricing_keep_entries()
    """)


def _past() -> None:
    op.create_table(
        "pricing_past",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("source", "row_id", "replaced_at", name=op.f("pk_pricing_past")),
    )
    op.create_index("ix_pricing_past_scope", "pricing_past", ["source", "scope_id"])
    op.execute(KEEP_PAST)
    # A list has dates of its own: written later, it may speak of the past.
    for table, row, scope, events in (
        ("pricing_price_lists", "id", "owner_id", ("update", "delete")),
        ("pricing_assignments", "id", "price_list_id", ("insert", "update", "delete")),
        ("pricing_formulas", "id", "price_list_id", ("insert", "update", "delete")),
        ("pricing_settings", "owner_id", "owner_id", ("insert", "update", "delete")),
    ):
        for event in events:
            op.execute(f"""
                CREATE TRIGGER {table}_past_{event} AFTER {event} ON {table}
                REFERENCING {_TRANSITIONS[event]}
                FOR EACH STATEMENT EXECUTE FUNCTION pricing_keep_past('{row}', '{scope}')
            """)


_TRANSITIONS = {
    "insert": "NEW TABLE AS fresh",
    "update": "OLD TABLE AS replaced NEW TABLE AS fresh",
    "delete": "OLD TABLE AS replaced",
}


def downgrade() -> None:
    raise NotImplementedError("Restore a backup: entries have lost their ids")
