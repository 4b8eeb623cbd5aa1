"""Backtests: what they suppose, how far they are, what came of each order."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of backtests."""
    op.create_table(
        "backtest_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("storefront_id", sa.Uuid()),
        sa.Column("placed_from", sa.DateTime(timezone=True)),
        sa.Column("placed_to", sa.DateTime(timezone=True)),
        sa.Column("scenario", postgresql.JSONB(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("job_id", sa.Uuid()),
        sa.Column("state", postgresql.JSON()),
        sa.Column("report", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed', 'cancelled')",
            name="ck_backtest_runs_status",
        ),
        sa.CheckConstraint("0 <= done AND done <= orders", name="ck_backtest_runs_progress"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["network_organizations.id"],
            name="fk_backtest_runs_organization_id",
        ),
        sa.ForeignKeyConstraint(
            ["storefront_id"], ["storefronts_storefronts.id"], name="fk_backtest_runs_storefront_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_backtest_runs"),
    )  # fmt: skip
    op.create_index("ix_backtest_runs_organization", "backtest_runs", ["organization_id", "id"])
    op.create_index("ix_backtest_runs_storefront", "backtest_runs", ["storefront_id"])
    op.create_table(
        "backtest_orders",
        sa.Column("backtest_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", postgresql.JSONB()),
        sa.ForeignKeyConstraint(
            ["backtest_id"], ["backtest_runs.id"], name="fk_backtest_orders_backtest_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["ordering_orders.id"], name="fk_backtest_orders_order_id"
        ),
        sa.PrimaryKeyConstraint("backtest_id", "position", name="pk_backtest_orders"),
    )  # fmt: skip
    op.create_index("ix_backtest_orders_order_id", "backtest_orders", ["order_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("backtest_orders")
    op.drop_table("backtest_runs")
