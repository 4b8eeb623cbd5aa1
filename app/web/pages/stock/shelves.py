"""Locations, what lies there, and what moved it: to look at."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.infra.db import db
from app.inventory import queries as inventory_queries
from app.inventory.models import Location
from app.inventory.queries import MovementFilter, StockFilter
from app.inventory.rules.moving import CODES, REASONS
from app.kernel.ids import public_id
from app.kernel.paging import MAX_PAGE_SIZE, PageRequest
from app.web.blueprint import blueprint, id_in_url, me, page_asked, signed_in


@blueprint.get("/stock")
@signed_in
def stock() -> ResponseReturnValue:
    """The caller's locations; with one of them, its stock at once."""
    me().require("stock.read")
    found = all_locations()
    if len(found) == 1:
        return redirect(url_for("web.shelf", location=public_id("loc", found[0].id)))
    return render_template("stock/locations.html", locations=found)


@blueprint.get("/stock/<location>")
@signed_in
def shelf(location: str) -> ResponseReturnValue:
    """The stock of a location, with the forms that move it."""
    me().require("stock.read")
    return shown_shelf(place(location), {})


@blueprint.get("/stock/<location>/movements")
@signed_in
def movements(location: str) -> ResponseReturnValue:
    """What came and left at a location, the newest first."""
    me().require("stock.read")
    here = place(location)
    sku, reason = request.args.get("sku", "").strip(), request.args.get("reason")
    variant_id = _variant(sku)
    page = inventory_queries.list_movements(
        db.session,
        caller=me(),
        location_id=here.id,
        wanted=MovementFilter(variant_id=variant_id, reason=reason if reason in REASONS else None),
        page=page_asked(),
    )
    return render_template(
        "stock/movements.html", here=here, tab="movements", page=page, reasons=REASONS,
        chosen={"sku": sku, "reason": reason},
    )  # fmt: skip


def shown_shelf(here: Location, outcome: Mapping[str, Any]) -> str:
    """The page of a location's stock, after something was done or refused."""
    said = request.args
    wanted = StockFilter(q=said.get("q", "").strip(), scarce="yes" if said.get("scarce") else "")
    page = inventory_queries.browse_stock(
        db.session, caller=me(), location_id=here.id, wanted=wanted, page=page_asked()
    )
    return render_template(
        "stock/shelf.html", here=here, tab="shelf", page=page, wanted=wanted, codes=CODES,
        others=[each for each in all_locations() if each.id != here.id],
        may_edit=me().may("stock.write") and here.seller_id == me().organization_id,
        **{"done": None, "error": None, "said": said, **outcome},
    )  # fmt: skip


def place(text: str) -> Location:
    """The location that a page's address names.

    Raises:
        NotFound: there is none that the caller may know of.
    """
    return inventory_queries.get_location(
        db.session, caller=me(), location_id=id_in_url("loc", text)
    )


def all_locations() -> list[Location]:
    """The caller's locations, as many as a page takes."""
    page = PageRequest(limit=MAX_PAGE_SIZE)
    return list(inventory_queries.list_locations(db.session, caller=me(), page=page).items)


def _variant(sku: str) -> uuid.UUID | None:
    if not sku:
        return None
    return inventory_queries.find_variant(db.session, caller=me(), word=sku)
