"""What came of an order, and of all of them: whole numbers that add up; pure."""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from app.backtest.rules.books import Taking

SPLIT_MOST = 6
"""Orders of so many consignments and more are counted together."""
HALF_PERCENT_PPM = 5_000
_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What an order comes to after sellers refused units of it and others were asked for them."""

    refused: int
    served: int
    goods_minor: int
    freight_minor: int
    consignments: int
    taken: Mapping[Taking, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one contender makes of one order.

    ``unit_days``: units times the days of lead time that they take. ``sellers``: units and money
    (goods and freight) by seller. ``taken``: who delivers what from where. ``after``: what became
    of it where a seller refused; what is ``final`` is that, else what was planned.
    """

    requested: int
    served: int
    goods_minor: int
    freight_minor: int
    objective_minor: int
    bound_minor: int
    is_optimal: bool
    consignments: int
    unit_days: int
    sellers: Mapping[uuid.UUID, tuple[int, int]]
    taken: Mapping[Taking, int]
    after: Aftermath | None = None

    @property
    def refused(self) -> int:
        """Units that sellers refused."""
        return self.after.refused if self.after else 0

    @property
    def final_served(self) -> int:
        """Units that are served in the end."""
        return (self.after or self).served

    @property
    def final_goods_minor(self) -> int:
        """Goods in the end."""
        return (self.after or self).goods_minor

    @property
    def final_freight_minor(self) -> int:
        """Freight in the end."""
        return (self.after or self).freight_minor

    @property
    def final_consignments(self) -> int:
        """Consignments in the end."""
        return (self.after or self).consignments

    @property
    def final_taken(self) -> Mapping[Taking, int]:
        """What left the stock in the end."""
        return (self.after or self).taken

    @property
    def final_cost_minor(self) -> int:
        """Goods and freight in the end."""
        return self.final_goods_minor + self.final_freight_minor

    @property
    def cost_minor(self) -> int:
        """Goods and freight."""
        return self.goods_minor + self.freight_minor

    @property
    def is_near(self) -> bool:
        """Whether it is proved to lie within half a percent of the best."""
        gap = self.objective_minor - self.bound_minor
        return self.is_optimal or gap * _PPM <= HALF_PERCENT_PPM * max(1, self.objective_minor)

    def row(self) -> list[int]:
        """What is kept of it with the order; see ``ROW``."""
        return [getattr(self, name) for name in ROW]


ROW = (
    "served", "goods_minor", "freight_minor", "objective_minor", "consignments", "unit_days",
    "refused", "final_served", "final_goods_minor", "final_freight_minor", "final_consignments",
)  # fmt: skip


@dataclass(slots=True)
class Tally:
    """What a contender makes of all orders.

    ``like_*`` are costs over the orders that it serves as far as what is supposed: its own, and
    theirs; only those can be set against each other. ``final_*`` are what refusals left.
    """

    orders: int = 0
    requested: int = 0
    served: int = 0
    whole: int = 0
    goods_minor: int = 0
    freight_minor: int = 0
    objective_minor: int = 0
    consignments: int = 0
    unit_days: int = 0
    optimal: int = 0
    near: int = 0
    changed: int = 0
    like_orders: int = 0
    like_minor: int = 0
    like_supposed_minor: int = 0
    refused: int = 0
    final_served: int = 0
    final_goods_minor: int = 0
    final_freight_minor: int = 0
    final_consignments: int = 0
    final_like_orders: int = 0
    final_like_minor: int = 0
    final_like_supposed_minor: int = 0
    splits: Counter[int] = field(default_factory=Counter)
    units_by_seller: Counter[uuid.UUID] = field(default_factory=Counter)
    money_by_seller: Counter[uuid.UUID] = field(default_factory=Counter)

    def add(self, one: Outcome, supposed: Outcome) -> None:
        """Count an order in, beside what is supposed of it."""
        self.orders += 1
        self.whole += one.served == one.requested
        self.optimal += one.is_optimal
        self.near += one.is_near
        self.changed += dict(one.taken) != dict(supposed.taken)
        for name in ("requested", *ROW):
            setattr(self, name, getattr(self, name) + getattr(one, name))
        self.splits[min(one.consignments, SPLIT_MOST)] += 1
        for seller, (units, money) in one.sellers.items():
            self.units_by_seller[seller] += units
            self.money_by_seller[seller] += money
        if one.served == supposed.served:
            self.like_orders += 1
            self.like_minor += one.cost_minor
            self.like_supposed_minor += supposed.cost_minor
        if one.final_served == supposed.final_served:
            self.final_like_orders += 1
            self.final_like_minor += one.final_cost_minor
            self.final_like_supposed_minor += supposed.final_cost_minor

    def document(self) -> dict[str, Any]:
        """The figures as JSON, sellers by what they got."""
        plain = asdict(self)
        sellers = sorted(self.units_by_seller, key=lambda each: (-self.money_by_seller[each], each))
        for name in ("units_by_seller", "money_by_seller", "splits"):
            del plain[name]
        return plain | {
            "splits": [[parcels, orders] for parcels, orders in sorted(self.splits.items())],
            "sellers": [
                [str(each), self.units_by_seller[each], self.money_by_seller[each]]
                for each in sellers
            ],
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Tally":
        """Read what was kept."""
        plain = dict(document)
        splits, sellers = dict(plain.pop("splits")), plain.pop("sellers")
        return cls(
            **plain,
            splits=Counter(splits),
            units_by_seller=Counter({uuid.UUID(each): units for each, units, _ in sellers}),
            money_by_seller=Counter({uuid.UUID(each): money for each, _, money in sellers}),
        )
