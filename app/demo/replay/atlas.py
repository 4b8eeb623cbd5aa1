"""What a replay knows of the imported network: ids by the files' codes."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text

from app.demo import imports
from app.identity.rules import PERMISSIONS
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.errors import NotFound


class NotImported(NotFound):
    """There is nothing to replay on."""

    code = "demo.not_imported"
    title = "No network was imported: run `flask network import` first"


@dataclass(frozen=True, slots=True)
class Atlas:
    """Ids of the storefront, its owner, variants by SKU, buyers with their addresses by code."""

    storefront_id: uuid.UUID
    owner_id: uuid.UUID
    variants: Mapping[str, uuid.UUID]
    buyers: Mapping[str, tuple[uuid.UUID, uuid.UUID]]


def find_atlas(session: DbSession) -> Atlas:
    """Look everything up once.

    Raises:
        NotImported: there is no imported network.
    """
    shop = session.execute(
        text("SELECT id, owner_id FROM storefronts_storefronts WHERE slug = :slug"),
        {"slug": imports.STOREFRONT},
    ).one_or_none()
    if shop is None:
        raise NotImported
    variants = session.execute(
        text("""
            SELECT v.sku, v.id FROM catalog_variants v
            JOIN network_organizations m ON m.id = v.manufacturer_id WHERE m.code = :code
        """),
        {"code": imports.MANUFACTURER[0]},
    )
    buyers = session.execute(
        text("""
            SELECT b.code, b.id, a.id FROM network_trading_accounts t
            JOIN network_organizations b ON b.id = t.buyer_id
            JOIN network_addresses a ON a.organization_id = b.id
            WHERE t.seller_id = :owner_id
        """),
        {"owner_id": shop.owner_id},
    )
    return Atlas(
        storefront_id=shop.id,
        owner_id=shop.owner_id,
        variants=dict(tuple(row) for row in variants),
        buyers={code: (buyer_id, address_id) for code, buyer_id, address_id in buyers},
    )


def acting_for(organization_id: uuid.UUID) -> Caller:
    """An organization itself as the caller; being no operator it sees and does its own only."""
    return Caller(
        organization_id=organization_id,
        actor_id=organization_id,
        kinds=frozenset(),
        permissions=PERMISSIONS,
    )
