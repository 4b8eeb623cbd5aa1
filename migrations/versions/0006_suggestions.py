"""What sellers suggest, and how it is matched to the catalog."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

VARIANTS = "catalog_variants"
# Drafts are no candidates: whoever imports them does not wait for words of theirs.
PUBLISHED = sa.text("status <> 'draft'")

# An identifier without case, dashes and blanks; app/catalog/rules/wording.py spells it alike.
CODE = """
CREATE FUNCTION catalog_code(written text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT regexp_replace(upper(written COLLATE "C"), '[^A-Z0-9]', '', 'g')
$$
"""

# The words and sizes of a name, however sizes are written: "M8x40" and "M 8 x 40mm" share m8 and 40.
WORDS = r"""
CREATE FUNCTION catalog_words(name text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT to_tsvector('simple'::regconfig, regexp_replace(regexp_replace(regexp_replace(
        translate(lower(name), '-_/;', '    '),
        '(\d)\s*[x*\u00d7]\s*(?=\d)', '\1 ', 'g'),
        '(\d)([a-z]+)\M', '\1 \2', 'g'),
        '\mm (?=\d)', 'm', 'g'))
$$
"""


def upgrade() -> None:
    op.execute(CODE)
    op.execute(WORDS)
    op.create_index(
        "ix_catalog_variants_packs",
        VARIANTS,
        ["packs"],
        postgresql_using="gin",
        postgresql_ops={"packs": "jsonb_path_ops"},
        postgresql_where=sa.text("packs <> '[]' AND status <> 'draft'"),
    )
    for name, column in (("part_code", "part_number"), ("sku_code", "sku")):
        op.create_index(
            f"ix_catalog_variants_{name}",
            VARIANTS,
            [sa.text(f"catalog_code({column})")],
            postgresql_where=PUBLISHED,
        )
    op.create_index(
        "ix_catalog_variants_name_alike",
        VARIANTS,
        ["name"],
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
        postgresql_where=PUBLISHED,
    )
    op.create_index(
        "ix_catalog_variants_words",
        VARIANTS,
        [sa.text("catalog_words(name)")],
        postgresql_using="gin",
        postgresql_where=PUBLISHED,
    )
    _suggestions()
    _policies()


def _suggestions() -> None:
    json = postgresql.JSONB()
    op.create_table(
        "catalog_suggestions",
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("manufacturer_id", sa.Uuid(), nullable=True),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("seller_sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), server_default="", nullable=False),
        sa.Column("gtin", sa.Text(), nullable=True),
        sa.Column("part_number", sa.Text(), nullable=True),
        sa.Column("category_hint", sa.Text(), server_default="", nullable=False),
        sa.Column("attributes", json, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("score", sa.Integer(), server_default="0", nullable=False),
        sa.Column("candidates", json, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'matched', 'new_product', 'refused')",
            name=op.f("ck_catalog_suggestions_status"),
        ),
        sa.CheckConstraint(
            "(status = 'pending') = (decided_at IS NULL)",
            name=op.f("ck_catalog_suggestions_decided"),
        ),
        sa.CheckConstraint(
            "decided_by IN ('auto', 'manual')", name=op.f("ck_catalog_suggestions_decided_by")
        ),
        sa.CheckConstraint(
            "(status IN ('matched', 'new_product')) = (variant_id IS NOT NULL)",
            name=op.f("ck_catalog_suggestions_variant"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_catalog_suggestions_{column}")
            )
            for column, table in (
                ("seller_id", "network_organizations"),
                ("manufacturer_id", "network_organizations"),
                ("reviewer_id", "network_organizations"),
                ("variant_id", VARIANTS),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_suggestions")),
        sa.UniqueConstraint(
            "seller_id", "seller_sku", name=op.f("uq_catalog_suggestions_seller_id_seller_sku")
        ),
    )
    op.create_index("ix_catalog_suggestions_seller", "catalog_suggestions", ["seller_id", "id"])
    op.create_index(
        "ix_catalog_suggestions_queue", "catalog_suggestions", ["reviewer_id", "status", "id"]
    )
    op.create_index(
        op.f("ix_catalog_suggestions_variant_id"), "catalog_suggestions", ["variant_id"]
    )


def _policies() -> None:
    op.create_table(
        "catalog_match_policies",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=True),
        sa.Column("auto_at", sa.Integer(), nullable=False),
        sa.Column("review_at", sa.Integer(), nullable=False),
        sa.Column("unmatched", sa.Text(), server_default="review", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "review_at BETWEEN 0 AND 100 AND auto_at BETWEEN review_at AND 101",
            name=op.f("ck_catalog_match_policies_thresholds"),
        ),
        sa.CheckConstraint(
            "unmatched IN ('review', 'refuse')", name=op.f("ck_catalog_match_policies_unmatched")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column],
                ["network_organizations.id"],
                name=op.f(f"fk_catalog_match_policies_{column}"),
            )
            for column in ("owner_id", "seller_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_match_policies")),
        sa.UniqueConstraint(
            "owner_id",
            "seller_id",
            name=op.f("uq_catalog_match_policies_owner_id_seller_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )


def downgrade() -> None:
    op.drop_table("catalog_match_policies")
    op.drop_table("catalog_suggestions")
    for index in ("words", "name_alike", "sku_code", "part_code", "packs"):
        op.drop_index(f"ix_catalog_variants_{index}", VARIANTS)
    op.execute("DROP FUNCTION catalog_words(text)")
    op.execute("DROP FUNCTION catalog_code(text)")
