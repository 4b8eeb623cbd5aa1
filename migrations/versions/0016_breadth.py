"""Open carts of a storefront are found by its owner."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index open carts by their storefront."""
    op.create_index(
        "ix_ordering_carts_open",
        "ordering_carts",
        ["storefront_id", "id"],
        postgresql_where=sa.text("status = 'open'"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_ordering_carts_open", "ordering_carts")
