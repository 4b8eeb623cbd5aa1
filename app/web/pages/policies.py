"""Routing policies: every version, a form with what each part means, and a draft on past orders."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.infra.db import db
from app.infra.http import status_of
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.errors import AppError, Malformed
from app.kernel.ids import public_id
from app.kernel.paging import PageRequest
from app.routing import operations, queries
from app.routing.documents import policy_body
from app.routing.operations.policies import scope_of
from app.routing.rules.policies import SCOPES, PolicyScope
from app.routing.rules.reading import whole
from app.routing.schemas import DocumentSchema
from app.routing.schemas.policies import shown_document
from app.storefronts import queries as storefront_queries
from app.web.blueprint import PAGE, blueprint, id_in_url, me, page_asked, signed_in
from app.web.pages.policy_faults import faults_of
from app.web.pages.policy_form import GROUPS, read_form, shown_form
from app.web.pages.policy_words import (
    FormUnread,
    InstantUnread,
    Words,
    fault_told,
    headline,
    language_of,
    words_asked,
)

_PREFIXES = {"storefront": "shop", "manufacturer": "org", "category": "cat", "buyer": "org"}
_PREVIEWED = 20


@blueprint.get("/policies")
@signed_in
def policies() -> ResponseReturnValue:
    """Every version that concerns the caller."""
    me().require("routing.read")
    page = queries.list_policies(db.session, caller=me(), page=page_asked())
    bodies = [policy_body(policy, now=now()) for policy in page.items]
    return render_template(
        "policies/list.html",
        page=page,
        bodies=bodies,
        names=_names(bodies),
        shops=_own_shops(),
        may_edit=me().may("routing.write"),
        is_operator=me().is_operator,
        **language_of(words_asked()),
    )


@blueprint.get("/policies/new")
@signed_in
def new_policy() -> ResponseReturnValue:
    """A form for a new version: empty, or with what another version says."""
    me().require("routing.write")
    if "from" in request.args:
        found = _found(request.args["from"])
        return _form(None, scope_of(found), {"document": found.document})
    return _form(None, _scope(request.args), {"document": {}})


@blueprint.post("/policies/new")
@signed_in
def create_policy() -> ResponseReturnValue:
    """Look at a new version, or keep it as a draft."""
    me().require("routing.write")
    return _answered(None, _scope(request.form))


@blueprint.get("/policies/<text>")
@signed_in
def policy(text: str) -> ResponseReturnValue:
    """One version."""
    me().require("routing.read")
    found = _found(text)
    return _form(found, scope_of(found), {"document": found.document, "note": found.note})


@blueprint.post("/policies/<text>")
@signed_in
def change_policy(text: str) -> ResponseReturnValue:
    """Look at a draft, keep it, let it decide; go back to a version, or end it."""
    me().require("routing.write")
    found = _found(text)
    return _answered(found, scope_of(found))


def _found(text: str) -> Any:  # noqa: ANN401 - a policy
    return queries.get_policy(db.session, caller=me(), policy_id=id_in_url("policy", text))


def _scope(said: Mapping[str, str]) -> PolicyScope:
    named = {kind: said[kind] for kind in _PREFIXES if said.get(kind)}
    return PolicyScope(
        **{f"{kind}_id": id_in_url(_PREFIXES[kind], text) for kind, text in named.items()}
    )


def _answered(found: Any, scope: PolicyScope) -> ResponseReturnValue:  # noqa: ANN401 - a policy, or none
    mode = request.form.get("act", "look")
    said: dict[str, Any] = {"note": request.form.get("note", "").strip()[:500]}
    try:
        if mode == "delete":
            return _deleted(found)
        if mode in {"rollback", "retire"}:
            return redirect(url_for("web.policy", text=_moved(found, mode)))
        said["form"] = dict(request.form)
        document = _document(read_form(request.form))
        said["document"] = document
        if mode in {"keep", "activate"}:
            kept = _kept(found, scope, document, said["note"], mode)
            return redirect(url_for("web.policy", text=kept))
        said["look"] = operations.preview_policy(
            db.session, caller=me(), scope=scope, document=document, count=_PREVIEWED, now=now()
        )
    except AppError as error:
        faults = error.details.get("errors", ())
        return _form(found, scope, said | {"error": error, "faults": faults}), status_of(error)
    return _form(found, scope, said)


def _document(said: Mapping[str, Any]) -> dict[str, Any]:
    try:
        read: dict[str, Any] = DocumentSchema().load(said)
    except ma.ValidationError as error:
        raise FormUnread(errors=faults_of(error, DocumentSchema())) from error
    return read


def _kept(
    found: Any,  # noqa: ANN401 - a policy, or none
    scope: PolicyScope,
    document: dict[str, Any],
    note: str,
    mode: str,
) -> str:
    """Keep what the form says, and let it decide when that is asked; the version's id."""
    with transaction(db.session) as session:
        if found is None:
            kept = operations.draft_policy(
                session, caller=me(), scope=scope, document=document, note=note, now=now()
            )
        else:
            kept = operations.edit_policy(
                session, caller=me(), policy_id=found.id, expected_version=_version(),
                document=document, note=note, now=now(),
            )  # fmt: skip
        if mode == "activate":
            operations.activate_policy(
                session, caller=me(), policy_id=kept.id, expected_version=kept.version, at=_at(),
                now=now(),
            )  # fmt: skip
        return public_id("policy", kept.id)


