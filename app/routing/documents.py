"""Policies and previews as they are shown; pure."""

from datetime import datetime
from typing import Any

from app.routing.models import RoutingPolicy
from app.routing.operations.policies import scope_of
from app.routing.operations.previewing import Outcome, PolicyPreview
from app.routing.rules.reading import whole

_FIELDS = (
    "id", "storefront_id", "manufacturer_id", "category_id", "buyer_id", "number", "valid_from",
    "valid_to", "restores_number", "note", "document", "created_at", "version",
)  # fmt: skip


def policy_body(policy: RoutingPolicy, *, now: datetime) -> dict[str, Any]:
    """A version, and what it is at an instant."""
    facts = {name: getattr(policy, name) for name in _FIELDS}
    facts["document"] = whole(policy.document)
    return facts | {"scope": scope_of(policy).kind, "status": status_of(policy, now=now)}


def status_of(policy: RoutingPolicy, *, now: datetime) -> str:
    """Whether a version is a draft, scheduled, active or retired."""
    if policy.valid_from is None:
        return "draft"
    if policy.valid_to is not None and (
        policy.valid_to <= now or policy.valid_to == policy.valid_from
    ):
        return "retired"
    return "scheduled" if policy.valid_from > now else "active"


def preview_body(preview: PolicyPreview) -> dict[str, Any]:
    """What is in force beside a draft."""
    return {
        "currency": preview.currency,
        "now": _outcome(preview.now),
        "draft": _outcome(preview.draft),
        "orders": preview.orders,
        "skipped": preview.skipped,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    names = (
        "units_requested", "units_served", "goods_minor", "freight_minor", "cost_minor",
        "consignments", "unit_days",
    )  # fmt: skip
    shares = [
        {"seller_id": seller, "units": units}
        for seller, units in outcome.units_by_seller.most_common()
    ]
    return {name: getattr(outcome, name) for name in names} | {"sellers": shares}
