"""Price lists, their entries, to whom they apply, and what a price is."""

import uuid
from datetime import datetime
from typing import Any

from flask_smorest import Blueprint

from app.infra.auth import Caller, current_caller, requires
from app.infra.db import db
from app.infra.http import (
    PageQuery,
    expected_version,
    page_body,
    page_request,
    page_schema,
    with_etag,
)
from app.infra.idempotency import writes
from app.infra.web import now
from app.kernel.money import UnitPrice
from app.pricing import operations, queries
from app.pricing.models import PriceAssignment, PriceList
from app.pricing.queries import Ask, Request
from app.pricing.schemas import (
    PriceAnswersSchema,
    PriceAssignmentFacts,
    PriceAssignmentSchema,
    PriceEntriesSchema,
    PriceEntriesWrittenSchema,
    PriceEntryQuery,
    PriceEntrySchema,
    PriceListChanges,
    PriceListFacts,
    PriceListQuery,
    PriceListSchema,
    ResolvePricesSchema,
)

blueprint = Blueprint("pricing", __name__, description="Prices, and which one holds")


@blueprint.route("/price-lists")
@blueprint.arguments(PriceListQuery, location="query")
@blueprint.response(200, page_schema(PriceListSchema))
@requires("prices.read")
def list_price_lists(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's price lists, and those that its agreements name."""
    page = queries.list_price_lists(
        db.session, caller=current_caller(), page=page_request(query), purpose=query["purpose"]
    )
    return page_body(page)


@blueprint.route("/price-lists", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(PriceListFacts)
@blueprint.response(201, PriceListSchema)
@requires("prices.write")
def create_price_list(payload: dict[str, Any]) -> PriceList:
    """Open a price list."""
    return operations.create_price_list(
        db.session, caller=current_caller(), facts=payload, now=now()
    )


@blueprint.route("/price-lists/<pid('plist'):price_list_id>")
@with_etag
@blueprint.response(200, PriceListSchema)
@requires("prices.read")
def show_price_list(price_list_id: uuid.UUID) -> PriceList:
    """Show a price list."""
    return queries.get_price_list(db.session, caller=current_caller(), price_list_id=price_list_id)


@blueprint.route("/price-lists/<pid('plist'):price_list_id>", methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(PriceListChanges)
@blueprint.response(200, PriceListSchema)
@requires("prices.write")
def change_price_list(payload: dict[str, Any], price_list_id: uuid.UUID) -> PriceList:
    """Change a price list's name or validity; send If-Match."""
    return operations.update_price_list(
        db.session,
        caller=current_caller(),
        price_list_id=price_list_id,
        expected_version=expected_version(),
        changes=payload,
        now=now(),
    )


@blueprint.route("/price-lists/<pid('plist'):price_list_id>/entries")
@blueprint.arguments(PriceEntryQuery, location="query")
@blueprint.response(200, page_schema(PriceEntrySchema))
@requires("prices.read")
def list_entries(query: dict[str, Any], price_list_id: uuid.UUID) -> dict[str, Any]:
    """List the entries of a price list."""
    page = queries.list_entries(
        db.session,
        caller=current_caller(),
        price_list_id=price_list_id,
        page=page_request(query),
        variant_id=query["variant_id"],
    )
    return page_body(page)


@blueprint.route("/price-lists/<pid('plist'):price_list_id>/entries", methods=["PUT"])
@writes
@blueprint.arguments(PriceEntriesSchema)
@blueprint.response(200, PriceEntriesWrittenSchema)
@requires("prices.write")
def put_entries(payload: dict[str, Any], price_list_id: uuid.UUID) -> dict[str, int]:
    """Put up to 1,000 entries on a price list, all or none; what is put again is replaced."""
    written = operations.put_entries(
        db.session,
        caller=current_caller(),
        price_list_id=price_list_id,
        entries=payload["entries"],
        now=now(),
    )
    return {"written": written}


@blueprint.route("/price-lists/<pid('plist'):price_list_id>/assignments")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(PriceAssignmentSchema))
@requires("prices.read")
def list_assignments(query: dict[str, Any], price_list_id: uuid.UUID) -> dict[str, Any]:
    """List to whom a price list applies."""
    page = queries.list_assignments(
        db.session,
        caller=current_caller(),
        price_list_id=price_list_id,
        page=page_request(query),
    )
    return page_body(page)


@blueprint.route("/price-lists/<pid('plist'):price_list_id>/assignments", methods=["POST"])
@writes
@blueprint.arguments(PriceAssignmentFacts)
@blueprint.response(201, PriceAssignmentSchema)
@requires("prices.write")
def create_assignment(payload: dict[str, Any], price_list_id: uuid.UUID) -> PriceAssignment:
    """Say to whom a sale list applies."""
    return operations.create_assignment(
        db.session,
        caller=current_caller(),
        price_list_id=price_list_id,
        facts=payload,
        now=now(),
    )


@blueprint.route("/price-assignments/<pid('passign'):assignment_id>", methods=["DELETE"])
@writes
@blueprint.response(204)
@requires("prices.write")
def delete_assignment(assignment_id: uuid.UUID) -> None:
    """End an assignment."""
    operations.delete_assignment(
        db.session, caller=current_caller(), assignment_id=assignment_id, now=now()
    )


@blueprint.route("/prices/resolve", methods=["POST"])
@blueprint.arguments(ResolvePricesSchema)
@blueprint.response(200, PriceAnswersSchema)
@requires("prices.read")
def resolve_prices(payload: dict[str, Any]) -> dict[str, Any]:
    """Say which prices hold now, for up to 500 lines; for up to 50, why."""
    caller = current_caller()
    shop = {"storefront_id": payload["storefront_id"], "buyer_id": payload["buyer_id"]}
    group = queries.require_entitled(db.session, caller=caller, asks=payload["asks"], **shop)
    request = Request(
        asks=payload["asks"], currency=payload["currency"], customer_group=group, **shop
    )
    answer = _explained if payload["explain"] else _resolved
    return {"items": answer(request, caller, now())}


def _resolved(request: Request, _caller: Caller, at: datetime) -> list[dict[str, Any]]:
    found = queries.resolve(db.session, request=request, now=at)
    return [
        _line(ask, request.currency)
        | (
            _priced(ask, entry_id=one.entry_id, list_id=one.price_list_id, price=one.price)
            if (one := found.get(ask.line_no))
            else {}
        )
        for ask in request.asks
    ]


def _explained(request: Request, caller: Caller, at: datetime) -> list[dict[str, Any]]:
    found = queries.explain(db.session, request=request, now=at)
    items = []
    for ask in request.asks:
        choice = found[ask.line_no]
        sees_all = caller.is_operator or ask.owner_id == caller.organization_id
        item = _line(ask, request.currency)
        item["why"] = [each for each in choice.why if sees_all or each.took_part]
        if choice.entry and choice.price_list_id:
            item |= _priced(
                ask,
                entry_id=choice.entry.entry_id,
                list_id=choice.price_list_id,
                price=choice.entry.price,
            )
        items.append(item)
    return items


def _line(ask: Ask, currency: str) -> dict[str, Any]:
    return {
        "line_no": ask.line_no,
        "owner_id": ask.owner_id,
        "variant_id": ask.variant_id,
        "purpose": ask.purpose,
        "quantity": ask.quantity,
        "currency": currency,
        **dict.fromkeys(
            ("entry_id", "price_list_id", "amount_minor", "per_quantity", "goods_minor")
        ),
    }


def _priced(
    ask: Ask, *, entry_id: uuid.UUID, list_id: uuid.UUID, price: UnitPrice
) -> dict[str, Any]:
    return {
        "entry_id": entry_id,
        "price_list_id": list_id,
        "amount_minor": price.amount_minor,
        "per_quantity": price.per_quantity,
        "goods_minor": price.extend(ask.quantity),
    }
