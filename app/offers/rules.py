"""Why an offer cannot be sold: pure, from facts, as stable machine-readable reasons."""

from dataclasses import dataclass

STATUSES = ("active", "paused", "withdrawn")

# What a reason means, for people; the keys are published and never change.
REASONS = {
    "offer_paused": "The seller paused the offer",
    "offer_withdrawn": "The seller withdrew the offer",
    "seller_suspended": "The seller is suspended",
    "variant_not_active": "The manufacturer does not sell the variant now",
    "agreement_inactive": "No active agreement with terms in force lets the seller sell it",
    "outside_assortment": "The terms of the seller's agreements do not cover its category",
    "no_price": "No list of the seller that is valid now has a price for the least quantity",
    "no_stock": "Less than the least quantity is available at the seller's locations",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFacts:
    """What decides whether an offer can be sold, whoever buys and wherever."""

    offer_status: str
    seller_status: str
    variant_status: str
    makes_it_itself: bool
    has_terms: bool
    terms_cover_it: bool
    has_price: bool
    available: int
    minimum_quantity: int


def reasons_against(facts: OfferFacts) -> tuple[str, ...]:
    """Every reason why the offer cannot be sold; none means that it can."""
    authorised = facts.makes_it_itself or facts.has_terms
    covered = facts.makes_it_itself or facts.terms_cover_it
    found = {
        "offer_paused": facts.offer_status == "paused",
        "offer_withdrawn": facts.offer_status == "withdrawn",
        "seller_suspended": facts.seller_status != "active",
        "variant_not_active": facts.variant_status not in {"active", "phase_out"},
        "agreement_inactive": not authorised,
        "outside_assortment": authorised and not covered,
        "no_price": not facts.has_price,
        "no_stock": facts.available < facts.minimum_quantity,
    }
    return tuple(reason for reason in REASONS if found[reason])
