"""Bulk in and out: imports, refused rows, mapping profiles, and how a cell's text is read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# What files are merged into, and what its rows refer to.
REFERENCES = {
    "catalog_products": {
        "category_id": "catalog_categories", "manufacturer_id": "network_organizations",
    },
    "catalog_variants": {
        "category_id": "catalog_categories", "manufacturer_id": "network_organizations",
        "product_id": "catalog_products", "successor_id": "catalog_variants",
    },
    "offers_offers": {"seller_id": "network_organizations", "variant_id": "catalog_variants"},
    "inventory_stock": {"location_id": "inventory_locations", "variant_id": "catalog_variants"},
}  # fmt: skip
KEPT = sorted({parent for parents in REFERENCES.values() for parent in parents.values()})

# Whoever is referred to stays, under the same id, for good: what was found to exist exists when its
# referrer commits, without a lock, and no removal can slip in between.
KEEP = """
CREATE FUNCTION exchange_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE foreign_key_violation USING
        MESSAGE = format('rows of %s are withdrawn, not deleted', TG_TABLE_NAME),
        CONSTRAINT = format('ck_%s_kept', TG_TABLE_NAME);
END $$
"""

# Row by row, looking references up was a third of what a new row costs: here one lookup a value and
# statement. By index alone: the plan is made once, for one row or for ten thousand.
REFER = """
CREATE FUNCTION {table}_refer() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
AS $$
BEGIN
    {of_many}
    RETURN NULL;
END $$;
CREATE FUNCTION {table}_refer_anew() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
BEGIN
    {of_one}
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_refer AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_refer();
CREATE TRIGGER {table}_refer_anew AFTER UPDATE OF {columns} ON {table} FOR EACH ROW
    WHEN ((OLD.{olds}) IS DISTINCT FROM (NEW.{news})) EXECUTE FUNCTION {table}_refer_anew();
"""
NONE_OF_MANY = """EXISTS (
        SELECT FROM (
            SELECT DISTINCT {column} AS id FROM fresh WHERE {column} IS NOT NULL
        ) n
        WHERE NOT EXISTS (SELECT FROM {parent} p WHERE p.id = n.id)
    )"""
NONE_OF_ONE = """NEW.{column} IS NOT NULL
        AND NOT EXISTS (SELECT FROM {parent} WHERE id = NEW.{column})"""
REFUSE = """
    IF {none} THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'a row of {table} refers to nothing in {parent}',
            CONSTRAINT = 'fk_{table}_{column}';
    END IF;
