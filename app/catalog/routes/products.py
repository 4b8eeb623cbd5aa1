"""Products and variants."""

import uuid
from typing import Any

from app.catalog import documents, operations, queries
from app.catalog.models import Product, Variant
from app.catalog.routes.blueprint import blueprint, locales_of
from app.catalog.schemas import (
    ProductChanges,
    ProductFacts,
    ProductQuery,
    ProductSchema,
    ReadingQuery,
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
from app.kernel.paging import Page

PRODUCT = "/products/<pid('prod'):product_id>"
VARIANT = "/variants/<pid('var'):variant_id>"
_PRODUCT_FILTERS = ("category_id", "status")
_VARIANT_FILTERS = ("product_id", "category_id", "sku", "gtin", "name", "status")


def _edited(kind: str, thing: Product | Variant) -> dict[str, Any]:
    return documents.document(thing, kind=kind, caller=current_caller(), locales=())


def _shown(kind: str, thing: Product | Variant, query: dict[str, Any]) -> dict[str, Any]:
    return documents.as_of(
        db.session,
        caller=current_caller(),
        kind=kind,
        thing=thing,
        publication_id=query["publication"],
        instant=query["as_of"],
        locales=locales_of(query["locale"]),
    )


def _listed(kind: str, page: Page[Any], query: dict[str, Any]) -> dict[str, Any]:
    shown = documents.page_of_documents(
        page, kind=kind, caller=current_caller(), locales=locales_of(query["locale"])
    )
    return page_body(shown)


def _listed_as_of(
    kind: str, query: dict[str, Any], filters: tuple[str, ...]
) -> dict[str, Any] | None:
    """The list as of then, when a time is named."""
    if query["publication"] is None and query["as_of"] is None:
        return None
    return page_body(
        documents.list_as_of(
            db.session,
            caller=current_caller(),
            kind=kind,
            page=page_request(query),
            query=query,
            filters=filters,
            locales=locales_of(query["locale"]),
        )
    )


@blueprint.route("/products")
@blueprint.arguments(ProductQuery, location="query")
@blueprint.response(200, page_schema(ProductSchema))
@requires("catalog.read")
def list_products(query: dict[str, Any]) -> dict[str, Any]:
    """List products as they are, or as of a publication or instant."""
    then = _listed_as_of("product", query, _PRODUCT_FILTERS)
    if then is not None:
        return then
    page = queries.list_products(
        db.session,
        caller=current_caller(),
        page=page_request(query),
        manufacturer_id=query["manufacturer_id"],
        category_id=query["category_id"],
        status=query["status"],
    )
    return _listed("product", page, query)


@blueprint.route("/products", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(ProductFacts)
@blueprint.response(201, ProductSchema)
@requires("catalog.write")
def create_product(payload: dict[str, Any]) -> dict[str, Any]:
    """Add a product; the next publication makes it live."""
    made = operations.create_product(
        db.session,
        caller=current_caller(),
        category_id=payload.pop("category_id"),
        facts=payload,
        now=now(),
    )
    return _edited("product", made)


@blueprint.route(PRODUCT)
@with_etag
@blueprint.arguments(ReadingQuery, location="query")
@blueprint.response(200, ProductSchema)
@requires("catalog.read")
def show_product(query: dict[str, Any], product_id: uuid.UUID) -> dict[str, Any]:
    """Show a product as it is, or as of a publication or instant."""
    found = queries.get_product(db.session, caller=current_caller(), product_id=product_id)
    return _shown("product", found, query)


@blueprint.route(PRODUCT, methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(ProductChanges)
@blueprint.response(200, ProductSchema)
@requires("catalog.write")
def change_product(payload: dict[str, Any], product_id: uuid.UUID) -> dict[str, Any]:
    """Change a product; send If-Match. Changes of what is published wait for a publication."""
    changed = operations.update_product(
        db.session,
        caller=current_caller(),
        product_id=product_id,
        expected_version=expected_version(),
        changes=payload,
    )
    return _edited("product", changed)


@blueprint.route("/variants")
@blueprint.arguments(VariantQuery, location="query")
@blueprint.response(200, page_schema(VariantSchema))
@requires("catalog.read")
def list_variants(query: dict[str, Any]) -> dict[str, Any]:
    """Find variants by SKU, GTIN, the beginning of the name, product, category or manufacturer."""
    then = _listed_as_of("variant", query, _VARIANT_FILTERS)
    if then is not None:
        return then
    page = queries.list_variants(
        db.session, caller=current_caller(), page=page_request(query), search=search_of(query)
    )
    return _listed("variant", page, query)


@blueprint.route("/variants", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(VariantFacts)
@blueprint.response(201, VariantSchema)
@requires("catalog.write")
def create_variant(payload: dict[str, Any]) -> dict[str, Any]:
    """Add a variant to a product; the next publication makes it live."""
    made = operations.create_variant(
        db.session,
        caller=current_caller(),
        product_id=payload.pop("product_id"),
        facts=payload,
        now=now(),
    )
    return _edited("variant", made)


@blueprint.route(VARIANT)
@with_etag
@blueprint.arguments(ReadingQuery, location="query")
@blueprint.response(200, VariantSchema)
@requires("catalog.read")
def show_variant(query: dict[str, Any], variant_id: uuid.UUID) -> dict[str, Any]:
    """Show a variant as it is, or as of a publication or instant."""
    found = queries.get_variant(db.session, caller=current_caller(), variant_id=variant_id)
    return _shown("variant", found, query)


@blueprint.route(VARIANT, methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(VariantChanges)
@blueprint.response(200, VariantSchema)
@requires("catalog.write")
def change_variant(payload: dict[str, Any], variant_id: uuid.UUID) -> dict[str, Any]:
    """Change a variant; send If-Match. Changes of what is published wait for a publication."""
    changed = operations.update_variant(
        db.session,
        caller=current_caller(),
        variant_id=variant_id,
        expected_version=expected_version(),
        changes=payload,
    )
    return _edited("variant", changed)
