"""Price lists, their entries, and to whom they apply."""

import uuid
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import (
    PageQuery,
    expected_version,
    page_body,
    page_request,
    page_schema,
    with_etag,
)
from app.infra.idempotency import writes
from app.infra.web import now
from app.pricing import operations, queries
from app.pricing.models import PriceAssignment, PriceList
from app.pricing.routes.blueprint import blueprint
from app.pricing.schemas import (
    PriceAssignmentFacts,
    PriceAssignmentSchema,
    PriceEntriesSchema,
    PriceEntriesWrittenSchema,
    PriceEntryQuery,
    PriceEntrySchema,
    PriceListChanges,
    PriceListFacts,
    PriceListQuery,
    PriceListSchema,
)


@blueprint.route("/price-lists")
@blueprint.arguments(PriceListQuery, location="query")
@blueprint.response(200, page_schema(PriceListSchema))
@requires("prices.read")
def list_price_lists(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's price lists, and those that its agreements name."""
    page = queries.list_price_lists(
        db.session, caller=current_caller(), page=page_request(query), purpose=query["purpose"]
    )
    return page_body(page)


@blueprint.route("/price-lists", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(PriceListFacts)
@blueprint.response(201, PriceListSchema)
@requires("prices.write")
def create_price_list(payload: dict[str, Any]) -> PriceList:
    """Open a price list."""
    return operations.create_price_list(
        db.session, caller=current_caller(), facts=payload, now=now()
    )


@blueprint.route("/price-lists/<pid('plist'):price_list_id>")
@with_etag
@blueprint.response(200, PriceListSchema)
@requires("prices.read")
def show_price_list(price_list_id: uuid.UUID) -> PriceList:
    """Show a price list."""
    return queries.get_price_list(db.session, caller=current_caller(), price_list_id=price_list_id)


@blueprint.route("/price-lists/<pid('plist'):price_list_id>", methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(PriceListChanges)
@blueprint.response(200, PriceListSchema)
@requires("prices.write")
def change_price_list(payload: dict[str, Any], price_list_id: uuid.UUID) -> PriceList:
    """Change a price list's name, validity, breaks or corridor; send If-Match."""
    return operations.update_price_list(
        db.session,
        caller=current_caller(),
        price_list_id=price_list_id,
        expected_version=expected_version(),
        changes=payload,
        now=now(),
    )


@blueprint.route("/price-lists/<pid('plist'):price_list_id>/entries")
@blueprint.arguments(PriceEntryQuery, location="query")
@blueprint.response(200, page_schema(PriceEntrySchema))
@requires("prices.read")
def list_entries(query: dict[str, Any], price_list_id: uuid.UUID) -> dict[str, Any]:
    """List the entries of a price list, the cheapest unit price first."""
    page = queries.list_entries(
        db.session,
        caller=current_caller(),
        price_list_id=price_list_id,
        page=queries.entry_page(query["cursor"], query["limit"]),
        variant_id=query["variant_id"],
    )
    return page_body(page)


@blueprint.route("/price-lists/<pid('plist'):price_list_id>/entries", methods=["PUT"])
@writes
@blueprint.arguments(PriceEntriesSchema)
@blueprint.response(200, PriceEntriesWrittenSchema)
@requires("prices.write")
def put_entries(payload: dict[str, Any], price_list_id: uuid.UUID) -> dict[str, int]:
    """Put up to 1,000 entries on a price list, all or none; what is put again is replaced."""
    written = operations.put_entries(
        db.session,
        caller=current_caller(),
        price_list_id=price_list_id,
        entries=payload["entries"],
        now=now(),
    )
    return {"written": written}


@blueprint.route("/price-lists/<pid('plist'):price_list_id>/assignments")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(PriceAssignmentSchema))
@requires("prices.read")
def list_assignments(query: dict[str, Any], price_list_id: uuid.UUID) -> dict[str, Any]:
    """List to whom a price list applies."""
    page = queries.list_assignments(
        db.session,
        caller=current_caller(),
        price_list_id=price_list_id,
        page=page_request(query),
    )
    return page_body(page)


@blueprint.route("/price-lists/<pid('plist'):price_list_id>/assignments", methods=["POST"])
@writes
@blueprint.arguments(PriceAssignmentFacts)
@blueprint.response(201, PriceAssignmentSchema)
@requires("prices.write")
def create_assignment(payload: dict[str, Any], price_list_id: uuid.UUID) -> PriceAssignment:
    """Say to whom a sale list applies."""
    return operations.create_assignment(
        db.session,
        caller=current_caller(),
        price_list_id=price_list_id,
        facts=payload,
        now=now(),
    )


@blueprint.route("/price-assignments/<pid('passign'):assignment_id>", methods=["DELETE"])
@writes
@blueprint.response(204)
@requires("prices.write")
def delete_assignment(assignment_id: uuid.UUID) -> None:
    """End an assignment."""
    operations.delete_assignment(
        db.session, caller=current_caller(), assignment_id=assignment_id, now=now()
    )
