"""Collected changes, what they mean for whom, and publications."""

import uuid
from collections.abc import Sequence
from typing import Any

from app.catalog import operations, queries
from app.catalog.models import Publication
from app.catalog.queries import Change
from app.catalog.routes.blueprint import blueprint
from app.catalog.schemas import (
    ChangeSchema,
    DiscardedSchema,
    DiscardQuery,
    ImpactSchema,
    PublicationFacts,
    PublicationQuery,
    PublicationSchema,
)
from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.web import now
from app.kernel.paging import Page

PUBLICATION = "/catalog/publications/<pid('pub'):publication_id>"


def _bodies(page: Page[Change]) -> dict[str, Any]:
    items: Sequence[Any] = page.items
    return page_body(Page(items, page.next_cursor))


@blueprint.route("/catalog/changes")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(ChangeSchema))
@requires("catalog.write")
def list_changes(query: dict[str, Any]) -> dict[str, Any]:
    """List what the caller collected: each field's old and new value, and what is wrong."""
    return _bodies(
        queries.list_changes(db.session, caller=current_caller(), page=page_request(query))
    )


@blueprint.route("/catalog/changes", methods=["DELETE"])
@writes
@blueprint.arguments(DiscardQuery, location="query")
@blueprint.response(200, DiscardedSchema)
@requires("catalog.write")
def discard_changes(query: dict[str, Any]) -> dict[str, int]:
    """Discard all that the caller collected, or what it collected for one thing."""
    caller = current_caller()
    if query["id"] is None:
        return {"discarded": operations.discard_changes(db.session, caller=caller)}
    kind, subject_id = query["id"]
    count = operations.discard_change(db.session, caller=caller, kind=kind, subject_id=subject_id)
    return {"discarded": count}


@blueprint.route("/catalog/changes/impact")
@blueprint.response(200, ImpactSchema)
@requires("catalog.write")
def show_impact() -> queries.Impact:
    """Tell for which sellers and storefronts the collected changes change what."""
    return queries.impact_of_changes(db.session, caller=current_caller())


@blueprint.route("/catalog/publications")
@blueprint.arguments(PublicationQuery, location="query")
@blueprint.response(200, page_schema(PublicationSchema))
@requires("catalog.read")
def list_publications(query: dict[str, Any]) -> dict[str, Any]:
    """List publications of the catalogs that the caller may read, the oldest first."""
    page = queries.list_publications(
        db.session,
        caller=current_caller(),
        page=page_request(query),
        manufacturer_id=query["manufacturer_id"],
    )
    return page_body(page)


@blueprint.route("/catalog/publications", methods=["POST"])
@writes
@blueprint.arguments(PublicationFacts)
@blueprint.response(201, PublicationSchema)
@requires("catalog.publish")
def publish(payload: dict[str, Any]) -> Publication:
    """Publish all that the caller collected, or refuse with what is wrong and where."""
    return operations.publish(db.session, caller=current_caller(), note=payload["note"], now=now())


@blueprint.route(PUBLICATION)
@blueprint.response(200, PublicationSchema)
@requires("catalog.read")
def show_publication(publication_id: uuid.UUID) -> Publication:
    """Show a publication."""
    return queries.get_publication(
        db.session, caller=current_caller(), publication_id=publication_id
    )


@blueprint.route(f"{PUBLICATION}/changes")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(ChangeSchema))
@requires("catalog.read")
def list_published_changes(query: dict[str, Any], publication_id: uuid.UUID) -> dict[str, Any]:
    """List what a publication changed: each field's old and new value."""
    found = queries.get_publication(
        db.session, caller=current_caller(), publication_id=publication_id
    )
    page = queries.list_published_changes(
        db.session,
        manufacturer_id=found.manufacturer_id,
        number=found.number,
        page=page_request(query),
    )
    return _bodies(page)


@blueprint.route(f"{PUBLICATION}/rollback", methods=["POST"])
@writes
@blueprint.arguments(PublicationFacts)
@blueprint.response(201, PublicationSchema)
@requires("catalog.publish")
def roll_back(payload: dict[str, Any], publication_id: uuid.UUID) -> Publication:
    """Make the catalog again what it was then, as a new version."""
    return operations.roll_back(
        db.session,
        caller=current_caller(),
        publication_id=publication_id,
        note=payload["note"],
        now=now(),
    )
