"""What is published now, as the caller may see it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Select, select

from app.catalog.errors import (
    AttributeNotFound,
    CategoryNotFound,
    ProductNotFound,
    VariantNotFound,
)
from app.catalog.models import Attribute, Category, Product, Variant
from app.catalog.queries.visibility import visible
from app.catalog.rules import SELLABLE
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.listing import page_by_id
from app.kernel.errors import NotFound
from app.kernel.paging import Page, PageRequest

Kept = TypeVar("Kept", Attribute, Category, Product, Variant)


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSearch:
    """What a list of variants is narrowed by; ``name`` is a beginning, the rest is exact."""

    manufacturer_id: uuid.UUID | None = None
    product_id: uuid.UUID | None = None
    category_id: uuid.UUID | None = None
    sku: str | None = None
    gtin: str | None = None
    name: str | None = None
    status: str | None = None


def get_attribute(session: DbSession, *, caller: Caller, attribute_id: uuid.UUID) -> Attribute:
    """An attribute's definition.

    Raises:
        AttributeNotFound: there is none that the caller may know of.
    """
    return _found(session, caller, Attribute, attribute_id, AttributeNotFound)


def list_attributes(
    session: DbSession,
    *,
    caller: Caller,
    page: PageRequest,
    manufacturer_id: uuid.UUID | None = None,
) -> Page[Attribute]:
    """Definitions of attributes, all or one manufacturer's."""
    query = select(Attribute).where(visible(caller, Attribute))
    if manufacturer_id:
        query = query.where(Attribute.manufacturer_id == manufacturer_id)
    return page_by_id(session, query, key=Attribute.id, page=page)


def definitions_of(session: DbSession, *, manufacturer_id: uuid.UUID) -> Mapping[str, Attribute]:
    """A manufacturer's published definitions of attributes, by code."""
    query = select(Attribute).where(
        Attribute.manufacturer_id == manufacturer_id, Attribute.status.in_(SELLABLE)
    )
    return {each.code: each for each in session.scalars(query.order_by(Attribute.position))}


def get_category(session: DbSession, *, caller: Caller, category_id: uuid.UUID) -> Category:
    """A category.

    Raises:
        CategoryNotFound: there is none that the caller may know of.
    """
    return _found(session, caller, Category, category_id, CategoryNotFound)


def list_categories(
    session: DbSession, *, caller: Caller, page: PageRequest, within_id: uuid.UUID | None = None
) -> Page[Category]:
    """Categories; those within another one with all below it."""
    query = select(Category).where(visible(caller, Category))
    if within_id:
        query = query.where(Category.path.contains([within_id]))
    return page_by_id(session, query, key=Category.id, page=page)


def get_product(session: DbSession, *, caller: Caller, product_id: uuid.UUID) -> Product:
    """A product.

    Raises:
        ProductNotFound: there is none that the caller may know of.
    """
    return _found(session, caller, Product, product_id, ProductNotFound)


def list_products(
    session: DbSession,
    *,
    caller: Caller,
    page: PageRequest,
    manufacturer_id: uuid.UUID | None = None,
    category_id: uuid.UUID | None = None,
    status: str | None = None,
) -> Page[Product]:
    """Products; those of a category with all below it."""
    query = select(Product).where(visible(caller, Product))
    if manufacturer_id:
        query = query.where(Product.manufacturer_id == manufacturer_id)
    if category_id:
        query = query.where(Product.category_id.in_(_below(category_id)))
    if status:
        query = query.where(Product.status == status)
    return page_by_id(session, query, key=Product.id, page=page)


def get_variant(session: DbSession, *, caller: Caller, variant_id: uuid.UUID) -> Variant:
    """A variant.

    Raises:
        VariantNotFound: there is none that the caller may know of.
    """
    return _found(session, caller, Variant, variant_id, VariantNotFound)


def list_variants(
    session: DbSession, *, caller: Caller, page: PageRequest, search: VariantSearch
) -> Page[Variant]:
    """Variants that a search finds."""
    query = select(Variant).where(visible(caller, Variant))
    for column, wanted in (
        (Variant.manufacturer_id, search.manufacturer_id),
        (Variant.product_id, search.product_id),
        (Variant.sku, search.sku),
        (Variant.gtin, search.gtin),
        (Variant.status, search.status),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if search.category_id:
        query = query.where(Variant.category_id.in_(_below(search.category_id)))
    if search.name:
        query = query.where(Variant.name.istartswith(search.name, autoescape=True))
    return page_by_id(session, query, key=Variant.id, page=page)


def known_variants(
    session: DbSession, *, caller: Caller, variant_ids: list[uuid.UUID]
) -> set[uuid.UUID]:
    """Those of the variants that the caller may know of."""
    query = select(Variant.id).where(Variant.id.in_(variant_ids), visible(caller, Variant))
    return set(session.scalars(query))


def _found(
    session: DbSession,
    caller: Caller,
    kind: type[Kept],
    thing_id: uuid.UUID,
    missing: type[NotFound],
) -> Kept:
    found = session.scalars(select(kind).where(kind.id == thing_id, visible(caller, kind))).first()
    if found is None:
        raise missing
    return found


def _below(category_id: uuid.UUID) -> Select[uuid.UUID]:
    return select(Category.id).where(Category.path.contains([category_id]))
