"""What an assortment is made of: alternatives of conditions, and variants named one by one.

Laws: a variant that is listed as excluded is out, whatever rules say; one that is listed as
included is in; otherwise it is in when one of the rules holds. All conditions of a rule must hold;
a condition without values holds always. An assortment of nothing selects nothing.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_RULES = 100
MAX_VALUES = 500
MAX_LISTED = 100_000
STATUSES = ("draft", "active", "phase_out", "withdrawn")
LISTS = ("include_ids", "exclude_ids", "remove_ids")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """Conditions that must all hold; within one, any of its values."""

    manufacturer_ids: Sequence[uuid.UUID] = ()
    category_ids: Sequence[uuid.UUID] = ()
    brands: Sequence[str] = ()
    attributes: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    statuses: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Variants named one by one."""

    include_ids: Sequence[uuid.UUID] = ()
    exclude_ids: Sequence[uuid.UUID] = ()
    remove_ids: Sequence[uuid.UUID] = ()


def problems_of_lists(lists: Lists) -> list[dict[str, str]]:
    """Where one variant is named twice, as located messages."""
    seen: set[uuid.UUID] = set()
    problems = []
    for name in LISTS:
        for index, each in enumerate(getattr(lists, name)):
            if each in seen:
                problems.append({"pointer": f"/{name}/{index}", "message": "Named twice"})
            seen.add(each)
    return problems
