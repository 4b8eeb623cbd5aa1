"""The catalog as a master: drafts, lifecycle, attributes, media, packs, publications, versions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATUSES = "status IN ('draft', 'active', 'phase_out', 'withdrawn')"
SUBJECTS = ("attributes", "categories", "products", "variants")

# A category's path is its parent's and itself: checked for what a statement touched, at its end.
PATHS = """
CREATE FUNCTION catalog_check_paths() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM touched t LEFT JOIN catalog_categories p ON p.id = t.parent_id
        WHERE t.path IS DISTINCT FROM COALESCE(p.path, '{}') || t.id
           OR p.manufacturer_id <> t.manufacturer_id
    ) OR EXISTS (
        SELECT FROM touched t JOIN catalog_categories c ON c.parent_id = t.id
        WHERE c.path <> t.path || c.id
    ) THEN
        RAISE EXCEPTION 'the path of a category is that of its parent and itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_catalog_categories_path';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_paths_made AFTER INSERT ON catalog_categories
    REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_check_paths();
CREATE TRIGGER catalog_paths_changed AFTER UPDATE ON catalog_categories
    REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_check_paths();
"""

# What was published stays as it was; a version is ended once, by the next one.
HISTORY = """
CREATE FUNCTION catalog_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'published versions are not changed' USING ERRCODE = 'check_violation',
        CONSTRAINT = 'ck_catalog_versions_kept';
END $$;
CREATE TRIGGER catalog_versions_ended BEFORE UPDATE ON catalog_versions FOR EACH ROW
    WHEN (OLD.to_number IS NOT NULL OR NEW.to_number IS NULL
          OR (OLD.subject_kind, OLD.subject_id, OLD.manufacturer_id, OLD.from_number, OLD.change,
              OLD.fields, OLD.content)
          IS DISTINCT FROM (NEW.subject_kind, NEW.subject_id, NEW.manufacturer_id,
              NEW.from_number, NEW.change, NEW.fields, NEW.content))
    EXECUTE FUNCTION catalog_keep_history();
