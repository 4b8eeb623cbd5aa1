"""After the plan: who pays for a re-routing, units that wait, and the buyer's choices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

AFTERCARE = """
    price_difference IN ('operator', 'storefront', 'refusing_seller')
    AND last_resort IN ('cancel', 'ask_buyer', 'wait')
    AND choice_within_s > 0 AND wait_days > 0 AND most_attempts > 0
    AND reoptimize_above_minor >= 0
"""
OLD = "('offered', 'accepted', 'rejected', 'expired', 'cancelled')"
NEW = "('offered', 'accepted', 'rejected', 'expired', 'cancelled', 'waiting', 'replaced')"


def upgrade() -> None:
    shop = "storefronts_storefronts"
    for name, default in (("price_difference", "storefront"), ("last_resort", "cancel")):
        op.add_column(shop, sa.Column(name, sa.Text(), server_default=default, nullable=False))
    for name, number in (
        ("choice_within_s", "259200"),
        ("wait_days", "30"),
        ("most_attempts", "10"),
    ):
        op.add_column(shop, sa.Column(name, sa.Integer(), server_default=number, nullable=False))
    op.add_column(
        shop, sa.Column("reoptimizes", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        shop,
        sa.Column("reoptimize_above_minor", sa.BigInteger(), server_default="500", nullable=False),
    )
    op.create_check_constraint(op.f("ck_storefronts_storefronts_aftercare"), shop, AFTERCARE)
    op.add_column(
        "ordering_allocations",
        sa.Column("dues", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
    )
    op.drop_constraint(op.f("ck_ordering_allocations_status"), "ordering_allocations")
    op.create_check_constraint(
        op.f("ck_ordering_allocations_status"), "ordering_allocations", f"status IN {NEW}"
    )
    op.add_column("ordering_seller_orders", sa.Column("joins_id", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_ordering_seller_orders_joins_id"),
        "ordering_seller_orders",
        "ordering_seller_orders",
        ["joins_id"],
        ["id"],
    )
    op.create_index(
        "ix_ordering_seller_orders_joins",
        "ordering_seller_orders",
        ["joins_id"],
        postgresql_where=sa.text("joins_id IS NOT NULL"),
    )
    _create_choices()


def _create_choices() -> None:
    op.create_table(
        "ordering_choices",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("allocation_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'waiting', 'served', 'cancelled', 'substituted', 'expired')",
            name=op.f("ck_ordering_choices_status"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (status IN ('open', 'waiting'))",
            name=op.f("ck_ordering_choices_ended"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["ordering_orders.id"], name=op.f("fk_ordering_choices_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["ordering_order_lines.id"],
            name=op.f("fk_ordering_choices_order_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["allocation_id"],
            ["ordering_allocations.id"],
            name=op.f("fk_ordering_choices_allocation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ordering_choices")),
        sa.UniqueConstraint("allocation_id", name=op.f("uq_ordering_choices_allocation_id")),
    )
    op.create_index(op.f("ix_ordering_choices_order_id"), "ordering_choices", ["order_id"])
    op.create_index(
        "ix_ordering_choices_line_open",
        "ordering_choices",
        ["order_line_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_ordering_choices_due",
        "ordering_choices",
        ["expires_at"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("ordering_choices")
    op.drop_index("ix_ordering_seller_orders_joins", "ordering_seller_orders")
    op.drop_column("ordering_seller_orders", "joins_id")
    op.drop_constraint(op.f("ck_ordering_allocations_status"), "ordering_allocations")
    op.create_check_constraint(
        op.f("ck_ordering_allocations_status"), "ordering_allocations", f"status IN {OLD}"
    )
    op.drop_column("ordering_allocations", "dues")
    op.drop_constraint(op.f("ck_storefronts_storefronts_aftercare"), "storefronts_storefronts")
    for name in (
        "price_difference", "last_resort", "choice_within_s", "wait_days", "most_attempts",
        "reoptimizes", "reoptimize_above_minor",
    ):  # fmt: skip
        op.drop_column("storefronts_storefronts", name)
