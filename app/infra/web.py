"""What every request carries: an id, a clock, a log line; health for whoever watches."""

import re
import time
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import ParamSpec, TypeVar

import structlog
from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from sqlalchemy import text

from app.infra.db import db
from app.infra.marks import mark
from app.kernel.clock import Clock, SystemClock
from app.kernel.ids import new_id, public_id

log = structlog.get_logger("http")
health = Blueprint("health", __name__)
P = ParamSpec("P")
R = TypeVar("R")
_READS = frozenset({"GET", "HEAD"})
_REQUEST_ID = re.compile(r"^[A-Za-z0-9_.-]{1,64}$")


def install(app: Flask, clock: Clock | None = None) -> None:
    """Install request ids, the clock, security headers and the access log."""
    app.extensions["clock"] = clock or SystemClock()
    app.before_request(_begin)
    app.after_request(_finish)
    app.register_blueprint(health)


def now() -> datetime:
    """The instant of the current request, read once from the application's clock."""
    if "now" not in g:
        clock: Clock = current_app.extensions["clock"]
        g.now = clock.now()
    instant: datetime = g.now
    return instant


def asks(view: Callable[P, R]) -> Callable[P, R]:
    """Route decorator: a question too long for a URL, so it is posted; it changes nothing."""

    @wraps(view)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        g.asks = True
        return view(*args, **kwargs)

    mark(asked, view)
    return asked


def _begin() -> None:
    # A request may run inside an application context that lives longer.
    for stale in ("asks", "caller", "web_caller", "now"):
        g.pop(stale, None)
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.match(given) else public_id("req", new_id())
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish(response: Response) -> Response:
    _end_reading(response)
    response.headers["X-Request-Id"] = g.get("request_id", "")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault(
        "Content-Security-Policy", "default-src 'self'; img-src 'self' data:; style-src 'self'"
    )
    took_ms = (time.perf_counter() - g.get("started", time.perf_counter())) * 1000
    log.info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        took_ms=round(took_ms, 1),
    )
    return response


def _end_reading(response: Response) -> None:
    """End a good read with a commit: at a rollback the driver forgets what it has prepared."""
    reads = request.method in _READS or g.get("asks", False)
    if not reads or response.status_code >= HTTPStatus.BAD_REQUEST:
        return
    if not db.session.registry.has():
        return
    session = db.session()
    if not (session.new or session.dirty or session.deleted):
        session.commit()


@health.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """The process can serve: database and broker answer."""
    checks = {"database": _database_answers(), "broker": _broker_answers()}
    good = all(value == "ok" for value in checks.values())
    return jsonify(status="ok" if good else "unavailable", checks=checks), 200 if good else 503


def _database_answers() -> str:
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except Exception:
        log.exception("readiness.database")
        return "does not answer"
    return "ok"


def _broker_answers() -> str:
    ping = current_app.extensions.get("broker_ping")
    try:
        if ping is not None:
            ping()
    except Exception:
        log.exception("readiness.broker")
        return "does not answer"
    return "ok"
