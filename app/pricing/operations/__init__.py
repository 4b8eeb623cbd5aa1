"""What pricing can be told."""

from app.pricing.operations.entries import MAX_ENTRIES, EntryDraft, put_entries
from app.pricing.operations.lists import (
    create_assignment,
    create_price_list,
    delete_assignment,
    update_price_list,
)

__all__ = [
    "MAX_ENTRIES",
    "EntryDraft",
    "create_assignment",
    "create_price_list",
    "delete_assignment",
    "put_entries",
    "update_price_list",
]
