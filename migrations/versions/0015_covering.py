"""Indexes that cover what an order asks of each seller, so that no row is fetched besides.

An order asks a few hundred sellers for their agreement, its terms, where they hold and which price
lists apply: each a place of its own in a large table. Read from the index alone, each is one page.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"

COVERING = {
    "ix_network_agreements_grantee": (
        "network_agreements",
        ["grantee_id", "manufacturer_id"],
        ["id", "parent_id", "status"],
    ),
    "ix_network_territory_areas_lookup": (
        "network_territory_areas",
        ["territory_id", "country", "subdivision"],
        ["postal_from", "postal_to", "latitude", "longitude", "radius_km"],
    ),
    "ix_pricing_assignments_scope": (
        "pricing_assignments",
        ["owner_id", "buyer_id", "customer_group", "storefront_id"],
        ["price_list_id", "territory_id", "unit_id", "priority", "stops"],
    ),
}
TERMS = "ix_network_agreement_terms_standing"


def upgrade() -> None:
    for name, (table, columns, covered) in COVERING.items():
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns, postgresql_include=covered)
    op.create_index(
        TERMS,
        "network_agreement_terms",
        ["agreement_id", "valid_from"],
        postgresql_include=[
            "id", "valid_to", "priority", "minimum_order_minor", "currency", "selling_model",
            "territory_id", "assortment_id", "transfer_price_list_id",
        ],
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index(TERMS, table_name="network_agreement_terms")
    for name, (table, columns, _) in COVERING.items():
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns)
