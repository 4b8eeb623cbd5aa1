"""A seller's offers: what can be sold, why the rest cannot, and many changed at once.

A bulk edit is tried first and shows what it would do; the same form, sent again, does it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.infra.db import db
from app.infra.http import status_of
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.errors import AppError, Malformed
from app.kernel.quantity import MAX_QUANTITY
from app.offers import operations as offers_operations
from app.offers import queries as offers_queries
from app.offers.operations import BulkEdit
from app.offers.rules import BACKORDERS, CONDITIONS, REASONS, STATUSES, OfferFilter
from app.web.blueprint import blueprint, id_in_url, me, page_asked, signed_in

_FILTERS = ("q", "status")


@blueprint.get("/offers")
@signed_in
def offers() -> ResponseReturnValue:
    """The caller's offers."""
    me().require("offers.read")
    return _shown({})


@blueprint.post("/offers")
@signed_in
def edit_offers() -> ResponseReturnValue:
    """Try a bulk edit, or do it."""
    me().require("offers.write")
    mode = "partial" if request.form.get("mode") == "partial" else "dry_run"
    try:
        done = _edited(mode)
    except AppError as error:
        return _shown({"error": error.detail, "said": request.form}), status_of(error)
    return _shown({"done": done, "mode": mode, "said": request.form})


def _edited(mode: str) -> BulkEdit:
    changes = _changes(request.form)
    with transaction(db.session) as session:
        return offers_operations.edit_many(
            session, caller=me(), wanted=_meant(), changes=changes, mode=mode, now=now()
        )


def _meant() -> OfferFilter:
    """The offers that are ticked, or all that the filter shows."""
    ticked = request.form.getlist("offer")
    if request.form.get("which") == "ticked":
        return OfferFilter(offer_ids=[id_in_url("offer", each) for each in ticked])
    given = _filter(request.form)
    return OfferFilter(q=given.get("q"), status=given.get("status"))


def _filter(said: Mapping[str, str]) -> dict[str, str]:
    given = {name: said.get(name, "").strip() for name in _FILTERS}
    if given["status"] not in STATUSES:
        given["status"] = ""
    return {name: value for name, value in given.items() if value}


def _changes(said: Mapping[str, str]) -> dict[str, Any]:
    """What the form says shall change; what is left empty stays as it is.

    Raises:
        Malformed: it says nothing, or what cannot be.
    """
    filled = {name: said.get(f"to_{name}", "").strip() for name in _READ}
    try:
        changes = {name: _READ[name](value) for name, value in filled.items() if value}
    except ValueError as error:
        raise Malformed(str(error)) from error
    if not changes:
        raise Malformed("Say what shall change")
    return changes


def _one_of(known: Sequence[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in known:
            raise ValueError(f"{value} is none of {', '.join(known)}")
        return value

    return read


def _from(least: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isdecimal() or not least <= int(value) <= MAX_QUANTITY:
            raise ValueError(f"{value} is not a whole number from {least} on")
        return int(value)

    return read


def _instant(value: str) -> str:
    return datetime.fromisoformat(value).replace(tzinfo=UTC).isoformat()


_READ: Mapping[str, Callable[[str], Any]] = {
    "status": _one_of(STATUSES),
    "condition": _one_of(CONDITIONS),
    "minimum_quantity": _from(1),
    "maximum_quantity": _from(1),
    "quantity_step": _from(1),
    "pack_quantity": _from(1),
    "lead_time_days": _from(0),
    "backorder": _one_of(BACKORDERS),
    "backorder_limit": _from(0),
    "backorder_days": _from(0),
    "valid_from": _instant,
    "valid_to": _instant,
}


def _shown(outcome: Mapping[str, Any]) -> str:
    at: datetime = now()
    said = request.args if request.method == "GET" else request.form
    reason = said.get("reason")
    reason = reason if reason in REASONS else None
    own, given = me().organization_id, _filter(said)
    more: dict[str, Any] = {**given, "reason": reason}
    page = offers_queries.list_offers(
        db.session,
        caller=me(),
        page=page_asked(),
        wanted=OfferFilter(seller_id=own, q=given.get("q"), status=given.get("status")),
        reason=reason,
        now=at,
    )
    return render_template(
        "offers/offers.html",
        page=page,
        summary=offers_queries.summary(
            db.session, caller=me(), wanted=OfferFilter(seller_id=own), now=at
        ),
        words=REASONS,
        reason=reason,
        chosen=given,
        statuses=STATUSES,
        conditions=CONDITIONS,
        backorders=BACKORDERS,
        may_edit=me().may("offers.write"),
        more=url_for("web.offers", cursor=page.next_cursor, **more),
        **{"done": None, "error": None, "mode": None, "said": {}, **outcome},
    )
