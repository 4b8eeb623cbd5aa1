"""What changes offers; every change is told to the seller."""

from app.offers.operations.bulk import BulkEdit, edit_many
from app.offers.operations.editing import create_offer, ensure_offers, update_offer
from app.offers.operations.telling import tell_changes

__all__ = [
    "BulkEdit",
    "create_offer",
    "edit_many",
    "ensure_offers",
    "tell_changes",
    "update_offer",
]
