"""Assortments: rules row by row, variants by SKU, and what both select, before it is kept."""

import uuid
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.assortments import operations as assortments_operations
from app.assortments import queries as assortments_queries
from app.assortments.rules import STATUSES, Lists, RuleDraft
from app.catalog import queries as catalog_queries
from app.infra.db import db
from app.infra.http import status_of
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.errors import AppError, Malformed
from app.kernel.ids import public_id
from app.routing import queries as routing_queries
from app.web.blueprint import blueprint, id_in_url, me, page_asked, signed_in


@blueprint.get("/assortments")
@signed_in
def assortments() -> ResponseReturnValue:
    """The caller's assortments."""
    me().require("assortments.read")
    page = assortments_queries.list_assortments(db.session, caller=me(), page=page_asked())
    ids = [each.id for each in page.items]
    return render_template(
        "assortments/list.html",
        page=page,
        rules=assortments_queries.rules_of(db.session, assortment_ids=ids),
        listed=assortments_queries.listed_of(db.session, assortment_ids=ids),
        may_edit=me().may("assortments.write"),
    )


@blueprint.get("/assortments/new")
@signed_in
def new_assortment() -> ResponseReturnValue:
    """An empty form."""
    me().require("assortments.write")
    return _form(None, {"name": "", "rules": [RuleDraft()]})


@blueprint.get("/assortments/<text>")
@signed_in
def assortment(text: str) -> ResponseReturnValue:
    """One assortment, and what it selects now."""
    me().require("assortments.read")
    found = _found(text)
    rules = assortments_queries.rules_of(db.session, assortment_ids=[found.id])[found.id]
    look = assortments_operations.look(db.session, caller=me(), assortment_id=found.id)
    said = {"name": found.name, "description": found.description, "rules": [*rules, RuleDraft()]}
    return _form(found, said | {"look": look})


@blueprint.post("/assortments/new")
@signed_in
def create_assortment() -> ResponseReturnValue:
    """Look at a new assortment, or keep it."""
    return _answered(None)


@blueprint.post("/assortments/<text>")
@signed_in
def change_assortment(text: str) -> ResponseReturnValue:
    """Look at a changed assortment, or keep it."""
    return _answered(_found(text))


def _found(text: str) -> Any:  # noqa: ANN401 - an assortment
    return assortments_queries.get_assortment(
        db.session, caller=me(), assortment_id=id_in_url("asmt", text)
    )


def _answered(found: Any) -> ResponseReturnValue:  # noqa: ANN401 - an assortment, or none
    me().require("assortments.write")
    said: dict[str, Any] = {
        "name": request.form.get("name", "").strip()[:200],
        "description": request.form.get("description", "").strip()[:2000],
        "rules": [],
        "include": request.form.get("include", ""),
        "exclude": request.form.get("exclude", ""),
    }
    try:
        said["rules"] = _rules(request.form)
        lists = _lists(said)
        if request.form.get("mode") == "keep":
            return redirect(url_for("web.assortment", text=_kept(found, said, lists)))
        said["look"] = assortments_operations.preview(
            db.session, caller=me(), rules=said["rules"], lists=lists, now=now()
        )
    except AppError as error:
        return _form(found, said | {"error": error.detail}), status_of(error)
    return _form(found, said)


def _kept(found: Any, said: Mapping[str, Any], lists: Lists) -> str:  # noqa: ANN401 - an assortment, or none
    """Keep what the form says; the id of the assortment."""
    if not said["name"]:
        raise Malformed("Give it a name")
    facts = {name: said[name] for name in ("name", "description", "rules")}
    with transaction(db.session) as session:
        if found is None:
            made = assortments_operations.create_assortment(
                session, caller=me(), lists=lists, now=now(), **facts
            )
            return public_id("asmt", made.id)
        version = int(request.form.get("version", "0") or 0)
        changed = assortments_operations.update_assortment(
            session, caller=me(), assortment_id=found.id, expected_version=version,
            changes=facts, now=now(),
        )  # fmt: skip
        if lists.include_ids or lists.exclude_ids:
            assortments_operations.edit_items(
                session, caller=me(), assortment_id=found.id, expected_version=changed.version,
                lists=lists, now=now(),
            )  # fmt: skip
        return public_id("asmt", found.id)


def _rules(said: Any) -> list[RuleDraft]:  # noqa: ANN401 - a form's values
    """The rows that say something, or that are meant to hold of everything."""
    rules: list[RuleDraft] = []
    for number in count():
        if f"rule-{number}" not in said:
            return rules
        rule = RuleDraft(
            manufacturer_ids=[
                id_in_url("org", each) for each in said.getlist(f"rule-{number}-manufacturer")
            ],
            category_ids=[
                id_in_url("cat", each) for each in said.getlist(f"rule-{number}-category")
            ],
            brands=_parts(said.get(f"rule-{number}-brands", ""), ","),
            attributes=_attributes(said.get(f"rule-{number}-attributes", "")),
            statuses=[each for each in said.getlist(f"rule-{number}-status") if each in STATUSES],
        )
        if rule != RuleDraft() or said.get(f"rule-{number}-all"):
            rules.append(rule)
    return rules


def _parts(text: str, by: str) -> list[str]:
    return [part.strip() for part in text.split(by) if part.strip()]


def _attributes(text: str) -> dict[str, list[Any]]:
    """Lines such as ``color = red, blue``; numbers, yes and no are what they look like."""
    found = {}
    for line in _parts(text, "\n"):
        name, separator, values = line.partition("=")
        if not separator or not name.strip() or not _parts(values, ","):
            raise Malformed(f"Write attributes as name = value, value; not {line}")
        found[name.strip()] = [_value(each) for each in _parts(values, ",")]
    return found


def _value(text: str) -> str | int | bool:
    if text in {"yes", "no"}:
        return text == "yes"
    return int(text) if text.removeprefix("-").isdecimal() else text


def _lists(said: Mapping[str, str]) -> Lists:
    """Variants by SKU, one a line."""
    wanted = {name: _parts(said[name], "\n") for name in ("include", "exclude")}
    known = assortments_queries.variants_by_sku(
        db.session, caller=me(), skus=[*wanted["include"], *wanted["exclude"]]
    )
    unknown = [sku for skus in wanted.values() for sku in skus if sku not in known]
    if unknown:
        raise Malformed(f"No variant that you know of has the SKU {', '.join(unknown[:5])}")
    ids = {name: list(dict.fromkeys(known[sku] for sku in skus)) for name, skus in wanted.items()}
    return Lists(include_ids=ids["include"], exclude_ids=ids["exclude"])


def _form(found: Any, said: Mapping[str, Any]) -> str:  # noqa: ANN401 - an assortment, or none
    makers = sorted(catalog_queries.known_manufacturers(db.session, caller=me()))
    return render_template(
        "assortments/form.html",
        found=found,
        listed=_listed(found),
        makers=routing_queries.names_of(db.session, makers),
        trees=_trees(makers),
        statuses=STATUSES,
        may_edit=me().may("assortments.write")
        and (found is None or found.owner_id == me().organization_id),
        **{"look": None, "error": None, "description": "", "include": "", "exclude": "", **said},
    )


def _listed(found: Any) -> tuple[int, int]:  # noqa: ANN401 - an assortment, or none
    if found is None:
        return 0, 0
    counted = assortments_queries.listed_of(db.session, assortment_ids=[found.id])
    return counted.get(found.id, (0, 0))


def _trees(makers: Sequence[uuid.UUID]) -> dict[uuid.UUID, Any]:
    return {each: catalog_queries.tree_of(db.session, manufacturer_id=each) for each in makers[:20]}
