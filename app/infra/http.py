"""The HTTP edge: problem documents, ids in URLs and JSON, cursor pages, ETags.

Every refusal is one RFC 9457 document: ``type``, ``title``, ``status``, ``detail``, ``code``,
``request_id``, and ``errors`` with a JSON pointer per field where the payload is at fault.
"""

import uuid
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

import marshmallow as ma
import orjson
import structlog
from flask import Flask, Request, Response, current_app, g, request
from flask.json.provider import JSONProvider
from flask_smorest.arguments import ArgumentsMixin
from sqlalchemy.exc import OperationalError
from webargs.core import is_json, missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException, UnprocessableEntity
from werkzeug.routing import BaseConverter, ValidationError

from app.infra.marks import mark
from app.kernel import errors
from app.kernel.ids import EXAMPLE, parse_id, public_id
from app.kernel.paging import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, Page, PageRequest, decode_cursor

log = structlog.get_logger("http")

PROBLEM = "application/problem+json"
MAX_BODY_BYTES = 4 * 1024 * 1024

STATUS_OF: dict[type[errors.AppError], int] = {
    errors.Malformed: 422,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.PreconditionRequired: 428,
    errors.Rejected: 400,
    errors.Unavailable: 503,
}

P = ParamSpec("P")
R = TypeVar("R")


class OrjsonProvider(JSONProvider):
    """JSON by orjson: fast, and datetimes and UUIDs as RFC 3339 and canonical text."""

    def dumps(self, obj: Any, **_: Any) -> str:  # noqa: ANN401 - Flask's own signature
        return orjson.dumps(obj, option=orjson.OPT_NON_STR_KEYS).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:  # noqa: ANN401 - Flask's own signature
        return orjson.loads(s)


class StrictParser(FlaskParser):
    """Payloads by orjson: it refuses what the standard reader lets pass, or fails at.

    Half characters, numbers without end and nesting without end are unreadable like anything else.
    """

    def _raw_load_json(self, req: Request) -> Any:  # noqa: ANN401 - webargs' own signature
        return orjson.loads(req.get_data(cache=True)) if is_json(req.mimetype) else missing


# What `blueprint.arguments` reads with, before any route says what it takes.
ArgumentsMixin.ARGUMENTS_PARSER = StrictParser()


def status_of(error: errors.AppError) -> int:
    """The HTTP status of a refusal."""
    return status_of_kind(type(error))


def status_of_kind(kind: type[errors.AppError]) -> int:
    """The HTTP status of a kind of refusal: that of its nearest known kind."""
    return next((STATUS_OF[each] for each in kind.__mro__ if each in STATUS_OF), 400)


