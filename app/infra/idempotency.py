"""Every write can be repeated safely: same key, same body, same answer.

The key's row is inserted first in the request's transaction: a concurrent twin waits for it, then
finds the answer. A refusal rolls back with everything else, so a mended request may use its key
again.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, current_app, g, request
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.infra.auth import Caller, current_caller
from app.infra.db import DbSession, db
from app.infra.marks import mark
from app.infra.models import IdempotencyAnswer
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.errors import Conflict, Malformed

P = ParamSpec("P")
_KEY = re.compile(r"^[\x21-\x7e]{1,255}$")
KEPT = timedelta(days=7)
_KEPT_HEADERS = ("Content-Type", "Location", "ETag")


class IdempotencyKeyRequired(Malformed):
    """A write must carry an ``Idempotency-Key`` of 1 to 255 visible ASCII characters."""

    code = "http.idempotency_key_required"
    title = "Send an Idempotency-Key header (1 to 255 visible ASCII characters) with every write"


class IdempotencyKeyReused(Conflict):
    """The key was used for another request."""

    code = "http.idempotency_key_reused"
    title = "This Idempotency-Key was used for another request: take a new one"


def writes(view: Callable[P, Any]) -> Callable[P, Response]:
    """Route decorator (outermost): one transaction, remembered under its Idempotency-Key."""

    @wraps(view)
    def once(*args: P.args, **kwargs: P.kwargs) -> Response:
        caller, key = current_caller(), key_of_request()
        with transaction(db.session) as session:
            answer = _remembered(session, caller, key)
            if answer is not None:
                return answer
            response = current_app.make_response(view(*args, **kwargs))
            _remember(session, caller, key, response)
        return response

    mark(once, view, write="once")
    return once


def purge(session: DbSession, *, now: datetime, limit: int) -> int:
    """Forget a batch of answers that nobody will ask for again."""
    old = (
        select(IdempotencyAnswer.organization_id, IdempotencyAnswer.key)
        .where(IdempotencyAnswer.created_at < now - KEPT)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    gone = session.execute(
        delete(IdempotencyAnswer)
        .where(
            IdempotencyAnswer.organization_id == old.c.organization_id,
            IdempotencyAnswer.key == old.c.key,
        )
        .returning(IdempotencyAnswer.key)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def stands_for_body(digest: bytes) -> None:
    """A digest that stands for the current request's body, because nobody holds that in memory."""
    g.body_digest = digest


def remember_instead(body: bytes) -> None:
    """Keep this body for repetitions of the current write, because the true one holds a secret."""
    g.remembered_body = body


def key_of_request() -> str:
    """The Idempotency-Key of the current request.

    Raises:
        IdempotencyKeyRequired: there is none, or not a usable one.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.match(key):
        raise IdempotencyKeyRequired
    return key


def _digest(caller: Caller) -> bytes:
    """Whose request it was, too: a colleague who may do less must not be given the answer."""
    actor = caller.actor_id.bytes
    body = g.pop("body_digest", None) or request.get_data(cache=True)
    parts = (actor, request.method, request.full_path, body)
    texts = [part if isinstance(part, bytes) else part.encode() for part in parts]
    return hashlib.sha256(b"\0".join(texts)).digest()


def _remembered(session: DbSession, caller: Caller, key: str) -> Response | None:
    """Claim the key, or return what was answered under it."""
    digest = _digest(caller)
    claimed = session.execute(
        insert(IdempotencyAnswer)
        .values(
            organization_id=caller.organization_id, key=key, request_digest=digest, created_at=now()
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyAnswer.key)
    ).first()
    if claimed:
        return None
    row = session.execute(
        select(IdempotencyAnswer).where(
            IdempotencyAnswer.organization_id == caller.organization_id,
            IdempotencyAnswer.key == key,
        )
    ).scalar_one()
    if row.request_digest != digest:
        raise IdempotencyKeyReused
    response = Response(row.body, status=row.status, headers=row.headers)
    response.headers["Idempotent-Replay"] = "true"
    return response


def _remember(session: DbSession, caller: Caller, key: str, response: Response) -> None:
    kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    session.execute(
        update(IdempotencyAnswer)
        .where(
            IdempotencyAnswer.organization_id == caller.organization_id,
            IdempotencyAnswer.key == key,
        )
        .values(
            status=response.status_code,
            headers=kept,
            body=g.pop("remembered_body", None) or response.get_data(),
        )
    )
