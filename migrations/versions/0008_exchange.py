"""Bulk in and out: imports, refused rows, mapping profiles, and how a cell's text is read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

RESOURCES = "resource IN ('products', 'offers', 'prices', 'stock')"

# What a cell says: without the apostrophe that keeps spreadsheets from taking it for a formula,
# without the ="..." that keeps them from taking it for a number; any other formula is marked (26).
TEXT = r"""
CREATE FUNCTION exchange_text(cell text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
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
        sa.Column("merged_pages", sa.BigInteger(), server_default="0", nullable=False),
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
    op.execute("DROP FUNCTION catalog_with_attributes(jsonb, jsonb, uuid)")
    op.execute("DROP FUNCTION catalog_with_texts(jsonb, text, jsonb)")
    op.execute("DROP FUNCTION exchange_cell(text)")
    op.execute("DROP FUNCTION exchange_text(text)")
    op.execute("DROP SCHEMA exchange_staging CASCADE")
