"""Forms that move goods: one line at a time, by SKU, so that a scanner can fill them in."""

import uuid
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.infra.db import db
from app.infra.http import status_of
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.inventory import operations as inventory_operations
from app.inventory import queries as inventory_queries
from app.inventory.models import Location
from app.inventory.operations import Adjusted, Announced, Received, Threshold, Transferred
from app.inventory.rules.moving import CODES
from app.kernel.errors import AppError, Malformed
from app.kernel.quantity import MAX_QUANTITY
from app.web.blueprint import blueprint, id_in_url, me, page_asked, signed_in
from app.web.pages.stock.shelves import place, shown_shelf


@blueprint.post("/stock/<location>")
@signed_in
def move_goods(location: str) -> ResponseReturnValue:
    """Receive, adjust or transfer goods, or say when they are scarce."""
    me().require("stock.write")
    here = place(location)
    try:
        with transaction(db.session):
            done = _ACTS[_one_of("act", _ACTS)](here)
    except AppError as error:
        return shown_shelf(here, {"error": _told(error), "said": request.form}), status_of(error)
    return shown_shelf(here, {"done": done, "said": {"act": request.form["act"]}})


@blueprint.get("/stock/<location>/incoming")
@signed_in
def incoming(location: str) -> ResponseReturnValue:
    """What is still to come to a location."""
    me().require("stock.read")
    return _shown_incoming(place(location), None)


@blueprint.post("/stock/<location>/incoming")
@signed_in
def announce(location: str) -> ResponseReturnValue:
    """Announce a delivery, say it anew, or receive it."""
    me().require("stock.write")
    here = place(location)
    try:
        with transaction(db.session) as session:
            if request.form.get("act") == "receive":
                _receive(here)
            else:
                row = Announced(
                    location_id=here.id, variant_id=_variant(), reference=_text("reference"),
                    due_on=_day("due_on"), quantity=_whole("quantity", least=0),
                )  # fmt: skip
                inventory_operations.announce(session, caller=me(), rows=[row], now=now())
    except AppError as error:
        return _shown_incoming(here, _told(error)), status_of(error)
    return redirect(url_for("web.incoming", location=location))


def _shown_incoming(here: Location, error: str | None) -> str:
    page = inventory_queries.list_incoming(
        db.session, caller=me(), location_id=here.id, page=page_asked()
    )
    return render_template(
        "stock/incoming.html", here=here, tab="incoming", page=page, error=error,
        said=request.form, today=now().date(),
        may_edit=me().may("stock.write") and here.seller_id == me().organization_id,
    )  # fmt: skip


def _receive(here: Location) -> str:
    expires = request.form.get("expires_on", "").strip()
    goods = Received(
        variant_id=_variant(), quantity=_whole("quantity"), lot=_optional("lot"),
        expires_on=_day("expires_on") if expires else None,
    )  # fmt: skip
    if goods.expires_on and not goods.lot:
        raise Malformed("What expires is of a lot: name it")
    inventory_operations.receive(
        db.session, caller=me(), location_id=here.id, reference=_text("reference"),
        goods=[goods], now=now(),
    )  # fmt: skip
    return f"{goods.quantity} came."


def _adjust(here: Location) -> str:
    row = Adjusted(
        location_id=here.id, variant_id=_variant(),
        quantity=_whole("quantity", least=-MAX_QUANTITY),
        code=_one_of("code", CODES), lot=_optional("lot"),
    )  # fmt: skip
    if not row.quantity:
        raise Malformed("Nothing would change")
    inventory_operations.adjust(
        db.session, caller=me(), rows=[row], reference=_optional("reference"), now=now()
    )
    return f"Adjusted by {row.quantity:+}."


def _transfer(here: Location) -> str:
    goods = Transferred(variant_id=_variant(), quantity=_whole("quantity"), lot=_optional("lot"))
    inventory_operations.transfer(
        db.session, caller=me(), from_id=here.id, to_id=id_in_url("loc", _text("to")),
        goods=[goods], reference=_optional("reference"), now=now(),
    )  # fmt: skip
    return f"{goods.quantity} left for the other location."


def _watch(here: Location) -> str:
    low_at = _whole("quantity", least=0) if request.form.get("quantity", "").strip() else None
    row = Threshold(here.id, _variant(), low_at)
    inventory_operations.set_thresholds(db.session, caller=me(), rows=[row], now=now())
    return "The threshold is set." if low_at is not None else "It follows the location's now."


_ACTS: Mapping[str, Callable[[Location], str]] = MappingProxyType(
    {"receive": _receive, "adjust": _adjust, "transfer": _transfer, "watch": _watch}
)


def _variant() -> uuid.UUID:
    return inventory_queries.find_variant(db.session, caller=me(), word=_text("sku"))


def _text(name: str) -> str:
    value = _optional(name)
    if value is None:
        raise Malformed(f"Fill in: {name.replace('_', ' ')}")
    return value


def _optional(name: str) -> str | None:
    return request.form.get(name, "").strip()[:100] or None


def _one_of(name: str, known: Mapping[str, object]) -> str:
    value = _text(name)
    if value not in known:
        raise Malformed(f"{value} is none of {', '.join(known)}")
    return value


def _whole(name: str, least: int = 1) -> int:
    try:
        value = int(_text(name))
    except ValueError as error:
        raise Malformed(f"{name}: not a whole number") from error
    if not least <= value <= MAX_QUANTITY:
        raise Malformed(f"{name}: from {least} to {MAX_QUANTITY}")
    return value


def _day(name: str) -> date:
    try:
        return date.fromisoformat(_text(name))
    except ValueError as error:
        raise Malformed(f"{name.replace('_', ' ')}: not a day") from error


def _told(error: AppError) -> str:
    """A refusal with what it points at, in a sentence."""
    faults = [str(each["message"]) for each in error.details.get("errors", ())]
    return ": ".join([error.detail, ", ".join(faults)]) if faults else error.detail