"""

RESOURCES = "resource IN ('products', 'offers', 'prices', 'stock')"

# What a cell says: without the apostrophe that keeps spreadsheets from taking it for a formula,
# without the ="..." that keeps them from taking it for a number; any other formula is marked (26).
# Most cells neither begin nor end with anything of that kind or a blank, and are taken as they are.
TEXT = r"""
CREATE FUNCTION exchange_text(cell text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN ascii(cell) > 32 AND ascii(cell) NOT IN (39, 61, 160)
     AND ascii(right(cell, 1)) > 32 AND ascii(right(cell, 1)) <> 160 THEN cell
    WHEN left(cell, 1) NOT IN ('''', '=') THEN NULLIF(btrim(cell, E' \t\r\n\u00a0'), '')
    WHEN cell ~ '^''+[=+@\t\r-]' THEN btrim(substr(cell, 2), E' \t\r\n\u00a0')
    WHEN cell ~ '^="[^"]*"$' THEN NULLIF(btrim(substr(cell, 3, length(cell) - 3)), '')
    WHEN left(cell, 1) = '=' THEN chr(26) || cell
    ELSE NULLIF(btrim(cell, E' \t\r\n\u00a0'), '')
END
"""

# The other way: no spreadsheet takes what an export writes for a formula.
CELL = r"""
CREATE FUNCTION exchange_cell(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value ~ '^''*[=+@\t\r-]' THEN '''' || value ELSE value END
"""

# The same answer as ever, some twenty times sooner: one expression, which the planner puts in place
# of the call. Places are counted from the check digit: weights 1 and 3 alternate.
GTIN = f"""
CREATE OR REPLACE FUNCTION catalog_gtin_is_valid(gtin text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN gtin ~ '^([0-9]{{8}}|[0-9]{{12,14}})$' THEN (
    {
    " + ".join(
        f"{3 if place % 2 else 1} * (CAST(gtin AS bigint) / {10**place} % 10)"
        for place in range(14)
    )
}
) % 10 = 0 ELSE NULLIF(gtin IS NULL, true) END
"""

# Texts of one field in several languages, {"de": "Rot"}, into {"de": {"name": "Rot"}, ...}.
TEXTS = """
CREATE FUNCTION catalog_with_texts(translations jsonb, field text, texts jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN texts = '{}' THEN translations ELSE translations || (
    SELECT jsonb_object_agg(
        t.key, COALESCE(translations -> t.key, '{}') || jsonb_build_object(field, t.value))
    FROM jsonb_each(texts) AS t
) END
"""

# Attributes told as texts, into values of their kinds; what reads the same stays as it is.
ATTRIBUTES = """
CREATE FUNCTION catalog_with_attributes(current jsonb, told jsonb, maker uuid) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN told = '{}' THEN current ELSE current || COALESCE((
    SELECT jsonb_object_agg(t.key, CASE
        WHEN COALESCE(a.kind, 'number') = 'number' AND t.value ~ '^-?(0|[1-9][0-9]{0,14})$'
            THEN to_jsonb(CAST(t.value AS bigint))
        WHEN a.kind = 'number' AND t.value ~ '^-?[0-9]{1,12}[.][0-9]{1,9}$'
            THEN to_jsonb(CAST(t.value AS numeric))
        WHEN COALESCE(a.kind, 'boolean') = 'boolean' AND lower(t.value) IN ('true', 'false')
            THEN to_jsonb(lower(t.value) = 'true')
        ELSE to_jsonb(t.value)
    END)
    FROM jsonb_each_text(told) AS t
    LEFT JOIN catalog_attributes a ON a.manufacturer_id = maker AND a.code = t.key
    WHERE current ->> t.key IS DISTINCT FROM t.value
), '{}') END
"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA exchange_staging")
    op.execute(GTIN)
    op.execute(TEXTS)
    op.execute(ATTRIBUTES)
    op.execute(TEXT)
    op.execute(CELL)
    _references()
    _profiles()
    _imports()
    op.create_table(
        "exchange_refusals",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["exchange_imports.id"], name=op.f("fk_exchange_refusals_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "row_no", "place", name=op.f("pk_exchange_refusals")),
    )  # fmt: skip


def _references() -> None:
    """Keys are declared and no longer looked up row by row; triggers of statements keep them."""
    op.execute(KEEP)
    for table in KEPT:
        op.execute(f"""
            CREATE TRIGGER {table}_kept BEFORE DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION exchange_keep();
            CREATE TRIGGER {table}_kept_whole BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION exchange_keep();
            CREATE TRIGGER {table}_kept_id BEFORE UPDATE OF id ON {table} FOR EACH ROW
                WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION exchange_keep();
        """)
    for table, parents in REFERENCES.items():
        for column in parents:
            op.execute(f"ALTER TABLE {table} ALTER CONSTRAINT fk_{table}_{column} NOT ENFORCED")
        op.execute(
            REFER.format(
                table=table,
                columns=", ".join(parents),
                olds=", OLD.".join(parents),
                news=", NEW.".join(parents),
                of_many=_refusals(table, NONE_OF_MANY),
                of_one=_refusals(table, NONE_OF_ONE),
            )
        )


def _refusals(table: str, none: str) -> str:
    return "".join(
        REFUSE.format(
            table=table, column=column, parent=parent,
            none=none.format(column=column, parent=parent),
        )
        for column, parent in REFERENCES[table].items()
    )  # fmt: skip


def _enforced() -> None:
    for table, parents in REFERENCES.items():
        for name in ("refer", "refer_anew"):
            op.execute(f"DROP TRIGGER {table}_{name} ON {table}")
            op.execute(f"DROP FUNCTION {table}_{name}()")
        for column in parents:
            op.execute(f"ALTER TABLE {table} ALTER CONSTRAINT fk_{table}_{column} ENFORCED")
    for table in KEPT:
        for name in ("kept", "kept_whole", "kept_id"):
            op.execute(f"DROP TRIGGER {table}_{name} ON {table}")
    op.execute("DROP FUNCTION exchange_keep()")


def _profiles() -> None:
    op.create_table(
        "exchange_profiles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("header_fingerprint", sa.Text()),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(RESOURCES, name=op.f("ck_exchange_profiles_resource")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["network_organizations.id"],
            name=op.f("fk_exchange_profiles_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_profiles")),
        sa.UniqueConstraint(
            "organization_id",
            "resource",
            "name",
            name=op.f("uq_exchange_profiles_organization_id_resource_name"),
        ),
    )
    op.create_index(
        "ix_exchange_profiles_fingerprint",
        "exchange_profiles",
        ["organization_id", "resource", "header_fingerprint"],
    )


def _imports() -> None:
    stamps = ("started_at", "finished_at", "file_removed_at")
    op.create_table(
        "exchange_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("publish", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("price_list_id", sa.Uuid()),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("layout", postgresql.JSONB(), nullable=False),
        sa.Column("header", postgresql.JSONB(), nullable=False),
        sa.Column("sample", postgresql.JSONB(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column("profile_id", sa.Uuid()),
        sa.Column("status", sa.Text(), server_default="uploaded", nullable=False),
        sa.Column("phase", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("job_id", sa.Uuid()),
        sa.Column("rows_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "merged_pages", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False
        ),
        sa.Column("report", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True)) for name in stamps),
        sa.CheckConstraint(RESOURCES, name=op.f("ck_exchange_imports_resource")),
        sa.CheckConstraint(
            "mode IN ('delta', 'full', 'delete')", name=op.f("ck_exchange_imports_mode")
        ),
        sa.CheckConstraint(
            "policy IN ('partial', 'all_or_nothing')", name=op.f("ck_exchange_imports_policy")
        ),
        sa.CheckConstraint(
            "status IN ('uploaded', 'queued', 'running', 'checked', 'done', 'failed', 'cancelled')",
            name=op.f("ck_exchange_imports_status"),
        ),
        sa.CheckConstraint(
            "NOT publish OR resource = 'products'", name=op.f("ck_exchange_imports_publish")
        ),
        sa.CheckConstraint(
            "phase IN ('waiting', 'reading', 'checking', 'merging', 'ended')",
            name=op.f("ck_exchange_imports_phase"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["network_organizations.id"],
            name=op.f("fk_exchange_imports_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["exchange_profiles.id"],
            name=op.f("fk_exchange_imports_profile_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_imports")),
    )
    op.create_index(
        "ix_exchange_imports_organization", "exchange_imports", ["organization_id", "id"]
    )
    op.create_index(op.f("ix_exchange_imports_profile_id"), "exchange_imports", ["profile_id"])
    op.create_index(
        "ix_exchange_imports_kept",
        "exchange_imports",
        ["created_at"],
        postgresql_where=sa.text("file_removed_at IS NULL"),
    )


def downgrade() -> None:
    for table in ("refusals", "imports", "profiles"):
        op.drop_table(f"exchange_{table}")
    _enforced()
    op.execute("DROP FUNCTION catalog_with_attributes(jsonb, jsonb, uuid)")
    op.execute("DROP FUNCTION catalog_with_texts(jsonb, text, jsonb)")
    op.execute("DROP FUNCTION exchange_cell(text)")
    op.execute("DROP FUNCTION exchange_text(text)")
    op.execute("DROP SCHEMA exchange_staging CASCADE")
