"""Pages for people, in front of the same operations and queries as the API."""

from flask import Flask, render_template
from flask.typing import ResponseReturnValue

from app.infra.http import status_of
from app.kernel.errors import AppError
from app.kernel.ids import public_id
from app.web import format as formats
from app.web import pages
from app.web.blueprint import blueprint

__all__ = ["install", "pages"]


def install(app: Flask) -> None:
    """Register the pages and how values look on them."""
    app.register_blueprint(blueprint)
    app.jinja_env.filters.update(
        money=formats.money,
        number=formats.number,
        moment=formats.moment,
        day=formats.day,
        words=formats.words,
        public_id=lambda value, prefix: public_id(prefix, value),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


@blueprint.errorhandler(AppError)
def refused(error: AppError) -> ResponseReturnValue:
    """A refusal as a page."""
    return render_template("refused.html", error=error), status_of(error)
