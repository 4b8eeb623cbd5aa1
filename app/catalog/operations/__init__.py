"""What may be done with a catalog."""

from app.catalog.operations.attributes import create_attribute, update_attribute
from app.catalog.operations.categories import create_category, update_category
from app.catalog.operations.deciding import decide, set_match_policy, settle_published
from app.catalog.operations.editing import hold, hold_alone
from app.catalog.operations.products import (
    create_product,
    create_variant,
    update_product,
    update_variant,
)
from app.catalog.operations.publishing import (
    discard_change,
    discard_changes,
    publish,
    roll_back,
)
from app.catalog.operations.suggestions import edit_suggestion, suggest

__all__ = [
    "create_attribute", "create_category", "create_product", "create_variant", "decide",
    "discard_change", "discard_changes", "edit_suggestion", "hold", "hold_alone", "publish",
    "roll_back", "set_match_policy", "settle_published", "suggest", "update_attribute",
    "update_category", "update_product", "update_variant",
]  # fmt: skip
