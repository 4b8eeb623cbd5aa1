"""What a price is, and why."""

from datetime import datetime
from typing import Any

from app.infra.auth import Caller, current_caller, requires
from app.infra.db import db
from app.infra.web import now
from app.kernel.errors import Forbidden
from app.kernel.money import UnitPrice
from app.pricing import queries
from app.pricing.queries import Ask, Request
from app.pricing.routes.blueprint import blueprint
from app.pricing.rules import REASONS, Choice, Verdict
from app.pricing.schemas import (
    ExplainPriceQuery,
    PriceAnswerSchema,
    PriceAnswersSchema,
    ResolvePricesSchema,
)

_CONTEXT = (
    "currency", "storefront_id", "buyer_id", "unit_id", "country", "subdivision", "postal_code",
)  # fmt: skip
_ASK = ("owner_id", "variant_id", "quantity", "purpose", "price_list_id")


@blueprint.route("/prices/resolve", methods=["POST"])
@blueprint.arguments(ResolvePricesSchema)
@blueprint.response(200, PriceAnswersSchema)
@requires("prices.read")
def resolve_prices(payload: dict[str, Any]) -> dict[str, Any]:
    """Say which prices hold, for up to 500 lines at an instant; for up to 50, why."""
    caller = current_caller()
    at = _instant(caller, payload["asks"], payload["at"])
    request = _request(caller, payload["asks"], payload)
    answer = _explained if payload["explain"] else _resolved
    return {"items": answer(request, caller, at)}


@blueprint.route("/prices/explain")
@blueprint.arguments(ExplainPriceQuery, location="query")
@blueprint.response(200, PriceAnswerSchema)
@requires("prices.read")
def explain_price(query: dict[str, Any]) -> dict[str, Any]:
    """Say which price holds at an instant, how it came about, and why every other one lost."""
    caller = current_caller()
    asks = [Ask(line_no=0, **{name: query[name] for name in _ASK})]
    at = _instant(caller, asks, query["at"])
    return _explained(_request(caller, asks, query), caller, at)[0]


def _request(caller: Caller, asks: list[Ask], payload: dict[str, Any]) -> Request:
    context = {name: payload[name] for name in _CONTEXT}
    group = queries.require_entitled(
        db.session,
        caller=caller,
        asks=asks,
        storefront_id=payload["storefront_id"],
        buyer_id=payload["buyer_id"],
    )
    return Request(asks=asks, customer_group=group, **context)


def _instant(caller: Caller, asks: list[Ask], at: datetime | None) -> datetime:
    """The instant asked for; what prices will be is for their owner to know."""
    present = now()
    if at is None or at <= present:
        return at or present
    if not all(_sees_all(caller, ask) for ask in asks):
        raise Forbidden("Only the owner of prices may ask what they will be")
    return at


def _sees_all(caller: Caller, ask: Ask) -> bool:
    return caller.is_operator or ask.owner_id == caller.organization_id


def _resolved(request: Request, _caller: Caller, at: datetime) -> list[dict[str, Any]]:
    found = queries.resolve_at(db.session, request=request, at=at, now=now())
    items = []
    for ask in request.asks:
        item = _line(ask, request.currency, at)
        one = found.get(ask.line_no)
        if one:
            item |= {
                "price_list_id": one.price_list_id,
                "source_list_id": one.source_list_id,
                "from_quantity": one.from_quantity,
                "valid_from": one.valid_from,
                **_amounts(ask, one.price),
            }
        items.append(item)
    return items


def _explained(request: Request, caller: Caller, at: datetime) -> list[dict[str, Any]]:
    found = queries.explain(db.session, request=request, at=at, now=now())
    items = []
    for ask in request.asks:
        choice = found[ask.line_no]
        sees_all = _sees_all(caller, ask)
        item = _line(ask, request.currency, at)
        item["why"] = [_verdict(each) for each in choice.why if sees_all or each.took_part]
        items.append(item | _chosen(ask, choice))
        if sees_all:
            items[-1]["steps"] = _steps(choice)
    return items


def _chosen(ask: Ask, choice: Choice) -> dict[str, Any]:
    if choice.asked is None or choice.price is None:
        return {}
    entry = choice.asked.last.entry
    return {
        "price_list_id": choice.price_list_id,
        "source_list_id": choice.asked.source_list_id,
        "from_quantity": entry.from_quantity,
        "valid_from": entry.period.starts_at,
        **_amounts(ask, choice.price),
    }


def _steps(choice: Choice) -> list[dict[str, Any]]:
    """How the price was derived, for the greatest break that the quantity reaches."""
    if choice.asked is None:
        return []
    return [
        {
            "price_list_id": step.price_list_id,
            "formula_id": step.formula.formula_id,
            "amount_minor_before": step.before.amount_minor,
            "amount_minor_after": step.after.amount_minor,
            "per_quantity": step.after.per_quantity,
        }
        for step in choice.asked.last.steps
    ]


def _verdict(verdict: Verdict) -> dict[str, Any]:
    entry, price = verdict.entry, verdict.price
    return {
        "price_list_id": verdict.price_list_id,
        "reason": verdict.reason,
        "meaning": REASONS[verdict.reason],
        "from_quantity": entry and entry.from_quantity,
        "valid_from": entry and entry.period.starts_at,
        "valid_to": entry and entry.period.ends_at,
        "amount_minor": price and price.amount_minor,
        "per_quantity": price and price.per_quantity,
    }


def _line(ask: Ask, currency: str, at: datetime) -> dict[str, Any]:
    return {
        "line_no": ask.line_no,
        "owner_id": ask.owner_id,
        "variant_id": ask.variant_id,
        "purpose": ask.purpose,
        "quantity": ask.quantity,
        "currency": currency,
        "at": at,
        **dict.fromkeys(
            (
                "price_list_id", "source_list_id", "from_quantity", "valid_from", "amount_minor",
                "per_quantity", "goods_minor",
            )
        ),
    }  # fmt: skip


def _amounts(ask: Ask, price: UnitPrice) -> dict[str, Any]:
    return {
        "amount_minor": price.amount_minor,
        "per_quantity": price.per_quantity,
        "goods_minor": price.extend(ask.quantity),
    }
