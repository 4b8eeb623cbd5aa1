"""Welcome, signing in and out, and the caller's overview."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app.identity import queries as identity_queries
from app.infra.db import db
from app.infra.web import now
from app.kernel.paging import PageRequest
from app.ledger import queries as ledger_queries
from app.ordering import queries as ordering_queries
from app.web.blueprint import blueprint, caller_or_none


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Welcome, or the caller's own overview."""
    caller = caller_or_none()
    if caller is None:
        return render_template("welcome.html")
    page = PageRequest(limit=10)
    orders = ordering_queries.list_orders(db.session, caller=caller, page=page)
    parts = ordering_queries.list_seller_orders(db.session, caller=caller, page=page)
    balances = ledger_queries.balances_of(db.session, organization_id=caller.organization_id)
    return render_template("home.html", orders=orders, parts=parts, balances=balances)


@blueprint.post("/session")
def sign_in() -> ResponseReturnValue:
    """Sign in with an API key."""
    token = request.form.get("key", "").strip()
    found = identity_queries.find_credential(db.session, token=token, now=now())
    if found is None:
        return render_template("welcome.html", failed=True), 401
    session.clear()
    session["key_id"] = str(found.key_id)
    return redirect(url_for("web.home"))


@blueprint.post("/session/end")
def sign_out() -> ResponseReturnValue:
    """Sign out."""
    session.clear()
    return redirect(url_for("web.home"))
