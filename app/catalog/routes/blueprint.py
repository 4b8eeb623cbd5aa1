"""The blueprint that all routes of the catalog share, and in which language a reader reads."""

from flask import Response, request
from flask_smorest import Blueprint

from app.catalog.rules import fallbacks

blueprint = Blueprint("catalog", __name__, description="What manufacturers make")


def locales_of(locale: str | None) -> tuple[str, ...]:
    """Where to look for texts: what the query names, else what the request's headers prefer."""
    wanted = [locale] if locale else list(request.accept_languages.values())
    return fallbacks(each for each in wanted if each != "*")


@blueprint.after_request
def _vary(response: Response) -> Response:
    """Who keeps answers must keep one for each language."""
    response.vary.add("Accept-Language")
    return response
