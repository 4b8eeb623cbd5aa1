"""Why an order's lines go to whom: a table of verdicts, and the reasons behind each of them."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.infra.db import db
from app.kernel.errors import NotFound
from app.routing import queries as routing_queries
from app.routing.why.telling import Question, explanation
from app.routing.why.texts import LABELS, LANGUAGES
from app.web.blueprint import blueprint, id_in_url, me, signed_in
from app.web.languages import language_asked
from app.web.texts import LANGUAGES as NAMES

# A table is as wide as people can read; the others are counted, and reached by their address.
MOST_COLUMNS = 12


@blueprint.get("/orders/<text>/why")
@signed_in
def order_why(text: str) -> ResponseReturnValue:
    """The verdicts of an order, or (with a line and a seller) the reasons of one."""
    me().require("orders.read")
    line = request.args.get("line", type=int)
    seller = request.args.get("seller")
    language = language_asked(LANGUAGES)
    told = explanation(
        db.session,
        caller=me(),
        question=Question(
            order_id=id_in_url("order", text),
            line=line,
            seller_id=id_in_url("org", seller) if seller else None,
            attempt=request.args.get("attempt", type=int),
            language=language,
        ),
    )
    page = "routing_why_detail.html" if line or seller else "routing_why.html"
    return render_template(
        page,
        told=told,
        text=text,
        t=LABELS[language],
        language=language,
        locale=language,
        languages=NAMES,
        sees_all=_sees_all(text),
        shown=told["sellers"][:MOST_COLUMNS],
        cells=[{row["seller_id"]: row for row in each["sellers"]} for each in told["lines"]],
    )


def _sees_all(text: str) -> bool:
    """Whether the reader may ask what would have been otherwise."""
    if not me().may("routing.read"):
        return False
    try:
        routing_queries.get_decisions(db.session, caller=me(), order_id=id_in_url("order", text))
    except NotFound:
        return False
    return True
