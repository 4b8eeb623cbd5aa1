"""The catalog as the caller may see it.

Whoever may know a manufacturer may read its catalog: the operator; the manufacturer; sellers with
an active agreement for its goods; owners of storefronts in which such sellers sell; and buyers
with an active trading account with any of these. Drafts are the manufacturer's alone.
:func:`visible_manufacturers` is the one place that says so.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Uuid, column, or_, select, text, true
from sqlalchemy.orm import InstrumentedAttribute

from app.catalog.errors import CategoryNotFound, ProductNotFound, VariantNotFound
from app.catalog.models import Category, Product, Variant
from app.catalog.rules import DRAFT
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.listing import page_by_id
from app.kernel.paging import Page, PageRequest

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


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSearch:
    """What a list of variants is narrowed by; ``name`` is a beginning, the rest is exact."""

    manufacturer_id: uuid.UUID | None = None
    product_id: uuid.UUID | None = None
    category_id: uuid.UUID | None = None
    sku: str | None = None
    gtin: str | None = None
    name: str | None = None


def visible_manufacturers(
    caller: Caller, manufacturer_id: InstrumentedAttribute[uuid.UUID]
) -> ColumnElement[bool]:
    """Whether the caller may read the catalog of the manufacturer in this column."""
    if caller.is_operator:
        return true()
    own = caller.organization_id
    visible = _VISIBLE_MANUFACTURERS.bindparams(catalog_reader_id=own)
    return or_(manufacturer_id == own, manufacturer_id.in_(visible))


def _visible_variants(caller: Caller) -> ColumnElement[bool]:
    visible = visible_manufacturers(caller, Variant.manufacturer_id)
    if caller.is_operator:
        return visible
    return visible & or_(Variant.status != DRAFT, Variant.manufacturer_id == caller.organization_id)


def get_category(session: DbSession, *, caller: Caller, category_id: uuid.UUID) -> Category:
    """A category.

    Raises:
        CategoryNotFound: there is none that the caller may know of.
    """
    visible = visible_manufacturers(caller, Category.manufacturer_id)
    found = session.scalars(select(Category).where(Category.id == category_id, visible)).first()
    if found is None:
        raise CategoryNotFound
    return found


def list_categories(
    session: DbSession, *, caller: Caller, page: PageRequest, within_id: uuid.UUID | None = None
) -> Page[Category]:
    """Categories; those within another one with all below it."""
    query = select(Category).where(visible_manufacturers(caller, Category.manufacturer_id))
    if within_id:
        query = query.where(Category.path.contains([within_id]))
    return page_by_id(session, query, key=Category.id, page=page)


def get_product(session: DbSession, *, caller: Caller, product_id: uuid.UUID) -> Product:
    """A product.

    Raises:
        ProductNotFound: there is none that the caller may know of.
    """
    visible = visible_manufacturers(caller, Product.manufacturer_id)
    found = session.scalars(select(Product).where(Product.id == product_id, visible)).first()
    if found is None:
        raise ProductNotFound
    return found


def list_products(
    session: DbSession,
    *,
    caller: Caller,
    page: PageRequest,
    manufacturer_id: uuid.UUID | None = None,
    category_id: uuid.UUID | None = None,
) -> Page[Product]:
    """Products; those of a category with all below it."""
    query = select(Product).where(visible_manufacturers(caller, Product.manufacturer_id))
    if manufacturer_id:
        query = query.where(Product.manufacturer_id == manufacturer_id)
    if category_id:
        query = query.where(Product.category_id.in_(_below(category_id)))
    return page_by_id(session, query, key=Product.id, page=page)


def get_variant(session: DbSession, *, caller: Caller, variant_id: uuid.UUID) -> Variant:
    """A variant.

    Raises:
        VariantNotFound: there is none that the caller may know of.
    """
    query = select(Variant).where(Variant.id == variant_id, _visible_variants(caller))
    found = session.scalars(query).first()
    if found is None:
        raise VariantNotFound
    return found


def list_variants(
    session: DbSession, *, caller: Caller, page: PageRequest, search: VariantSearch
) -> Page[Variant]:
    """Variants that a search finds."""
    query = select(Variant).where(_visible_variants(caller))
    for column_, wanted in (
        (Variant.manufacturer_id, search.manufacturer_id),
        (Variant.product_id, search.product_id),
        (Variant.sku, search.sku),
        (Variant.gtin, search.gtin),
    ):
        if wanted is not None:
            query = query.where(column_ == wanted)
    if search.category_id:
        query = query.where(Variant.category_id.in_(_below(search.category_id)))
    if search.name:
        query = query.where(Variant.name.istartswith(search.name, autoescape=True))
    return page_by_id(session, query, key=Variant.id, page=page)


def known_variants(
    session: DbSession, *, caller: Caller, variant_ids: list[uuid.UUID]
) -> set[uuid.UUID]:
    """Those of the variants that the caller may know of."""
    query = select(Variant.id).where(Variant.id.in_(variant_ids), _visible_variants(caller))
    return set(session.scalars(query))


def _below(category_id: uuid.UUID) -> Select[uuid.UUID]:
    return select(Category.id).where(Category.path.contains([category_id]))
