"""What pricing can be told."""

from app.pricing.operations.entries import MAX_ENTRIES, EntryDraft, put_entries
from app.pricing.operations.formulas import (
    MAX_FORMULAS,
    choose_strategy,
    derive_list,
    end_derivation,
)
from app.pricing.operations.lists import (
    create_assignment,
    create_price_list,
    delete_assignment,
    update_price_list,
)

__all__ = [
    "MAX_ENTRIES",
    "MAX_FORMULAS",
    "EntryDraft",
    "choose_strategy",
    "create_assignment",
    "create_price_list",
    "delete_assignment",
    "derive_list",
    "end_derivation",
    "put_entries",
    "update_price_list",
]
