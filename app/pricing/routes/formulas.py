"""Derived lists, how lists decide between them, and what manufacturers do not allow."""

import uuid
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import expected_version, page_body, page_request, page_schema, with_etag
from app.infra.idempotency import writes
from app.infra.web import now
from app.pricing import operations, queries
from app.pricing.models import PricingSettings
from app.pricing.routes.blueprint import blueprint
from app.pricing.schemas import (
    DerivationFacts,
    DerivationSchema,
    PricingSettingsSchema,
    ViolationQuery,
    ViolationSchema,
)

DERIVATION = "/price-lists/<pid('plist'):price_list_id>/derivation"


@blueprint.route(DERIVATION)
@blueprint.response(200, DerivationSchema)
@requires("prices.read")
def show_derivation(price_list_id: uuid.UUID) -> dict[str, Any]:
    """Show what a list of the caller's derives from, and how."""
    caller = current_caller()
    formulas = queries.list_formulas(db.session, caller=caller, price_list_id=price_list_id)
    found = queries.get_price_list(db.session, caller=caller, price_list_id=price_list_id)
    return {"base_list_id": found.base_list_id, "formulas": formulas}


@blueprint.route(DERIVATION, methods=["PUT"])
@writes
@blueprint.arguments(DerivationFacts)
@blueprint.response(200, DerivationSchema)
@requires("prices.write")
def derive_list(payload: dict[str, Any], price_list_id: uuid.UUID) -> dict[str, Any]:
    """Have a list derive from another one; the next request for a price sees it."""
    formulas = operations.derive_list(
        db.session,
        caller=current_caller(),
        price_list_id=price_list_id,
        base_list_id=payload["base_list_id"],
        formulas=payload["formulas"],
        now=now(),
    )
    return {"base_list_id": payload["base_list_id"], "formulas": formulas}


@blueprint.route(DERIVATION, methods=["DELETE"])
@writes
@blueprint.response(204)
@requires("prices.write")
def end_derivation(price_list_id: uuid.UUID) -> None:
    """Leave a list with its own entries alone."""
    operations.end_derivation(
        db.session, caller=current_caller(), price_list_id=price_list_id, now=now()
    )


@blueprint.route("/pricing-settings")
@with_etag
@blueprint.response(200, PricingSettingsSchema)
@requires("prices.read")
def show_pricing_settings() -> PricingSettings:
    """Show how the caller's lists decide between them."""
    return queries.get_settings(db.session, caller=current_caller())


@blueprint.route("/pricing-settings", methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(PricingSettingsSchema)
@blueprint.response(200, PricingSettingsSchema)
@requires("prices.write")
def choose_strategy(payload: dict[str, Any]) -> PricingSettings:
    """Choose between `first` (by scope and priority) and `lowest`; send If-Match."""
    return operations.choose_strategy(
        db.session,
        caller=current_caller(),
        strategy=payload["strategy"],
        expected_version=expected_version(),
        now=now(),
    )


@blueprint.route("/prices/violations")
@blueprint.arguments(ViolationQuery, location="query")
@blueprint.response(200, page_schema(ViolationSchema))
@requires("prices.read")
def list_violations(query: dict[str, Any]) -> dict[str, Any]:
    """List sellers' prices now outside of what the calling manufacturer allows, by variant.

    A page looks at a hundred variants; it may hold nothing and still name the next one.
    """
    page = queries.list_violations(
        db.session,
        caller=current_caller(),
        currency=query["currency"],
        page=page_request(query),
        now=now(),
    )
    return page_body(page)
