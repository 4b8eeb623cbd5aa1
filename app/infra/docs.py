"""``/docs``: the API to browse and try, offline; ``/docs/problems``: every refusal and its code.

The assets come from an installed package, no other host is asked, and no inline script or style is
used, so the pages live under the same strict Content-Security-Policy as all others.
"""

import inspect
from collections.abc import Iterator
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request, send_from_directory

from app.infra.http import status_of_kind
from app.kernel.errors import AppError, NotFound

pages = Blueprint("docs", __name__, url_prefix="/docs")

ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_DAY_S = 86_400

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Distributary API</title>
<link rel="icon" href="/docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

_START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
});
"""

_PROBLEMS = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Problems</title></head>
<body>
<h1>Problems</h1>
<p>Every refusal is a problem document (RFC 9457). Its <code>code</code> never changes.</p>
<dl>
{entries}
</dl>
</body>
</html>
"""


class AssetNotFound(NotFound):
    """No such file of the documentation."""

    code = "docs.asset_not_found"
    title = "There is no such file"


@pages.get("")
def browse() -> Response:
    """The API to browse and try."""
    return Response(_PAGE, mimetype="text/html")


@pages.get("/start.js")
def start() -> Response:
    """What starts the browser of the API; a file because inline scripts are refused."""
    return Response(_START, mimetype="text/javascript")


@pages.get("/assets/<name>")
def asset(name: str) -> Response:
    """A file of the documentation browser."""
    if name not in ASSETS:
        raise AssetNotFound
    return send_from_directory(_assets(), name, max_age=_DAY_S)


def _assets() -> Path:
    """The folder of the installed package, found without running its code."""
    found = find_spec("flask_swagger_ui")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0]) / "dist"


@pages.get("/problems")
def list_problems() -> Response:
    """Every refusal: as a page, or as JSON for whoever prefers it."""
    known = problems()
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) != "text/html":
        return jsonify(items=known)
    return Response(_PROBLEMS.format(entries="\n".join(map(_entry, known))), mimetype="text/html")


def problems() -> list[dict[str, Any]]:
    """All refusals of the product, by code."""
    found = {each.code: each for each in _below(AppError)}
    return [
        {
            "code": code,
            "status": status_of_kind(kind),
            "title": kind.title,
            "description": inspect.cleandoc(kind.__doc__ or ""),
        }
        for code, kind in sorted(found.items())
    ]


def _below(kind: type[AppError]) -> Iterator[type[AppError]]:
    """All kinds of refusals below one; of two with the same code the more general wins."""
    for each in kind.__subclasses__():
        yield from _below(each)
        yield each


def _entry(problem: dict[str, Any]) -> str:
    code, title = escape(problem["code"]), escape(problem["title"])
    description = escape(problem["description"])
    return (
        f'<dt id="{code}"><code>{code}</code> ({problem["status"]})</dt>'
        f"<dd><strong>{title}</strong><br>{description}</dd>"
    )
