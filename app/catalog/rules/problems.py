"""What can be wrong with a change; codes never change, an error keeps it from being published."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

ERROR, WARNING = "error", "warning"

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "attribute_undefined": "No attribute has this code: its value is free text",
        "attribute_mistyped": "The value is not of the attribute's kind",
        "option_unknown": "The attribute has no such option",
        "option_in_use": "A variant or product has an option that would be gone",
        "code_taken": "Another one of yours has this code",
        "sku_taken": "Another variant of yours has this SKU",
        "gtin_taken": "Another variant has this GTIN",
        "category_unpublished": "The category is neither published nor about to be",
        "category_cycle": "The category would lie below itself",
        "category_in_use": "Products in sale, or other categories, are still in it",
        "product_unpublished": "The product is neither published nor about to be",
        "variants_in_sale": "Variants of the product are still in sale",
        "successor_unfit": "The successor is not a variant of yours that will be in sale",
        "successor_premature": "Only what is phased out or withdrawn has a successor",
        "successor_missing": "It is phased out and names no successor",
    }
)
WARNINGS = frozenset({"attribute_undefined", "successor_missing"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where: a JSON pointer into the changed thing."""

    code: str
    pointer: str
    value: Any = None

    @property
    def severity(self) -> str:
        """Whether it keeps the change from being published."""
        return WARNING if self.code in WARNINGS else ERROR

    @property
    def message(self) -> str:
        """What is wrong, in words."""
        said = MESSAGES[self.code]
        return said if self.value is None else f"{said}: {json.dumps(self.value)[:200]}"

    def document(self) -> dict[str, Any]:
        """The problem as JSON."""
        return {
            "code": self.code, "pointer": self.pointer, "message": self.message,
            "severity": self.severity,
        }  # fmt: skip