def _moved(found: Any, mode: str) -> str:  # noqa: ANN401 - a policy
    if found is None:
        raise Malformed("There is no version yet")
    move = operations.roll_back_policy if mode == "rollback" else operations.retire_policy
    with transaction(db.session) as session:
        moved = move(session, caller=me(), policy_id=found.id, at=_at(), now=now())
        return public_id("policy", moved.id)


def _deleted(found: Any) -> ResponseReturnValue:  # noqa: ANN401 - a policy
    if found is None:
        raise Malformed("There is no version yet")
    with transaction(db.session) as session:
        operations.delete_policy(
            session, caller=me(), policy_id=found.id, expected_version=_version(), now=now()
        )
    return redirect(url_for("web.policies"))


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isdecimal() else 0


def _at() -> datetime:
    """The instant that the form names (UTC), or now."""
    text = request.form.get("at", "")
    if not text:
        return now()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise InstantUnread from error


def _form(found: Any, scope: PolicyScope, said: Mapping[str, Any]) -> str:  # noqa: ANN401 - a policy, or none
    words = words_asked()
    document = said.get("document", {} if found is None else found.document)
    body = policy_body(found, now=now()) if found is not None else None
    look = said.get("look")
    sellers = [*look.now.units_by_seller, *look.draft.units_by_seller] if look else []
    return render_template(
        "policies/form.html",
        body=body,
        scope=scope,
        scope_id=_scope_id(scope),
        subject=_subject(scope, words),
        **language_of(words),
        groups=GROUPS,
        values=said.get("form") or shown_form(shown_document(whole(document))),
        strategies=operations.strategy_names(),
        look=look,
        sellers=queries.names_of(db.session, list(dict.fromkeys(sellers))) if sellers else {},
        note=said.get("note", ""),
        error=headline(said["error"], words) if "error" in said else None,
        faults=[fault_told(each, words) for each in said.get("faults", ())],
        may_edit=me().may("routing.write") and (body is None or body["status"] == "draft"),
        may_move=me().may("routing.write"),
    )


def _scope_id(scope: PolicyScope) -> str:
    return public_id(_PREFIXES[scope.kind], scope.subject_id) if scope.subject_id else ""


def _subject(scope: PolicyScope, words: Words) -> str:
    """What a policy is for, in words."""
    kind = words[f"scope.{scope.kind}"]
    if scope.subject_id is None:
        return kind
    facts = {f"{kind}_id": getattr(scope, f"{kind}_id") for kind in SCOPES[:-1]}
    name = _names([facts]).get(scope.subject_id, _scope_id(scope))
    return f"{kind} {name}"


def _names(bodies: list[dict[str, Any]]) -> dict[uuid.UUID, str]:
    ids = {body[f"{kind}_id"] for body in bodies for kind in SCOPES[:-1]} - {None}
    return queries.names_of_subjects(db.session, ids=list(ids)) if ids else {}


def _own_shops() -> list[Any]:
    page = PageRequest(limit=PAGE)
    shops = storefront_queries.list_storefronts(db.session, caller=me(), page=page).items
    return [shop for shop in shops if me().is_operator or shop.owner_id == me().organization_id]
