"""Offers, and why they cannot be sold."""

import uuid
from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import expected_version, page_body, page_request, page_schema, with_etag
from app.infra.idempotency import writes
from app.infra.web import now
from app.offers import operations, queries
from app.offers.models import Offer
from app.offers.rules import REASONS, OfferFilter
from app.offers.schemas import (
    BulkEditSchema,
    BulkOutcomeSchema,
    OfferChanges,
    OfferExplanationSchema,
    OfferQuery,
    OfferSchema,
    OfferSummaryQuery,
    OfferSummarySchema,
    OfferTerms,
    ReasonedOfferSchema,
)

_FILTERS = (
    "seller_id", "variant_id", "category_id", "assortment_id", "status", "condition", "q",
)  # fmt: skip
blueprint = Blueprint("offers", __name__, description="What sellers are ready to sell")


@blueprint.route("/offers")
@blueprint.arguments(OfferQuery, location="query")
@blueprint.response(200, page_schema(ReasonedOfferSchema))
@requires("offers.read")
def list_offers(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's offers, each with every reason why it cannot be sold."""
    named = {name: query[name] for name in _FILTERS}
    page = queries.list_offers(
        db.session,
        caller=current_caller(),
        page=page_request(query),
        wanted=OfferFilter(**named),
        reason=query["reason"],
        now=now(),
    )
    return page_body(page)


@blueprint.route("/offers/summary")
@blueprint.arguments(OfferSummaryQuery, location="query")
@blueprint.response(200, OfferSummarySchema)
@requires("offers.read")
def summarize_offers(query: dict[str, Any]) -> dict[str, Any]:
    """Say how many offers can be sold, and for which reasons the others cannot."""
    wanted = OfferFilter(seller_id=query["seller_id"])
    found = queries.summary(db.session, caller=current_caller(), wanted=wanted, now=now())
    return {
        "total": found.total,
        "sellable": found.sellable,
        "statuses": found.statuses,
        "reasons": [
            {"code": code, "meaning": REASONS[code], "offers": found.reasons[code]}
            for code in REASONS
            if code in found.reasons
        ],
    }


@blueprint.route("/offers/bulk-edit", methods=["POST"])
@writes
@blueprint.arguments(BulkEditSchema)
@blueprint.response(200, BulkOutcomeSchema)
@requires("offers.write")
def bulk_edit_offers(payload: dict[str, Any]) -> dict[str, Any]:
    """Change all offers that a filter means, up to 100,000, or say what that would do."""
    done = operations.edit_many(
        db.session,
        caller=current_caller(),
        wanted=payload["filter"],
        changes=payload["changes"],
        mode="dry_run" if payload["dry_run"] else payload["policy"],
        now=now(),
    )
    return {"dry_run": payload["dry_run"], **asdict(done)}


@blueprint.route("/offers", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(OfferTerms)
@blueprint.response(201, OfferSchema)
@requires("offers.write")
def create_offer(payload: dict[str, Any]) -> Offer:
    """Offer a variant."""
    return operations.create_offer(
        db.session,
        caller=current_caller(),
        variant_id=payload.pop("variant_id"),
        facts=payload,
        now=now(),
    )


@blueprint.route("/offers/<pid('offer'):offer_id>")
@with_etag
@blueprint.response(200, OfferSchema)
@requires("offers.read")
def show_offer(offer_id: uuid.UUID) -> Offer:
    """Show an offer."""
    return queries.get_offer(db.session, caller=current_caller(), offer_id=offer_id)


@blueprint.route("/offers/<pid('offer'):offer_id>", methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(OfferChanges)
@blueprint.response(200, OfferSchema)
@requires("offers.write")
def change_offer(payload: dict[str, Any], offer_id: uuid.UUID) -> Offer:
    """Change, pause or withdraw an offer; send If-Match."""
    return operations.update_offer(
        db.session,
        caller=current_caller(),
        offer_id=offer_id,
        expected_version=expected_version(),
        changes=payload,
        now=now(),
    )


@blueprint.route("/offers/<pid('offer'):offer_id>/explanation")
@blueprint.response(200, OfferExplanationSchema)
@requires("offers.read")
def explain_offer(offer_id: uuid.UUID) -> dict[str, Any]:
    """Say whether an offer can be sold at all, and if not, every reason."""
    reasons = queries.reasons_of(db.session, caller=current_caller(), offer_id=offer_id, now=now())
    return {
        "offer_id": offer_id,
        "sellable": not reasons,
        "reasons": [{"code": each, "meaning": REASONS[each]} for each in reasons],
    }
