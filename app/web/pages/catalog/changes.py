"""What a manufacturer collected: the difference, what it means for whom, and publishing it."""

import uuid

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.catalog import operations as catalog_operations
from app.catalog import queries as catalog_queries
from app.catalog.errors import ChangesInvalid
from app.catalog.rules import inside_id, outside_id
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.errors import NotFound
from app.kernel.ids import public_id
from app.web.blueprint import blueprint, me, page_asked
from app.web.pages.catalog.shared import lines_of, makers


@blueprint.get("/catalog/changes")
@makers("catalog.write")
def catalog_changes() -> ResponseReturnValue:
    """The difference between what is live and what is collected."""
    return _shown(None), 200


@blueprint.post("/catalog/changes/publish")
@makers("catalog.publish")
def catalog_publish() -> ResponseReturnValue:
    """Make it live."""
    note = request.form.get("note", "").strip()[:500]
    try:
        with transaction(db.session) as session:
            publication = catalog_operations.publish(session, caller=me(), note=note, now=now())
            published_id = publication.id
    except ChangesInvalid as error:
        return _shown(error), 422
    return redirect(url_for("web.catalog_publication", text=public_id("pub", published_id)))


@blueprint.post("/catalog/changes/discard")
@makers("catalog.write")
def catalog_discard() -> ResponseReturnValue:
    """Forget one change, or all."""
    chosen = request.form.get("id", "")
    with transaction(db.session) as session:
        if chosen:
            kind, subject_id = _subject(chosen)
            catalog_operations.discard_change(
                session, caller=me(), kind=kind, subject_id=subject_id
            )
        else:
            catalog_operations.discard_changes(session, caller=me())
    return redirect(url_for("web.catalog_changes"))


def _subject(text: str) -> tuple[str, uuid.UUID]:
    try:
        return inside_id(text)
    except ValueError as error:
        raise NotFound from error


def _shown(error: ChangesInvalid | None) -> str:
    page = catalog_queries.list_changes(db.session, caller=me(), page=page_asked())
    counts = catalog_queries.count_changes(db.session, manufacturer_id=me().organization_id)
    return render_template(
        "catalog/changes.html",
        page=page,
        total=sum(counts.values()),
        lines={each.id: lines_of(each) for each in page.items},
        impact=catalog_queries.impact_of_changes(db.session, caller=me()),
        error=error,
        may_publish=me().may("catalog.publish"),
        outside_id=outside_id,
    )
