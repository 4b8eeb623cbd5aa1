"""In which language a person reads, and in which its organization is told things."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app.identity import operations as identity_operations
from app.identity import queries as identity_queries
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.network import operations as network_operations
from app.network import queries as network_queries
from app.web.blueprint import blueprint, me, signed_in
from app.web.languages import language_asked
from app.web.settings_texts import TEXTS
from app.web.texts import LANGUAGES


@blueprint.get("/settings")
@signed_in
def settings() -> ResponseReturnValue:
    """Both languages."""
    locale = language_asked(tuple(LANGUAGES))
    return render_template(
        "settings.html",
        person=identity_queries.find_person_by_id(db.session, person_id=me().actor_id),
        may_edit=me().may("organizations.write"),
        t=TEXTS[locale],
        locale=locale,
        languages=LANGUAGES,
    )


@blueprint.post("/settings/language")
@signed_in
def set_own_language() -> ResponseReturnValue:
    """The reader's own."""
    with transaction(db.session) as unit:
        identity_operations.set_language(unit, caller=me(), language=_said())
    return _done()


@blueprint.post("/settings/organization")
@signed_in
def set_organization_language() -> ResponseReturnValue:
    """Its organization's."""
    me().require("organizations.write")
    own = me().organization_id
    with transaction(db.session) as unit:
        found = network_queries.get_organization(unit, organization_id=own)
        network_operations.edit_organization(
            unit,
            caller=me(),
            organization_id=own,
            version=found.version,
            changes={"language": _said()},
            now=now(),
        )
    return _done()


def _said() -> str | None:
    text = request.form.get("language", "")
    return text if text in LANGUAGES else None


def _done() -> ResponseReturnValue:
    """What was said last holds, not what was chosen on a page before."""
    session.pop("lang", None)
    return redirect(url_for("web.settings"))
