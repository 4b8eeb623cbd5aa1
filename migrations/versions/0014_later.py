"""When parts of orders leave; what is still to come travels in consignments of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ALLOCATIONS, CONSIGNMENTS = "ordering_allocations", "ordering_consignments"


def upgrade() -> None:
    """Note days of shipment; key consignments by the day on which they come, too."""
    op.add_column(ALLOCATIONS, sa.Column("ships_on", sa.Date()))
    op.add_column(
        ALLOCATIONS,
        sa.Column("is_later", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_ordering_allocations_later"), ALLOCATIONS, "NOT is_later OR ships_on IS NOT NULL"
    )
    op.add_column(CONSIGNMENTS, sa.Column("later_on", sa.Date()))
    op.add_column(
        CONSIGNMENTS,
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
    )
    op.drop_constraint(op.f("pk_ordering_consignments"), CONSIGNMENTS, type_="primary")
    op.create_primary_key(op.f("pk_ordering_consignments"), CONSIGNMENTS, ["id"])
    op.create_unique_constraint(
        op.f("uq_ordering_consignments_seller_order_id_location_id_later_on"),
        CONSIGNMENTS,
        ["seller_order_id", "location_id", "later_on"],
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    """One consignment a location again."""
    op.drop_constraint(
        op.f("uq_ordering_consignments_seller_order_id_location_id_later_on"),
        CONSIGNMENTS,
        type_="unique",
    )
    op.drop_constraint(op.f("pk_ordering_consignments"), CONSIGNMENTS, type_="primary")
    op.execute(f"DELETE FROM {CONSIGNMENTS} WHERE later_on IS NOT NULL")
    op.create_primary_key(
        op.f("pk_ordering_consignments"), CONSIGNMENTS, ["seller_order_id", "location_id"]
    )
    op.drop_column(CONSIGNMENTS, "id")
    op.drop_column(CONSIGNMENTS, "later_on")
    op.drop_constraint(op.f("ck_ordering_allocations_later"), ALLOCATIONS, type_="check")
    op.drop_column(ALLOCATIONS, "is_later")
    op.drop_column(ALLOCATIONS, "ships_on")
