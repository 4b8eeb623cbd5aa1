"""Attributes, categories and units."""

import uuid
from typing import Any

from app.catalog import documents, operations, queries
from app.catalog.models import Attribute, Category
from app.catalog.routes.blueprint import blueprint, locales_of
from app.catalog.rules import UNITS
from app.catalog.schemas import (
    AttributeChanges,
    AttributeFacts,
    AttributeQuery,
    AttributeSchema,
    CategoryChanges,
    CategoryFacts,
    CategoryQuery,
    CategorySchema,
    ReadingQuery,
    UnitsSchema,
)
from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import expected_version, page_body, page_request, page_schema, with_etag
from app.infra.idempotency import writes

ATTRIBUTE = "/attributes/<pid('attr'):attribute_id>"
CATEGORY = "/categories/<pid('cat'):category_id>"


def _shown(kind: str, thing: Attribute | Category, locale: str | None = None) -> dict[str, Any]:
    return documents.document(
        thing, kind=kind, caller=current_caller(), locales=locales_of(locale) if locale else ()
    )


@blueprint.route("/units")
@blueprint.response(200, UnitsSchema)
@requires("catalog.read")
def show_units() -> dict[str, Any]:
    """Show the units of measure and packages that may be named."""
    return {"items": [{"code": code, "name": name} for code, name in UNITS.items()]}


@blueprint.route("/attributes")
@blueprint.arguments(AttributeQuery, location="query")
@blueprint.response(200, page_schema(AttributeSchema))
@requires("catalog.read")
def list_attributes(query: dict[str, Any]) -> dict[str, Any]:
    """List definitions of attributes, in the reader's language."""
    page = queries.list_attributes(
        db.session,
        caller=current_caller(),
        page=page_request(query),
        manufacturer_id=query["manufacturer_id"],
    )
    return page_body(
        documents.page_of_documents(
            page,
            kind="attribute",
            caller=current_caller(),
            locales=locales_of(query["locale"]),
        )
    )


@blueprint.route("/attributes", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(AttributeFacts)
@blueprint.response(201, AttributeSchema)
@requires("catalog.write")
def create_attribute(payload: dict[str, Any]) -> dict[str, Any]:
    """Define an attribute: what its values are, in which unit, of which options."""
    made = operations.create_attribute(db.session, caller=current_caller(), facts=payload)
    return _shown("attribute", made)


@blueprint.route(ATTRIBUTE)
@with_etag
@blueprint.arguments(ReadingQuery, location="query")
@blueprint.response(200, AttributeSchema)
@requires("catalog.read")
def show_attribute(query: dict[str, Any], attribute_id: uuid.UUID) -> dict[str, Any]:
    """Show an attribute's definition."""
    found = queries.get_attribute(db.session, caller=current_caller(), attribute_id=attribute_id)
    return _localized("attribute", found, query)


@blueprint.route(ATTRIBUTE, methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(AttributeChanges)
@blueprint.response(200, AttributeSchema)
@requires("catalog.write")
def change_attribute(payload: dict[str, Any], attribute_id: uuid.UUID) -> dict[str, Any]:
    """Change an attribute's definition; send If-Match."""
    changed = operations.update_attribute(
        db.session,
        caller=current_caller(),
        attribute_id=attribute_id,
        expected_version=expected_version(),
        changes=payload,
    )
    return _shown("attribute", changed)


@blueprint.route("/categories")
@blueprint.arguments(CategoryQuery, location="query")
@blueprint.response(200, page_schema(CategorySchema))
@requires("catalog.read")
def list_categories(query: dict[str, Any]) -> dict[str, Any]:
    """List categories, all or those within one, in the reader's language."""
    page = queries.list_categories(
        db.session,
        caller=current_caller(),
        page=page_request(query),
        within_id=query["within_id"],
    )
    return page_body(
        documents.page_of_documents(
            page, kind="category", caller=current_caller(), locales=locales_of(query["locale"])
        )
    )


@blueprint.route("/categories", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(CategoryFacts)
@blueprint.response(201, CategorySchema)
@requires("catalog.write")
def create_category(payload: dict[str, Any]) -> dict[str, Any]:
    """Add a category to the caller's tree; the next publication makes it live."""
    made = operations.create_category(db.session, caller=current_caller(), facts=payload)
    return _shown("category", made)


@blueprint.route(CATEGORY)
@with_etag
@blueprint.arguments(ReadingQuery, location="query")
@blueprint.response(200, CategorySchema)
@requires("catalog.read")
def show_category(query: dict[str, Any], category_id: uuid.UUID) -> dict[str, Any]:
    """Show a category."""
    found = queries.get_category(db.session, caller=current_caller(), category_id=category_id)
    return _localized("category", found, query)


@blueprint.route(CATEGORY, methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(CategoryChanges)
@blueprint.response(200, CategorySchema)
@requires("catalog.write")
def change_category(payload: dict[str, Any], category_id: uuid.UUID) -> dict[str, Any]:
    """Rename or move a category with all below it; send If-Match."""
    changed = operations.update_category(
        db.session,
        caller=current_caller(),
        category_id=category_id,
        expected_version=expected_version(),
        changes=payload,
    )
    return _shown("category", changed)


def _localized(kind: str, thing: Attribute | Category, query: dict[str, Any]) -> dict[str, Any]:
    return documents.as_of(
        db.session,
        caller=current_caller(),
        kind=kind,
        thing=thing,
        publication_id=query["publication"],
        instant=query["as_of"],
        locales=locales_of(query["locale"]),
    )
