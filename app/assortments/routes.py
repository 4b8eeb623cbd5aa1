"""Assortments: rules and lists of variants, for agreements, storefronts and trading accounts."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from app.assortments import operations, queries
from app.assortments.models import Assortment
from app.assortments.rules import Lists
from app.assortments.schemas import (
    AssortmentChangesSchema,
    AssortmentCountSchema,
    AssortmentItemChangesSchema,
    AssortmentItemSchema,
    AssortmentPreviewSchema,
    AssortmentSchema,
    AssortmentSelectionSchema,
    NewAssortmentSchema,
    SelectedVariantSchema,
)
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
from app.kernel.paging import Page

blueprint = Blueprint("assortments", __name__, description="Named selections of variants")
ASSORTMENT = "/assortments/<pid('asmt'):assortment_id>"
_FIELDS = ("id", "owner_id", "name", "description", "created_at", "changed_at", "version")


def _bodies(assortments: Sequence[Assortment]) -> list[dict[str, Any]]:
    ids = [each.id for each in assortments]
    rules = queries.rules_of(db.session, assortment_ids=ids)
    listed = queries.listed_of(db.session, assortment_ids=ids)
    bodies = []
    for each in assortments:
        included, excluded = listed.get(each.id, (0, 0))
        facts = {name: getattr(each, name) for name in _FIELDS}
        extra = {"rules": rules[each.id], "included": included, "excluded": excluded}
        bodies.append(facts | extra)
    return bodies


def _seen(assortment_id: uuid.UUID) -> Assortment:
    return queries.get_assortment(db.session, caller=current_caller(), assortment_id=assortment_id)


def _lists_of(payload: dict[str, Any]) -> Lists:
    return Lists(include_ids=payload.pop("include_ids"), exclude_ids=payload.pop("exclude_ids"))


@blueprint.route("/assortments")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(AssortmentSchema))
@requires("assortments.read")
def list_assortments(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's assortments."""
    page = queries.list_assortments(db.session, caller=current_caller(), page=page_request(query))
    return page_body(Page(_bodies(page.items), page.next_cursor))


@blueprint.route("/assortments", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(NewAssortmentSchema)
@blueprint.response(201, AssortmentSchema)
@requires("assortments.write")
def create_assortment(payload: dict[str, Any]) -> dict[str, Any]:
    """Make an assortment of the caller's organization."""
    lists = _lists_of(payload)
    made = operations.create_assortment(
        db.session, caller=current_caller(), lists=lists, now=now(), **payload
    )
    return _bodies([made])[0]


@blueprint.route("/assortments/preview", methods=["POST"])
@blueprint.arguments(AssortmentSelectionSchema)
@blueprint.response(200, AssortmentPreviewSchema)
@requires("assortments.read")
def preview_assortment(payload: dict[str, Any]) -> queries.Preview:
    """Say what such an assortment would select: how many variants, and the first 50."""
    lists = _lists_of(payload)
    return operations.preview(
        db.session, caller=current_caller(), rules=payload["rules"], lists=lists, now=now()
    )


@blueprint.route(ASSORTMENT)
@with_etag
@blueprint.response(200, AssortmentSchema)
@requires("assortments.read")
def show_assortment(assortment_id: uuid.UUID) -> dict[str, Any]:
    """Show an assortment with its rules."""
    return _bodies([_seen(assortment_id)])[0]


@blueprint.route(ASSORTMENT, methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(AssortmentChangesSchema)
@blueprint.response(200, AssortmentSchema)
@requires("assortments.write")
def change_assortment(payload: dict[str, Any], assortment_id: uuid.UUID) -> dict[str, Any]:
    """Change an assortment; rules are given whole. Send If-Match."""
    changed = operations.update_assortment(
        db.session,
        caller=current_caller(),
        assortment_id=assortment_id,
        expected_version=expected_version(),
        changes=payload,
        now=now(),
    )
    return _bodies([changed])[0]


@blueprint.route(ASSORTMENT, methods=["DELETE"])
@writes
@blueprint.response(204)
@requires("assortments.write")
def delete_assortment(assortment_id: uuid.UUID) -> None:
    """Forget an assortment that nothing uses."""
    operations.delete_assortment(
        db.session, caller=current_caller(), assortment_id=assortment_id, now=now()
    )


@blueprint.route(f"{ASSORTMENT}/items")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(AssortmentItemSchema))
@requires("assortments.read")
def list_assortment_items(query: dict[str, Any], assortment_id: uuid.UUID) -> dict[str, Any]:
    """List the variants that an assortment includes or excludes by name."""
    found = _seen(assortment_id)
    page = queries.list_items(db.session, assortment_id=found.id, page=page_request(query))
    return page_body(page)


@blueprint.route(f"{ASSORTMENT}/items", methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(AssortmentItemChangesSchema)
@blueprint.response(200, AssortmentSchema)
@requires("assortments.write")
def change_assortment_items(payload: Lists, assortment_id: uuid.UUID) -> dict[str, Any]:
    """Include, exclude or forget variants by name, up to 100,000. Send If-Match."""
    changed = operations.edit_items(
        db.session,
        caller=current_caller(),
        assortment_id=assortment_id,
        expected_version=expected_version(),
        lists=payload,
        now=now(),
    )
    return _bodies([changed])[0]


@blueprint.route(f"{ASSORTMENT}/variants")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(SelectedVariantSchema))
@requires("assortments.read")
def list_assortment_variants(query: dict[str, Any], assortment_id: uuid.UUID) -> dict[str, Any]:
    """List what an assortment selects now, as far as the caller may know of it."""
    page = queries.list_members(
        db.session,
        caller=current_caller(),
        assortment_id=_seen(assortment_id).id,
        page=page_request(query),
    )
    return page_body(page)


@blueprint.route(f"{ASSORTMENT}/count")
@blueprint.response(200, AssortmentCountSchema)
@requires("assortments.read")
def count_assortment(assortment_id: uuid.UUID) -> dict[str, int]:
    """Say how many variants an assortment selects now."""
    found = _seen(assortment_id)
    count = queries.count_members(db.session, caller=current_caller(), assortment_id=found.id)
    return {"count": count}
