"""Offers, and why they cannot be sold."""

import uuid
from typing import Any

from flask_smorest import Blueprint

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import expected_version, page_body, page_request, page_schema, with_etag
from app.infra.idempotency import writes
from app.infra.web import now
from app.offers import operations, queries
from app.offers.models import Offer
from app.offers.rules import REASONS
from app.offers.schemas import (
    OfferChanges,
    OfferExplanationSchema,
    OfferQuery,
    OfferSchema,
    OfferTerms,
)

blueprint = Blueprint("offers", __name__, description="What sellers are ready to sell")


@blueprint.route("/offers")
@blueprint.arguments(OfferQuery, location="query")
@blueprint.response(200, page_schema(OfferSchema))
@requires("offers.read")
def list_offers(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's offers."""
    page = queries.list_offers(
        db.session,
        caller=current_caller(),
        page=page_request(query),
        variant_id=query["variant_id"],
        status=query["status"],
    )
    return page_body(page)


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
    )


@blueprint.route("/offers/<pid('offer'):offer_id>/explanation")
@blueprint.response(200, OfferExplanationSchema)
@requires("offers.read")
def explain_offer(offer_id: uuid.UUID) -> dict[str, Any]:
    """Say whether an offer can be sold at all, and if not, every reason."""
    queries.get_offer(db.session, caller=current_caller(), offer_id=offer_id)
    reasons = queries.explain(db.session, offer_ids=[offer_id], now=now())[offer_id]
    return {
        "offer_id": offer_id,
        "sellable": not reasons,
        "reasons": [{"code": each, "meaning": REASONS[each]} for each in reasons],
    }
