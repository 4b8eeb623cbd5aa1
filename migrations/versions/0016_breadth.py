"""Open carts of a storefront are found by its owner; people and organizations have a language."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

READERS = ("network_organizations", "identity_persons")


def upgrade() -> None:
    """Index open carts by their storefront; say who reads which language."""
    op.create_index(
        "ix_ordering_carts_open",
        "ordering_carts",
        ["storefront_id", "id"],
        postgresql_where=sa.text("status = 'open'"),
    )
    for table in READERS:
        op.add_column(table, sa.Column("language", sa.Text()))
        op.create_check_constraint(
            op.f(f"ck_{table}_language"), table, "language IN ('en', 'es', 'pt', 'de')"
        )


def downgrade() -> None:
    """Forget both."""
    for table in READERS:
        op.drop_constraint(op.f(f"ck_{table}_language"), table, type_="check")
        op.drop_column(table, "language")
    op.drop_index("ix_ordering_carts_open", "ordering_carts")
