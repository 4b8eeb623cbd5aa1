"""What a manufacturer published: versions, what each changed, and the way back."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.catalog import operations as catalog_operations
from app.catalog import queries as catalog_queries
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.ids import public_id
from app.web.blueprint import blueprint, id_in_url, me, page_asked
from app.web.pages.catalog.shared import lines_of, makers

_MOST = 200


@blueprint.get("/catalog/publications")
@makers("catalog.read")
def catalog_publications() -> ResponseReturnValue:
    """All versions of the caller's catalog, the newest first."""
    found = catalog_queries.latest_publications(
        db.session, manufacturer_id=me().organization_id, limit=_MOST
    )
    return render_template(
        "catalog/publications.html",
        publications=found,
        may_publish=me().may("catalog.publish"),
    )


@blueprint.get("/catalog/publications/<text>")
@makers("catalog.read")
def catalog_publication(text: str) -> ResponseReturnValue:
    """What one version changed."""
    found = _publication(text)
    page = catalog_queries.list_published_changes(
        db.session,
        manufacturer_id=found.manufacturer_id,
        number=found.number,
        page=page_asked(),
    )
    return render_template(
        "catalog/publication.html",
        publication=found,
        page=page,
        lines={each.id: lines_of(each) for each in page.items},
    )


@blueprint.get("/catalog/publications/<text>/rollback")
@makers("catalog.publish")
def catalog_rollback(text: str) -> ResponseReturnValue:
    """Ask whether it is meant."""
    found = _publication(text)
    later = [
        each
        for each in catalog_queries.latest_publications(
            db.session, manufacturer_id=found.manufacturer_id, limit=_MOST
        )
        if each.number > found.number
    ]
    return render_template("catalog/rollback.html", publication=found, later=later)


@blueprint.post("/catalog/publications/<text>/rollback")
@makers("catalog.publish")
def catalog_roll_back(text: str) -> ResponseReturnValue:
    """Go back to it."""
    note = request.form.get("note", "").strip()[:500]
    with transaction(db.session) as session:
        made = catalog_operations.roll_back(
            session,
            caller=me(),
            publication_id=id_in_url("pub", text),
            note=note,
            now=now(),
        )
        made_id = made.id
    return redirect(url_for("web.catalog_publication", text=public_id("pub", made_id)))


def _publication(text: str) -> catalog_queries.Publication:
    publication_id = id_in_url("pub", text)
    return catalog_queries.get_publication(db.session, caller=me(), publication_id=publication_id)
