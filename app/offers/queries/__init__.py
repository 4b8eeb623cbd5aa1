"""What may be asked of offers."""

from app.offers.queries.filters import offer_ids, prepared
from app.offers.queries.offers import explain, get_offer, list_offers, reasons_of, summary

__all__ = [
    "explain",
    "get_offer",
    "list_offers",
    "offer_ids",
    "prepared",
    "reasons_of",
    "summary",
]
