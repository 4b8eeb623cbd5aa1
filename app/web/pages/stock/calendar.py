"""When a location works: time zone, cut-offs of the week, closures, and its usual threshold."""

from datetime import date, time
from typing import Any
from zoneinfo import available_timezones

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.infra.db import db
from app.infra.http import status_of
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.inventory import operations as inventory_operations
from app.inventory import queries as inventory_queries
from app.inventory.models import Location
from app.inventory.rules.calendars import WEEKDAYS, ship_days
from app.kernel.errors import AppError, Malformed
from app.kernel.paging import MAX_PAGE_SIZE, PageRequest
from app.kernel.quantity import MAX_QUANTITY
from app.web.blueprint import blueprint, id_in_url, me, signed_in
from app.web.pages.stock.shelves import place

_ZONES = sorted(available_timezones())
_SHOWN = 5


@blueprint.get("/stock/<location>/calendar")
@signed_in
def calendar(location: str) -> ResponseReturnValue:
    """When a location works."""
    me().require("stock.read")
    return _shown(place(location), None)


@blueprint.post("/stock/<location>/calendar")
@signed_in
def change_calendar(location: str) -> ResponseReturnValue:
    """Change when a location works, close it for some days, or open it again."""
    me().require("stock.write")
    here = place(location)
    try:
        with transaction(db.session):
            _change(here)
    except AppError as error:
        return _shown(here, error.detail), status_of(error)
    return redirect(url_for("web.calendar", location=location))


def _change(here: Location) -> None:
    act = request.form.get("act")
    if act == "close":
        inventory_operations.close_location(
            db.session, caller=me(), location_id=here.id, **_closure()
        )
    elif act == "reopen":
        closure_id = id_in_url("closure", request.form.get("closure", ""))
        inventory_operations.reopen_location(
            db.session, caller=me(), location_id=here.id, closure_id=closure_id
        )
    else:
        inventory_operations.update_location(
            db.session,
            caller=me(),
            location_id=here.id,
            expected_version=int(request.form.get("version", "0")),
            changes=_hours(),
        )


def _hours() -> dict[str, Any]:
    said = request.form
    if said.get("time_zone") not in _ZONES:
        raise Malformed("Not a time zone")
    low_at = said.get("low_at", "").strip()
    if low_at and not (low_at.isdecimal() and int(low_at) <= MAX_QUANTITY):
        raise Malformed("The threshold is a whole number")
    try:
        cutoffs = [_time(said.get(day, "")) for day in WEEKDAYS]
    except ValueError as error:
        raise Malformed("A cut-off is a time of day, such as 17:00") from error
    return {
        "time_zone": said["time_zone"],
        "cutoffs": cutoffs,
        "low_at": int(low_at) if low_at else None,
    }


def _time(text: str) -> time | None:
    return time.fromisoformat(text.strip()) if text.strip() else None


def _closure() -> dict[str, Any]:
    said = request.form
    try:
        first, last = (date.fromisoformat(said.get(name, "")) for name in ("first_on", "last_on"))
    except ValueError as error:
        raise Malformed("Say from which day to which") from error
    reason = said.get("reason", "").strip()[:200]
    if last < first or not reason:
        raise Malformed("Say why, and a last day that is not before the first")
    return {"first_on": first, "last_on": last, "reason": reason}


def _shown(here: Location, error: str | None) -> str:
    at = now()
    page = PageRequest(limit=MAX_PAGE_SIZE)
    found = inventory_queries.list_closures(db.session, caller=me(), location_id=here.id, page=page)
    own = inventory_queries.calendars_of(db.session, location_ids=[here.id], now=at)[here.id]
    return render_template(
        "stock/calendar.html", here=here, tab="calendar", error=error, zones=_ZONES,
        week=list(zip(WEEKDAYS, here.cutoffs, strict=True)),
        closures=sorted(found.items, key=lambda each: each.first_on),
        days=ship_days(own, at, _SHOWN - 1),
        may_edit=me().may("stock.write") and here.seller_id == me().organization_id,
    )  # fmt: skip
