"""Who may read whose catalog: the one place that says so.

Whoever may know a manufacturer may read its catalog: the operator; the manufacturer; sellers with
an active agreement for its goods; owners of storefronts in which such sellers sell; and buyers
with an active trading account with any of these. What was never published is its manufacturer's
alone.
"""

import uuid

from sqlalchemy import ColumnElement, Uuid, column, or_, select, text, true
from sqlalchemy.orm import InstrumentedAttribute

from app.catalog.errors import PublicationNotFound
from app.catalog.models import Attribute, Category, Product, Variant
from app.catalog.rules import DRAFT
from app.infra.auth import Caller
from app.infra.db import DbSession

# Storefronts lie one layer up; only who sells in whose storefront is read of them.
_VISIBLE_MANUFACTURERS = text("""
WITH known AS (
    SELECT CAST(:catalog_reader_id AS uuid) AS id
    UNION
    SELECT seller_id FROM network_trading_accounts
    WHERE buyer_id = :catalog_reader_id AND status = 'active'
),
seller AS (
    SELECT id FROM known
    UNION
    SELECT p.seller_id FROM known
    JOIN storefronts_storefronts s ON s.owner_id = known.id
    JOIN storefronts_pool_sellers p ON p.storefront_id = s.id
)
SELECT id FROM seller
UNION
SELECT a.manufacturer_id FROM seller
JOIN network_agreements a ON a.grantee_id = seller.id AND a.status = 'active'
""").columns(column("id", Uuid()))


def visible_manufacturers(
    caller: Caller, manufacturer_id: InstrumentedAttribute[uuid.UUID] | ColumnElement[uuid.UUID]
) -> ColumnElement[bool]:
    """Whether the caller may read the catalog of the manufacturer in this column."""
    if caller.is_operator:
        return true()
    own = caller.organization_id
    visible = _VISIBLE_MANUFACTURERS.bindparams(catalog_reader_id=own)
    return or_(manufacturer_id == own, manufacturer_id.in_(visible))


def visible(
    caller: Caller, kind: type[Attribute] | type[Category] | type[Product] | type[Variant]
) -> ColumnElement[bool]:
    """Whether the caller may read a row of this kind."""
    readable = visible_manufacturers(caller, kind.manufacturer_id)
    if caller.is_operator:
        return readable
    return readable & or_(kind.status != DRAFT, kind.manufacturer_id == caller.organization_id)


def require_readable(session: DbSession, *, caller: Caller, manufacturer_id: uuid.UUID) -> None:
    """Refuse whose catalog the caller may not read.

    Raises:
        PublicationNotFound: the caller may know of nothing that the manufacturer published.
    """
    if caller.is_operator or caller.organization_id == manufacturer_id:
        return
    readable = select(
        _VISIBLE_MANUFACTURERS.bindparams(catalog_reader_id=caller.organization_id).subquery()
    )
    if manufacturer_id not in set(session.scalars(readable)):
        raise PublicationNotFound
