"""What every page shares: the blueprint, and who is signed in.

A person signs in with an API key; the browser's signed session keeps the key's id, so that a
revoked key ends every session at once.
"""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Blueprint, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from app.identity import queries as identity_queries
from app.infra.auth import Caller
from app.infra.db import db
from app.infra.web import now
from app.kernel.errors import NotFound
from app.kernel.ids import parse_id
from app.kernel.paging import PageRequest, decode_cursor
from app.network import queries as network_queries

P = ParamSpec("P")
PAGE = 25

blueprint = Blueprint(
    "web", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)


def signed_in(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Page decorator: who is not signed in is asked to."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if caller_or_none() is None:
            return redirect(url_for("web.home"))
        return view(*args, **kwargs)

    return guarded


def caller_or_none() -> Caller | None:
    """Who is signed in, if anybody."""
    key_id = session.get("key_id")
    if key_id is None:
        return None
    if "web_caller" not in g:
        found = identity_queries.find_credential_by_key(
            db.session, key_id=uuid.UUID(key_id), now=now()
        )
        g.web_caller = found.caller if found else None
    caller: Caller | None = g.web_caller
    return caller


def me() -> Caller:
    """Who is signed in, on pages that only they see."""
    caller = caller_or_none()
    assert caller is not None
    return caller


def id_in_url(prefix: str, text: str) -> uuid.UUID:
    """An outside id in a page's address.

    Raises:
        NotFound: it is none.
    """
    try:
        return parse_id(prefix, text)
    except ValueError as error:
        raise NotFound from error


def page_asked() -> PageRequest:
    """The page that ``?cursor=`` asks for."""
    cursor = request.args.get("cursor")
    return PageRequest(after=decode_cursor(cursor) if cursor else None, limit=PAGE)


@blueprint.context_processor
def _who() -> dict[str, Any]:
    caller = caller_or_none()
    if caller is None:
        return {"me": None, "may": lambda _: False}
    found = network_queries.get_organization(db.session, organization_id=caller.organization_id)
    return {"me": found, "may": caller.may}
