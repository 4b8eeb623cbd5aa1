"""What a backtest supposes, as plain data; pure.

What is not supposed is as it was at each order's own instant: policies and prices as they held
then, agreements by their periods (their standing is today's), stock as the order's decision saw it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

Stock = Literal["recorded", "today", "unlimited"]
STOCKS: tuple[Stock, ...] = get_args(Stock)
Baseline = Literal["in_force", "greedy", "cheapest_single", "fewest_sellers", "fewest_parcels"]
BASELINES: tuple[Baseline, ...] = get_args(Baseline)
USUAL: tuple[Baseline, ...] = ("greedy", "cheapest_single", "fewest_sellers", "fewest_parcels")
"""What is compared where nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is supposed, and what it is compared with besides what happened.

    Attributes:
        policy_id: the version, a draft too, that decides all orders as a whole.
        strategy: what solves, whatever the policy names.
        agreements_as_of: the instant of whose agreements and offers is asked.
        without_agreements: agreements that do not hold, nor those that rest on them.
        stock: as decisions recorded it, as it is today, or as much as anybody wants.
        baselines: the policies that were in force, or a strategy under what is supposed.
    """

    policy_id: uuid.UUID | None = None
    strategy: str | None = None
    agreements_as_of: datetime | None = None
    without_agreements: tuple[uuid.UUID, ...] = ()
    stock: Stock = "recorded"
    baselines: tuple[Baseline, ...] = USUAL

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Scenario":
        """Read what was kept."""
        policy, at = document.get("policy_id"), document.get("agreements_as_of")
        return cls(
            policy_id=uuid.UUID(policy) if policy else None,
            strategy=document.get("strategy"),
            agreements_as_of=datetime.fromisoformat(at) if at else None,
            without_agreements=tuple(map(uuid.UUID, document.get("without_agreements", ()))),
            stock=document.get("stock", "recorded"),
            baselines=tuple(document.get("baselines", ())),
        )

    def document(self) -> dict[str, Any]:
        """What is kept of it."""
        at = self.agreements_as_of
        return {
            "policy_id": str(self.policy_id) if self.policy_id else None,
            "strategy": self.strategy,
            "agreements_as_of": at.isoformat() if at else None,
            "without_agreements": [str(each) for each in self.without_agreements],
            "stock": self.stock,
            "baselines": list(self.baselines),
        }
