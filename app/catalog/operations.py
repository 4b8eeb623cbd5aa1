"""A manufacturer keeps its catalog: categories, products, variants."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select, update

from app.catalog import queries
from app.catalog.errors import (
    CategoryNotFound,
    CodeTaken,
    GtinTaken,
    NotAManufacturer,
    NotTheManufacturer,
    ProductNotFound,
    SkuTaken,
)
from app.catalog.models import Category, Product, Variant
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import edit, refusing
from app.kernel.ids import new_id

Kept = TypeVar("Kept", Category, Product, Variant)

_REFUSALS = {
    "uq_catalog_categories_manufacturer_id_code": CodeTaken(),
    "uq_catalog_products_manufacturer_id_code": CodeTaken(),
    "uq_catalog_variants_manufacturer_id_sku": SkuTaken(),
    "uq_catalog_variants_gtin": GtinTaken(),
}


def create_category(
    session: DbSession, *, caller: Caller, code: str, name: str, parent_id: uuid.UUID | None = None
) -> Category:
    """Add a category at the root of the caller's tree, or below one of its own.

    Raises:
        NotAManufacturer: the caller is none.
        CategoryNotFound: the parent is none of the caller's.
        CodeTaken: the caller uses the code already.
    """
    _require_manufacturer(caller)
    above = _own(session, caller, Category, parent_id, CategoryNotFound) if parent_id else None
    category_id = new_id()
    category = Category(
        id=category_id,
        manufacturer_id=caller.organization_id,
        parent_id=parent_id,
        code=code,
        name=name,
        path=[*(above.path if above else ()), category_id],
    )
    return _added(session, category)


def create_product(
    session: DbSession,
    *,
    caller: Caller,
    category_id: uuid.UUID,
    facts: Mapping[str, Any],
    now: datetime,
) -> Product:
    """Add a product to one of the caller's categories.

    Raises:
        NotAManufacturer: the caller is none.
        CategoryNotFound: the category is none of the caller's.
        CodeTaken: the caller uses the code already.
    """
    _require_manufacturer(caller)
    category = _own(session, caller, Category, category_id, CategoryNotFound)
    product = Product(
        manufacturer_id=caller.organization_id,
        category_id=category.id,
        created_at=now,
        version=1,
        **facts,
    )
    return _added(session, product)


def update_product(
    session: DbSession,
    *,
    caller: Caller,
    product_id: uuid.UUID,
    expected_version: int,
    changes: Mapping[str, Any],
) -> Product:
    """Change a product of the caller's; its variants follow it to another category.

    Raises:
        ProductNotFound: there is none that the caller may know of.
        NotTheManufacturer: it is another's.
        PreconditionFailed: somebody changed it since the caller read it.
    """
    _require_owner(caller, queries.get_product(session, caller=caller, product_id=product_id))
    product = _locked(session, Product, product_id)
    if "category_id" in changes:
        _own(session, caller, Category, changes["category_id"], CategoryNotFound)
    with refusing(session, _REFUSALS):
        edit(product, expected_version=expected_version, changes=changes)
    if "category_id" in changes:
        session.execute(
            update(Variant)
            .where(Variant.product_id == product_id)
            .values(category_id=product.category_id)
        )
    return product


def create_variant(
    session: DbSession,
    *,
    caller: Caller,
    product_id: uuid.UUID,
    facts: Mapping[str, Any],
    now: datetime,
) -> Variant:
    """Add a variant to one of the caller's products.

    Raises:
        NotAManufacturer: the caller is none.
        ProductNotFound: the product is none of the caller's.
        SkuTaken: the caller uses the SKU already.
        GtinTaken: another variant has the GTIN.
    """
    _require_manufacturer(caller)
    product = _own(session, caller, Product, product_id, ProductNotFound)
    variant = Variant(
        product_id=product.id,
        manufacturer_id=product.manufacturer_id,
        category_id=product.category_id,
        created_at=now,
        version=1,
        **facts,
    )
    return _added(session, variant)


def update_variant(
    session: DbSession,
    *,
    caller: Caller,
    variant_id: uuid.UUID,
    expected_version: int,
    changes: Mapping[str, Any],
) -> Variant:
    """Change a variant of the caller's.

    Raises:
        VariantNotFound: there is none that the caller may know of.
        NotTheManufacturer: it is another's.
        PreconditionFailed: somebody changed it since the caller read it.
    """
    _require_owner(caller, queries.get_variant(session, caller=caller, variant_id=variant_id))
    variant = _locked(session, Variant, variant_id)
    with refusing(session, _REFUSALS):
        edit(variant, expected_version=expected_version, changes=changes)
    return variant


def _require_manufacturer(caller: Caller) -> None:
    if "manufacturer" not in caller.kinds:
        raise NotAManufacturer


def _require_owner(caller: Caller, thing: Product | Variant) -> None:
    if thing.manufacturer_id != caller.organization_id:
        raise NotTheManufacturer


def _own(
    session: DbSession,
    caller: Caller,
    kind: type[Kept],
    thing_id: uuid.UUID,
    missing: type[CategoryNotFound | ProductNotFound],
) -> Kept:
    thing = session.get(kind, thing_id)
    if thing is None or thing.manufacturer_id != caller.organization_id:
        raise missing
    return thing


def _locked(session: DbSession, kind: type[Kept], thing_id: uuid.UUID) -> Kept:
    query = select(kind).where(kind.id == thing_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _added(session: DbSession, thing: Kept) -> Kept:
    with refusing(session, _REFUSALS):
        session.add(thing)
    return thing
