"""A manufacturer keeps its products and their variants."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update

from app.catalog import queries
from app.catalog.errors import CategoryNotFound, ProductNotFound, VariantNotFound
from app.catalog.models import Category, Product, Variant
from app.catalog.operations.editing import (
    added,
    beginning,
    change,
    hold,
    locked,
    own,
    require_manufacturer,
    require_owner,
)
from app.catalog.rules import DRAFT
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.ids import new_id


def create_product(
    session: DbSession,
    *,
    caller: Caller,
    category_id: uuid.UUID,
    facts: Mapping[str, Any],
    now: datetime,
) -> Product:
    """Add a product to one of the caller's categories; the next publication makes it live.

    Raises:
        NotAManufacturer: the caller is none.
        CategoryNotFound: the category is none of the caller's.
        CodeTaken: the caller uses the code already.
        ChangesInvalid: its values do not fit its attributes.
    """
    require_manufacturer(caller)
    category = own(session, caller, Category, category_id, CategoryNotFound)
    product = Product(
        id=new_id(),
        manufacturer_id=caller.organization_id,
        category_id=category.id,
        created_at=now,
        version=1,
        **beginning(facts),
    )
    return added(session, caller, product)


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
        TransitionNotAllowed: its life has no such step.
        ChangesInvalid: its values do not fit.
    """
    require_owner(caller, queries.get_product(session, caller=caller, product_id=product_id))
    hold(session, manufacturer_id=caller.organization_id)
    product = locked(session, Product, product_id)
    if "category_id" in changes:
        own(session, caller, Category, changes["category_id"], CategoryNotFound)
    change(session, product, expected_version=expected_version, changes=changes)
    if product.status == DRAFT and "category_id" in changes:
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
    """Add a variant to one of the caller's products; the next publication makes it live.

    Raises:
        NotAManufacturer: the caller is none.
        ProductNotFound: the product is none of the caller's.
        SkuTaken: the caller uses the SKU already.
        GtinTaken: another variant has the GTIN.
        ChangesInvalid: its values do not fit its attributes.
    """
    require_manufacturer(caller)
    product = own(session, caller, Product, product_id, ProductNotFound)
    variant = Variant(
        id=new_id(),
        product_id=product.id,
        manufacturer_id=product.manufacturer_id,
        category_id=product.category_id,
        created_at=now,
        version=1,
        **beginning(facts),
    )
    return added(session, caller, variant)


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
        VariantNotFound: there is none that the caller may know of, or no such successor.
        NotTheManufacturer: it is another's.
        PreconditionFailed: somebody changed it since the caller read it.
        TransitionNotAllowed: its life has no such step.
        ChangesInvalid: its values do not fit.
    """
    require_owner(caller, queries.get_variant(session, caller=caller, variant_id=variant_id))
    hold(session, manufacturer_id=caller.organization_id)
    if changes.get("successor_id"):
        own(session, caller, Variant, changes["successor_id"], VariantNotFound)
    variant = locked(session, Variant, variant_id)
    change(session, variant, expected_version=expected_version, changes=changes)
    return variant
