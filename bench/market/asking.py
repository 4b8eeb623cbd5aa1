"""Random pages as buyers see them, and who these buyers are. Drawn with a seed."""

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.market.plan import (
    BUYERS_A_SHOP,
    GROUPS_A_MAKER,
    GROUPS_A_SHOP,
    KINDS,
    SELLERS_A_GROUP,
    SELLERS_A_SHOP,
    Plan,
)

PAGE = 24
TERRITORIES = 16


def made_id(kind: str, number: int) -> uuid.UUID:
    """The id that the generator gave; ``plan.ID`` says the same in SQL."""
    mixed = (number * 2654435761 + KINDS[kind]) & (2**60 - 1)
    return uuid.UUID(f"019{KINDS[kind]:02x}{number:07x}70008{mixed:015x}")


@dataclass(frozen=True, slots=True)
class Page:
    """A storefront's first buyer looks at goods of one group (or of all four) of the shop."""

    shop: int
    groups: tuple[int, ...]
    variants: tuple[int, ...]

    @property
    def variant_ids(self) -> list[uuid.UUID]:
        return [made_id("variant", number) for number in self.variants]

    @property
    def owner_id(self) -> uuid.UUID:
        return made_id("owner", self.shop)

    @property
    def group_sellers(self) -> list[uuid.UUID]:
        """The five sellers of the first group."""
        first = self.groups[0] * SELLERS_A_GROUP
        return [made_id("seller", first + n) for n in range(SELLERS_A_GROUP)]

    @property
    def pool(self) -> list[uuid.UUID]:
        """The twenty sellers of the storefront."""
        first = self.shop * SELLERS_A_SHOP
        return [made_id("seller", first + n) for n in range(SELLERS_A_SHOP)]

    @property
    def context(self) -> Mapping[str, Any]:
        """What pricing is told of the buyer."""
        return context_of(self.shop, buyer=self.shop * BUYERS_A_SHOP)


def context_of(shop: int, *, buyer: int) -> Mapping[str, Any]:
    """What pricing is told of a buyer with the group *gold* in a storefront."""
    return {
        "storefront_id": made_id("shop", shop),
        "buyer_id": made_id("buyer", buyer),
        "unit_id": None,
        "customer_group": "gold",
        "country": "DE",
        "subdivision": f"DE-{chr(65 + buyer % TERRITORIES)}",
        "postal_code": "34117",
        "currency": "EUR",
    }


class Pages:
    """Draws pages of goods whose numbers lie below ``below``: those that have their prices."""

    def __init__(self, plan: Plan, *, below: int, seed: int) -> None:
        self._plan, self._below = plan, below
        self._chance = random.Random(seed)

    def draw(self, *, odd: int, groups: int = 1) -> Page:
        """A page in a random storefront; ``odd`` ones have formulas on a fifth of their lists."""
        shops = [each for each in range(self._plan.shops_within(self._below)) if each % 2 == odd]
        shop = self._chance.choice(shops)
        first = shop * GROUPS_A_SHOP
        chosen = tuple(self._chance.sample(range(first, first + GROUPS_A_SHOP), groups))
        variants: set[int] = set()
        while len(variants) < PAGE:
            variants.add(self._variant(self._chance.choice(chosen)))
        return Page(shop, chosen, tuple(sorted(variants)))

    def _variant(self, group: int) -> int:
        maker, place = divmod(group, GROUPS_A_MAKER)
        first = maker * self._plan.variants_a_maker
        reach = min(self._plan.variants_a_maker, self._below - first)
        product = self._chance.randrange(reach // (4 * GROUPS_A_MAKER)) * GROUPS_A_MAKER + place
        return first + product * 4 + self._chance.randrange(4)
