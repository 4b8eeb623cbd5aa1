"""Carts: what is in them, what ordering it now would bring, and keeping it for a while.

The buyer's, and to be looked at by the owner of the storefront, who may also ask "what if".
"""

import uuid
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.infra.db import db
from app.infra.http import status_of
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.errors import AppError
from app.ordering import operations, queries
from app.ordering.models import Cart
from app.routing import queries as routing_queries
from app.routing.rules import Decision
from app.storefronts import queries as storefront_queries
from app.web.blueprint import blueprint, id_in_url, me, page_asked, signed_in
from app.web.cart_texts import TEXTS
from app.web.languages import language_asked
from app.web.texts import LANGUAGES


@blueprint.get("/carts")
@signed_in
def carts() -> ResponseReturnValue:
    """Open carts, the newest first."""
    me().require("orders.read")
    page = queries.list_carts(db.session, caller=me(), page=page_asked())
    buyers = [cart.buyer_id for cart in page.items]
    names = routing_queries.names_of(db.session, list(dict.fromkeys(buyers)))
    return render_template("carts.html", page=page, names=names, **_speech())


@blueprint.get("/carts/<text>")
@signed_in
def cart(text: str) -> ResponseReturnValue:
    """One cart."""
    me().require("orders.read")
    return _page(_found(text), text)


@blueprint.post("/carts/<text>")
@signed_in
def change_cart(text: str) -> ResponseReturnValue:
    """Keep what is in a cart from others for a while, or let it go."""
    me().require("carts.write")
    try:
        with transaction(db.session) as session:
            _kept(session, id_in_url("cart", text))
    except AppError as error:
        return _page(_found(text), text, f"refused.{error.code}", error), status_of(error)
    except ValueError:
        return _page(_found(text), text, "refused.minutes"), 422
    return redirect(url_for("web.cart", text=text))


def _found(text: str) -> Cart:
    return queries.see_cart(db.session, caller=me(), cart_id=id_in_url("cart", text))


def _kept(session: Any, cart_id: uuid.UUID) -> None:  # noqa: ANN401 - a session
    if request.form.get("act") == "let_go":
        operations.release_cart(session, caller=me(), cart_id=cart_id)
        return
    minutes = request.form.get("minutes", "").strip()
    operations.reserve_cart(
        session,
        caller=me(),
        cart_id=cart_id,
        minutes=int(minutes) if minutes else None,
        now=now(),
    )


def _page(found: Cart, text: str, refusal: str | None = None, error: AppError | None = None) -> str:
    speech = _speech()
    placement = operations.placement_of(db.session, cart=found)
    decision = _decided(found, placement)
    shop = storefront_queries.get_storefront(db.session, storefront_id=found.storefront_id)
    is_owner = me().is_operator or shop.owner_id == me().organization_id
    told = error.detail if error else ""
    return render_template(
        "cart.html",
        cart=found,
        text=text,
        shop=shop,
        lines=placement.lines,
        goods=queries.facts_of(db.session, variant_ids=[x.variant_id for x in placement.lines]),
        decision=decision,
        names=_names(found, decision),
        refusal=speech["t"].get(refusal, told) if refusal else None,
        may_keep=me().may("carts.write") and (me().is_operator or _is_mine(found)),
        may_suppose=is_owner and me().may("routing.read"),
        **speech,
    )


def _is_mine(found: Cart) -> bool:
    return found.buyer_id == me().organization_id


def _decided(found: Cart, placement: operations.Placement) -> Decision | None:
    """What ordering it now would bring; none where it cannot be ordered."""
    if found.status != "open" or not placement.lines:
        return None
    try:
        return operations.simulate(db.session, caller=me(), placement=placement, now=now())
    except AppError:
        return None


def _names(found: Cart, decision: Decision | None) -> dict[uuid.UUID, str]:
    parties = {found.buyer_id}
    if decision is not None:
        parties |= {item.candidate.seller_id for item in decision.assignments}
    return routing_queries.names_of(db.session, sorted(parties))


def _speech() -> dict[str, Any]:
    locale = language_asked(tuple(LANGUAGES))
    return {"t": TEXTS[locale], "locale": locale, "languages": LANGUAGES}