def problem(
    *,
    status: int,
    code: str,
    title: str,
    detail: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document."""
    body = {
        **(details or {}),
        "type": f"/docs/problems#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": g.get("request_id"),
    }
    text = orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS)
    response = Response(text, status=status, content_type=PROBLEM)
    response.headers.update(headers or {})
    return response


def render_refusal(error: errors.AppError) -> Response:
    """The one renderer of anticipated refusals."""
    status = status_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}  # noqa: PLR2004
    if isinstance(error, errors.Unavailable):
        headers["Retry-After"] = "1"
    return problem(
        status=status,
        code=error.code,
        title=error.title,
        detail=error.detail,
        details=error.details,
        headers=headers,
    )


def render_http_exception(error: HTTPException) -> Response:
    """The framework's own refusals (404, 405, 413, 415, 422 …) in the same shape."""
    if isinstance(error, UnprocessableEntity) or hasattr(error, "exc"):
        return _malformed(error)
    if error.response is not None and isinstance(error.response, Response):
        return error.response
    headers = {
        name: value
        for name, value in error.get_headers()
        if name.lower() in {"allow", "retry-after", "location"}
    }
    name = (error.name or "error").lower().replace(" ", "_")
    return problem(
        status=error.code or 500,
        code=f"http.{name}",
        title=error.name,
        detail=error.description or error.name,
        headers=headers,
    )


def _malformed(error: HTTPException) -> Response:
    messages = getattr(error, "data", {}).get("messages", {})
    found = [item for where, tree in messages.items() for item in _pointers(tree, "", where)]
    return problem(
        status=422,
        code=errors.Malformed.code,
        title=errors.Malformed.title,
        detail="; ".join(f"{item['pointer'] or '/'}: {item['message']}" for item in found[:3]),
        details={"errors": found},
    )


def _pointers(tree: Any, path: str, where: str) -> list[dict[str, str]]:  # noqa: ANN401
    """Flatten marshmallow's tree of messages into JSON pointers (RFC 6901)."""
    if isinstance(tree, Mapping):
        return [
            item
            for key, branch in tree.items()
            for item in _pointers(branch, path if key == "_schema" else f"{path}/{key}", where)
        ]
    messages = tree if isinstance(tree, list) else [tree]
    return [{"in": where, "pointer": path, "message": str(message)} for message in messages]


def register_error_handlers(app: Flask) -> None:
    """Install the renderers and the JSON provider."""
    app.json = OrjsonProvider(app)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.register_error_handler(errors.AppError, render_refusal)
    app.register_error_handler(HTTPException, render_http_exception)
    app.register_error_handler(OperationalError, _render_database_trouble)
    app.before_request(_refuse_nul)


class TryAgain(errors.Unavailable):
    """The database gave up this transaction (a lost connection, a deadlock); nothing was done."""

    code = "infra.try_again"
    title = "Nothing was done: repeat the request with the same Idempotency-Key"


def _render_database_trouble(error: OperationalError) -> Response:
    log.error("database.trouble", error=str(error.orig))
    return render_refusal(TryAgain())


def _refuse_nul() -> None:
    """PostgreSQL keeps no NUL in texts, so none may come in."""
    if request.is_json and b"\\u0000" in request.get_data(cache=True):
        raise errors.Malformed("A text holds a NUL character (\\u0000): remove it")


class PublicIdConverter(BaseConverter):
    """URL converter ``<pid('order'):order_id>``: an outside id in, a UUID on."""

    part_isolating = True

    def __init__(self, url_map: Any, prefix: str) -> None:  # noqa: ANN401 - werkzeug's map
        super().__init__(url_map)
        self.prefix = prefix

    def to_python(self, value: str) -> uuid.UUID:
        try:
            return parse_id(self.prefix, value)
        except ValueError as error:
            raise ValidationError from error

    def to_url(self, value: uuid.UUID | str) -> str:
        return value if isinstance(value, str) else public_id(self.prefix, value)


class PublicId(ma.fields.Field[uuid.UUID]):
    """A TypeID in JSON, a UUID inside."""

    def __init__(self, prefix: str, **kwargs: Any) -> None:  # noqa: ANN401 - marshmallow options
        metadata = {"type": "string", "example": public_id(prefix, EXAMPLE)}
        super().__init__(metadata=metadata | kwargs.pop("metadata", {}), **kwargs)
        self.prefix = prefix

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:  # noqa: ANN401, ARG002
        return None if value is None else public_id(self.prefix, value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> uuid.UUID:  # noqa: ANN401, ARG002
        try:
            return parse_id(self.prefix, value if isinstance(value, str) else "")
        except ValueError as error:
            message = f"Not an id of the form {self.prefix}_…"
            raise ma.ValidationError(message) from error


class Payload(ma.Schema):
    """The base of every schema: unknown fields are refused, order is kept."""

    class Meta:
        unknown = ma.RAISE


class PageQuery(ma.Schema):
    """``?limit=…&cursor=…`` of every list."""

    class Meta:
        unknown = ma.EXCLUDE

    limit = ma.fields.Integer(
        strict=False,
        load_default=DEFAULT_PAGE_SIZE,
        validate=ma.validate.Range(1, MAX_PAGE_SIZE),
        metadata={"description": "Rows a page"},
    )
    cursor = ma.fields.String(
        load_default=None, allow_none=True, metadata={"description": "`next_cursor` of a page"}
    )


def page_request(query: Mapping[str, Any]) -> PageRequest:
    """What a parsed :class:`PageQuery` asks for."""
    cursor = query.get("cursor")
    return PageRequest(after=decode_cursor(cursor) if cursor else None, limit=query["limit"])


@cache
def page_schema(item: type[ma.Schema]) -> type[ma.Schema]:
    """The schema of a page of items."""
    name = f"{item.__name__.removesuffix('Schema')}PageSchema"
    return type(
        name,
        (ma.Schema,),
        {
            "items": ma.fields.List(ma.fields.Nested(item)),
            "next_cursor": ma.fields.String(allow_none=True),
        },
    )


def page_body(page: Page[Any]) -> dict[str, Any]:
    """A page as the body that :func:`page_schema` describes."""
    return {"items": page.items, "next_cursor": page.next_cursor}


def etag_of(version: int) -> str:
    """The strong ETag of an editable thing's version."""
    return f'"{version}"'


def expected_version() -> int:
    """The version that the request wants to edit, from ``If-Match``.

    Raises:
        PreconditionRequired: there is none.
        Malformed: it is not an ETag of this API.
    """
    value = request.headers.get("If-Match")
    if not value:
        raise errors.PreconditionRequired
    try:
        return int(value.strip().strip('"'))
    except ValueError as error:
        raise errors.Malformed("If-Match: not an ETag of this API") from error


def with_etag(view: Callable[P, Response]) -> Callable[P, Response]:
    """Route decorator (outermost): the body's ``version`` becomes its ETag; 304 when unchanged."""

    @wraps(view)
    def tagged(*args: P.args, **kwargs: P.kwargs) -> Response:
        response = current_app.make_response(view(*args, **kwargs))
        if response.is_json and response.status_code < 300:  # noqa: PLR2004
            version = (response.get_json() or {}).get("version")
            if version is not None:
                response.set_etag(str(version))
                response.make_conditional(request)
        return response

    mark(tagged, view, tagged="by version")
    return tagged


class ProblemSchema(ma.Schema):
    """An RFC 9457 problem document; a refusal adds its own facts."""

    class Meta:
        unknown = ma.INCLUDE

    type = ma.fields.String()
    title = ma.fields.String()
    status = ma.fields.Integer()
    detail = ma.fields.String()
    code = ma.fields.String(metadata={"description": "Stable machine-readable code"})
    request_id = ma.fields.String()
    errors = ma.fields.List(ma.fields.Dict())
