"""What an offer says, what makes its words agree, and why it cannot be sold: in stable words.

Laws: what is ordered of an offer is a multiple of its step and of its pack, not below its minimum
and not above its maximum, and some such quantity exists; it holds from ``valid_from`` on and no
longer at ``valid_to``. The database keeps the same rule (``offers_problem``).

Which of the reasons hold of an offer is decided where the facts are, in one query
(``app.offers.queries.reasons``).
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from math import lcm
from typing import Any

from app.kernel.quantity import MAX_QUANTITY

STATUSES = ("active", "paused", "withdrawn")
CONDITIONS = ("new", "refurbished", "used", "open_box")
BACKORDERS = ("none", "incoming", "always")
MAX_BULK = 100_000

# What a reason means, for people; the keys are published and never change.
REASONS = {
    "offer_paused": "The seller paused the offer",
    "offer_withdrawn": "The seller withdrew the offer",
    "not_yet_valid": "The offer holds from a later instant on",
    "expired": "The offer held until an earlier instant",
    "seller_suspended": "The seller is suspended",
    "variant_not_active": "The manufacturer does not sell the variant now",
    "agreement_inactive": "No active agreement with terms in force lets the seller sell it",
    "outside_assortment": "The terms of the seller's agreements do not cover it",
    "no_price": "No list of the seller that is valid now has a price for the least quantity",
    "below_floor_price": "A price of the seller's is below the manufacturer's floor",
    "no_stock": "Less than the least quantity is available at the seller's locations",
}

# What may disagree in an offer: where, and in which words.
PROBLEMS: Mapping[str, tuple[str, str]] = {
    "step_too_great": ("/pack_quantity", "Step and pack have no common multiple in bounds"),
    "maximum_below_minimum": ("/maximum_quantity", "The greatest quantity is below the least"),
    "nothing_orderable": (
        "/maximum_quantity",
        "No multiple of step and pack lies between the least and the greatest quantity",
    ),
    "period_empty": ("/valid_to", "The offer would end before it begins"),
    "backorder_incomplete": (
        "/backorder",
        "To be ordered always, say up to how many units and how many days later they leave",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What of an offer must agree."""

    minimum_quantity: int = 1
    maximum_quantity: int | None = None
    quantity_step: int = 1
    pack_quantity: int = 1
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    backorder: str = "none"
    backorder_limit: int | None = None
    backorder_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFilter:
    """Which offers: all that is given must hold."""

    seller_id: uuid.UUID | None = None
    variant_id: uuid.UUID | None = None
    status: str | None = None
    condition: str | None = None
    category_id: uuid.UUID | None = None
    assortment_id: uuid.UUID | None = None
    offer_ids: Sequence[uuid.UUID] | None = None
    q: str | None = None

    def given(self) -> dict[str, Any]:
        """What is asked for, by name."""
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in named.items() if value is not None}


def problem_of(words: Words) -> str | None:
    """The first thing that disagrees, if any: a key of :data:`PROBLEMS`."""
    step = lcm(words.quantity_step, words.pack_quantity)
    if step > MAX_QUANTITY:
        return "step_too_great"
    if words.maximum_quantity is not None:
        if words.maximum_quantity < words.minimum_quantity:
            return "maximum_below_minimum"
        if words.maximum_quantity // step * step < words.minimum_quantity:
            return "nothing_orderable"
    if words.valid_from and words.valid_to and words.valid_to <= words.valid_from:
        return "period_empty"
    if words.backorder == "always" and None in {words.backorder_limit, words.backorder_days}:
        return "backorder_incomplete"
    return None
