"""The API describes itself: OpenAPI 3.1 from the code, with what every route has in common.

What a decorator demands is what the document says: ``writes`` the Idempotency-Key, ``requires`` the
permission, ``with_etag`` and PATCH the conditional headers. Every refusal is a problem document.
"""

import http
from typing import Any

from flask import Response
from flask_smorest import Api
from flask_smorest.blueprint import Blueprint
from werkzeug.exceptions import HTTPException

from app.infra.http import PROBLEM, ProblemSchema, PublicIdConverter, render_http_exception
from app.kernel.ids import EXAMPLE, public_id

_KEY = "IdempotencyKey"
_IF_MATCH = "IfMatch"
_IF_NONE_MATCH = "IfNoneMatch"
_DEFAULT = "DEFAULT_ERROR"

_PARAMETERS: dict[str, dict[str, Any]] = {
    _KEY: {
        "in": "header",
        "name": "Idempotency-Key",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "description": "The same key with the same request is answered alike and done once",
    },
    _IF_MATCH: {
        "in": "header",
        "name": "If-Match",
        "required": True,
        "schema": {"type": "string"},
        "description": "The ETag that was read; 412 when somebody changed it since",
    },
    _IF_NONE_MATCH: {
        "in": "header",
        "name": "If-None-Match",
        "required": False,
        "schema": {"type": "string"},
        "description": "The ETag that is known; 304 when it is still the same",
    },
}


class RestApi(Api):
    """flask-smorest with problem documents instead of its own error body."""

    ERROR_SCHEMA = ProblemSchema  # type: ignore[assignment]

    def handle_http_exception(self, error: HTTPException) -> Response:
        return render_http_exception(error)

    def register_blueprint(self, blp: Blueprint, **options: Any) -> None:  # noqa: ANN401 - Flask's
        """Register a blueprint; its operations get the headers and answers that all share."""
        completers: list[Any] = blp._prepare_doc_cbks  # noqa: SLF001 - the one way to extend it
        if describe not in completers:
            completers.append(describe)
        for endpoint, methods in blp._docs.items():  # noqa: SLF001
            for name, info in methods.items():
                if name != "parameters":
                    info["operation_id"] = endpoint
        super().register_blueprint(blp, **options)  # type: ignore[no-untyped-call]

    def _register_responses(self) -> None:
        for name, parameter in _PARAMETERS.items():
            location = parameter["in"]
            self.spec.components.parameter(name, location, dict(parameter), lazy=True)
        self.register_converter(  # type: ignore[no-untyped-call]
            PublicIdConverter, _path_parameter
        )
        for status in http.HTTPStatus:
            self.spec.components.response(status.name, _problem(status.phrase), lazy=True)
        self.spec.components.response(_DEFAULT, _problem("Any other refusal"), lazy=True)


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {PROBLEM: {"schema": ProblemSchema}}}


def _path_parameter(converter: PublicIdConverter) -> dict[str, Any]:
    return {
        "type": "string",
        "pattern": f"^{converter.prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$",
        "example": public_id(converter.prefix, EXAMPLE),
    }


def describe(
    doc: dict[str, Any],
    info: dict[str, Any],
    *,
    method: str,
    **_: Any,  # noqa: ANN401 - more of the library's context
) -> dict[str, Any]:
    """Complete one operation's description from the marks that decorators left."""
    doc["operationId"] = info.get("operation_id")
    parameters, statuses = doc.setdefault("parameters", []), ["UNAUTHORIZED"]
    if info.get("permission"):
        doc["x-permission"] = info["permission"]
        statuses.append("FORBIDDEN")
    if info.get("visitors"):
        doc["security"] = [{}, {"apiKey": []}]
        statuses.append("NOT_FOUND")
    if info.get("write"):
        parameters.append(_KEY)
        statuses += ["CONFLICT", "UNPROCESSABLE_ENTITY"]
    if info.get("tagged") and method == "get":
        parameters.append(_IF_NONE_MATCH)
        doc["responses"]["304"] = {"description": http.HTTPStatus.NOT_MODIFIED.phrase}
    if method == "patch":
        parameters.append(_IF_MATCH)
        statuses += ["PRECONDITION_FAILED", "PRECONDITION_REQUIRED"]
    for status in statuses:
        doc["responses"].setdefault(str(http.HTTPStatus[status].value), status)
    _say_permission(info)
    return doc


def _say_permission(info: dict[str, Any]) -> None:
    """The description is filled in from the docstring after this, so it is said there."""
    if info.get("permission"):
        said = f"Permission: `{info['permission']}`"
        docstring = info["docstring"]
        docstring["description"] = "\n\n".join(
            part for part in (docstring.get("description"), said) if part
        )
