"""Categories, products and variants."""

import uuid
from typing import Any

from flask_smorest import Blueprint

from app.catalog import operations, queries
from app.catalog.models import Category, Product, Variant
from app.catalog.schemas import (
    CategoryFacts,
    CategoryQuery,
    CategorySchema,
    ProductChanges,
    ProductFacts,
    ProductQuery,
    ProductSchema,
    VariantChanges,
    VariantFacts,
    VariantQuery,
    VariantSchema,
    search_of,
)
from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import expected_version, page_body, page_request, page_schema, with_etag
from app.infra.idempotency import writes
from app.infra.web import now

blueprint = Blueprint("catalog", __name__, description="What manufacturers make")


@blueprint.route("/categories")
@blueprint.arguments(CategoryQuery, location="query")
@blueprint.response(200, page_schema(CategorySchema))
@requires("catalog.read")
def list_categories(query: dict[str, Any]) -> dict[str, Any]:
    """List categories, all or those within one."""
    page = queries.list_categories(
        db.session,
        caller=current_caller(),
        page=page_request(query),
        within_id=query["within_id"],
    )
    return page_body(page)


@blueprint.route("/categories", methods=["POST"])
@writes
@blueprint.arguments(CategoryFacts)
@blueprint.response(201, CategorySchema)
@requires("catalog.write")
def create_category(payload: dict[str, Any]) -> Category:
    """Add a category to the caller's tree."""
    return operations.create_category(db.session, caller=current_caller(), **payload)


@blueprint.route("/categories/<pid('cat'):category_id>")
@blueprint.response(200, CategorySchema)
@requires("catalog.read")
def show_category(category_id: uuid.UUID) -> Category:
    """Show a category."""
    return queries.get_category(db.session, caller=current_caller(), category_id=category_id)


@blueprint.route("/products")
@blueprint.arguments(ProductQuery, location="query")
@blueprint.response(200, page_schema(ProductSchema))
@requires("catalog.read")
def list_products(query: dict[str, Any]) -> dict[str, Any]:
    """List products."""
    page = queries.list_products(
        db.session,
        caller=current_caller(),
        page=page_request(query),
        manufacturer_id=query["manufacturer_id"],
        category_id=query["category_id"],
    )
    return page_body(page)


@blueprint.route("/products", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(ProductFacts)
@blueprint.response(201, ProductSchema)
@requires("catalog.write")
def create_product(payload: dict[str, Any]) -> Product:
    """Add a product."""
    return operations.create_product(
        db.session,
        caller=current_caller(),
        category_id=payload.pop("category_id"),
        facts=payload,
        now=now(),
    )


@blueprint.route("/products/<pid('prod'):product_id>")
@with_etag
@blueprint.response(200, ProductSchema)
@requires("catalog.read")
def show_product(product_id: uuid.UUID) -> Product:
    """Show a product."""
    return queries.get_product(db.session, caller=current_caller(), product_id=product_id)


@blueprint.route("/products/<pid('prod'):product_id>", methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(ProductChanges)
@blueprint.response(200, ProductSchema)
@requires("catalog.write")
def change_product(payload: dict[str, Any], product_id: uuid.UUID) -> Product:
    """Change a product; send If-Match."""
    return operations.update_product(
        db.session,
        caller=current_caller(),
        product_id=product_id,
        expected_version=expected_version(),
        changes=payload,
    )


@blueprint.route("/variants")
@blueprint.arguments(VariantQuery, location="query")
@blueprint.response(200, page_schema(VariantSchema))
@requires("catalog.read")
def list_variants(query: dict[str, Any]) -> dict[str, Any]:
    """Find variants by SKU, GTIN, the beginning of the name, product, category or manufacturer."""
    page = queries.list_variants(
        db.session, caller=current_caller(), page=page_request(query), search=search_of(query)
    )
    return page_body(page)


@blueprint.route("/variants", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(VariantFacts)
@blueprint.response(201, VariantSchema)
@requires("catalog.write")
def create_variant(payload: dict[str, Any]) -> Variant:
    """Add a variant to a product."""
    return operations.create_variant(
        db.session,
        caller=current_caller(),
        product_id=payload.pop("product_id"),
        facts=payload,
        now=now(),
    )


@blueprint.route("/variants/<pid('var'):variant_id>")
@with_etag
@blueprint.response(200, VariantSchema)
@requires("catalog.read")
def show_variant(variant_id: uuid.UUID) -> Variant:
    """Show a variant."""
    return queries.get_variant(db.session, caller=current_caller(), variant_id=variant_id)


@blueprint.route("/variants/<pid('var'):variant_id>", methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(VariantChanges)
@blueprint.response(200, VariantSchema)
@requires("catalog.write")
def change_variant(payload: dict[str, Any], variant_id: uuid.UUID) -> Variant:
    """Change a variant; send If-Match."""
    return operations.update_variant(
        db.session,
        caller=current_caller(),
        variant_id=variant_id,
        expected_version=expected_version(),
        changes=payload,
    )
