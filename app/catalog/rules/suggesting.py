"""Suggestions and decisions about them, as values."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.catalog.rules.matching import Described, Thresholds

MAX_BATCH = 500
MAX_DECISIONS = 100
STATES = ("pending", "matched", "new_product", "refused")
ACTIONS = ("match", "new_product", "refuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionDraft:
    """An article in its seller's words."""

    seller_sku: str
    name: str
    brand: str = ""
    gtin: str | None = None
    part_number: str | None = None
    manufacturer_id: uuid.UUID | None = None
    category_hint: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    weight_g: int | None = None

    def described(self) -> Described:
        """What of it is compared with variants."""
        return Described(
            name=self.name,
            brand=self.brand,
            gtin=self.gtin,
            part_number=self.part_number,
            weight_g=self.weight_g,
            manufacturer_id=self.manufacturer_id,
            attributes=self.attributes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decides about a suggestion."""

    suggestion_id: uuid.UUID
    action: str
    variant_id: uuid.UUID | None = None
    category_id: uuid.UUID | None = None
    product_id: uuid.UUID | None = None
    sku: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Somebody's thresholds, for one seller or for all."""

    owner_id: uuid.UUID
    seller_id: uuid.UUID | None
    thresholds: Thresholds


def thresholds_for(
    policies: Collection[Policy], *, manufacturer_id: uuid.UUID | None, seller_id: uuid.UUID
) -> Thresholds:
    """The manufacturer's for this seller, else for all; else the operator's likewise; else ours."""

    def rank(policy: Policy) -> tuple[bool, bool]:
        return (policy.owner_id == manufacturer_id, policy.seller_id is not None)

    fitting = [each for each in policies if each.seller_id in {None, seller_id}]
    return max(fitting, key=rank).thresholds if fitting else Thresholds()


def repeated(skus: Sequence[str]) -> list[int]:
    """Where a seller SKU is named that was named before."""
    seen: set[str] = set()
    found = []
    for index, sku in enumerate(skus):
        if sku in seen:
            found.append(index)
        seen.add(sku)
    return found


def problem_of_decision(decision: Decision) -> tuple[str, str] | None:
    """What is missing of a decision, if anything: (pointer, message)."""
    if decision.action == "match" and decision.variant_id is None:
        return "/variant_id", "Say which variant it is"
    if decision.action == "refuse" and not decision.reason:
        return "/reason", "Say why, to the seller"
    if decision.action == "new_product" and not (decision.category_id or decision.product_id):
        return "/category_id", "Say in which category, or of which product"
    return None