CREATE TRIGGER catalog_versions_kept BEFORE DELETE OR TRUNCATE ON catalog_versions
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_keep_history();
"""


def upgrade() -> None:
    _attributes()
    for table in ("catalog_categories", "catalog_products", "catalog_variants"):
        _document(table, "translations", "{}")
        op.add_column(table, sa.Column("draft", postgresql.JSONB(none_as_null=True)))
    _categories()
    _products()
    _variants()
    for subject in SUBJECTS:
        table = f"catalog_{subject}"
        op.create_check_constraint(op.f(f"ck_{table}_status"), table, STATUSES)
        op.create_index(
            f"ix_{table}_drafts",
            table,
            ["manufacturer_id", "id"],
            postgresql_where=sa.text("draft IS NOT NULL"),
        )
    _publications()
    _versions()
    op.execute(PATHS)
    op.execute(HISTORY)


def _document(table: str, name: str, empty: str) -> None:
    column = sa.Column(
        name, postgresql.JSONB(), nullable=False, server_default=sa.text(f"'{empty}'")
    )
    op.add_column(table, column)


def _attributes() -> None:
    op.create_table(
        "catalog_attributes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manufacturer_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=True),
        sa.Column("options", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("is_facet", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column(
            "translations", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("draft", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "kind IN ('text', 'number', 'enumeration', 'boolean', 'localized')",
            name=op.f("ck_catalog_attributes_kind"),
        ),
        sa.CheckConstraint(
            "(unit_code IS NULL OR kind = 'number') AND (kind = 'enumeration') = (options <> '[]')",
            name=op.f("ck_catalog_attributes_of_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"],
            ["network_organizations.id"],
            name=op.f("fk_catalog_attributes_manufacturer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_attributes")),
        sa.UniqueConstraint(
            "manufacturer_id", "code", name=op.f("uq_catalog_attributes_manufacturer_id_code")
        ),
    )


def _categories() -> None:
    for name, empty in (("status", "active"), ("position", "0"), ("version", "1")):
        kind = sa.Text() if name == "status" else sa.Integer()
        column = sa.Column(name, kind, nullable=False, server_default=empty)
        op.add_column("catalog_categories", column)
    op.create_index(
        op.f("ix_catalog_categories_parent_id"), "catalog_categories", ["parent_id"], unique=False
    )


def _products() -> None:
    op.add_column(
        "catalog_products", sa.Column("status", sa.Text(), nullable=False, server_default="active")
    )
    _document("catalog_products", "attributes", "{}")
    _document("catalog_products", "media", "[]")


def _variants() -> None:
    op.add_column("catalog_variants", sa.Column("customs_code", sa.Text()))
    op.add_column("catalog_variants", sa.Column("successor_id", sa.Uuid()))
    _document("catalog_variants", "packs", "[]")
    _document("catalog_variants", "media", "[]")
    op.drop_constraint(op.f("ck_catalog_variants_status"), "catalog_variants")
    op.create_check_constraint(
        op.f("ck_catalog_variants_customs_code"),
        "catalog_variants",
        "customs_code ~ '^[0-9]{6,10}$'",
    )
    op.create_check_constraint(
        op.f("ck_catalog_variants_successor"),
        "catalog_variants",
        "successor_id IS NULL OR successor_id <> id AND status IN ('phase_out', 'withdrawn')",
    )
    op.create_foreign_key(
        op.f("fk_catalog_variants_successor_id"),
        "catalog_variants",
        "catalog_variants",
        ["successor_id"],
        ["id"],
    )
    op.create_index(
        "ix_catalog_variants_successor_id",
        "catalog_variants",
        ["successor_id"],
        postgresql_where=sa.text("successor_id IS NOT NULL"),
    )


def _publications() -> None:
    op.create_table(
        "catalog_publications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manufacturer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("restores_number", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_catalog_publications_number")),
        sa.CheckConstraint(
            "restores_number < number", name=op.f("ck_catalog_publications_restores")
        ),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"],
            ["network_organizations.id"],
            name=op.f("fk_catalog_publications_manufacturer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_publications")),
        sa.UniqueConstraint(
            "manufacturer_id", "number", name=op.f("uq_catalog_publications_manufacturer_id_number")
        ),
    )


def _versions() -> None:
    op.create_table(
        "catalog_versions",
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("manufacturer_id", sa.Uuid(), nullable=False),
        sa.Column("from_number", sa.Integer(), nullable=False),
        sa.Column("to_number", sa.Integer(), nullable=True),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "subject_kind IN ('attribute', 'category', 'product', 'variant')",
            name=op.f("ck_catalog_versions_subject_kind"),
        ),
        sa.CheckConstraint("to_number > from_number", name=op.f("ck_catalog_versions_period")),
        sa.ForeignKeyConstraint(
            ["subject_id", "to_number"],
            ["catalog_versions.subject_id", "catalog_versions.from_number"],
            name=op.f("fk_catalog_versions_subject_id_to_number"),
        ),
        sa.UniqueConstraint(
            "subject_id",
            "to_number",
            name=op.f("uq_catalog_versions_subject_id_to_number"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.ForeignKeyConstraint(
            ["manufacturer_id", "from_number"],
            ["catalog_publications.manufacturer_id", "catalog_publications.number"],
            name=op.f("fk_catalog_versions_manufacturer_id_from_number"),
        ),
        sa.PrimaryKeyConstraint("subject_id", "from_number", name=op.f("pk_catalog_versions")),
    )
    op.create_index(
        "ix_catalog_versions_publication",
        "catalog_versions",
        ["manufacturer_id", "from_number", "subject_id"],
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER catalog_paths_made ON catalog_categories")
    op.execute("DROP TRIGGER catalog_paths_changed ON catalog_categories")
    op.execute("DROP FUNCTION catalog_check_paths()")
    op.drop_table("catalog_versions")
    op.execute("DROP FUNCTION catalog_keep_history()")
    op.drop_table("catalog_publications")
    for subject in SUBJECTS:
        table = f"catalog_{subject}"
        op.drop_index(f"ix_{table}_drafts", table)
        op.drop_constraint(op.f(f"ck_{table}_status"), table)
    for name in ("customs_code", "successor_id", "packs", "media", "translations", "draft"):
        op.drop_column("catalog_variants", name)
    op.create_check_constraint(
        op.f("ck_catalog_variants_status"),
        "catalog_variants",
        "status IN ('draft', 'active', 'withdrawn')",
    )
    for name in ("status", "attributes", "media", "translations", "draft"):
        op.drop_column("catalog_products", name)
    op.drop_index(op.f("ix_catalog_categories_parent_id"), "catalog_categories")
    for name in ("status", "position", "version", "translations", "draft"):
        op.drop_column("catalog_categories", name)
    op.drop_table("catalog_attributes")
