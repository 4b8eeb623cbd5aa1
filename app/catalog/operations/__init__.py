"""What may be done with a catalog."""

from app.catalog.operations.attributes import create_attribute, update_attribute
from app.catalog.operations.categories import create_category, update_category
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

__all__ = [
    "create_attribute", "create_category", "create_product", "create_variant", "discard_change",
    "discard_changes", "hold", "hold_alone", "publish", "roll_back", "update_attribute",
    "update_category", "update_product", "update_variant",
]  # fmt: skip
