"""What a policy would have made of the last orders, beside what is in force. Nothing is kept.

Both are decided now, against stock as it is plus what each order took, so the difference is the
policy's alone. The draft is made to hold and taken back, so that the same code decides as for an
order.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.errors import AppError
from app.routing import queries
from app.routing.operations.deciding import decide
from app.routing.operations.policies import check_document, create_policy
from app.routing.rules import Decision
from app.routing.rules.policies import PolicyScope

MOST_ORDERS = 100


@dataclass(slots=True)
class Outcome:
    """What a policy makes of some orders; units times days tell how long goods take."""

    units_requested: int = 0
    units_served: int = 0
    goods_minor: int = 0
    freight_minor: int = 0
    consignments: int = 0
    unit_days: int = 0
    units_by_seller: Counter[uuid.UUID] = field(default_factory=Counter)

    def add(self, decision: Decision) -> None:
        """Count another order in."""
        self.units_requested += decision.units_requested
        self.units_served += decision.units_served
        self.goods_minor += decision.goods_minor
        self.freight_minor += decision.freight_minor
        self.consignments += len(decision.consignments)
        for item in decision.assignments:
            self.unit_days += item.quantity * item.candidate.days_to_ship
            self.units_by_seller[item.candidate.seller_id] += item.quantity

    @property
    def cost_minor(self) -> int:
        """Goods and freight."""
        return self.goods_minor + self.freight_minor


@dataclass(frozen=True, slots=True)
class ComparedOrder:
    """An order under both."""

    order_id: uuid.UUID
    number: int
    is_changed: bool
    now_minor: int
    draft_minor: int


@dataclass(frozen=True, slots=True)
class PolicyPreview:
    """What is in force beside the draft; ``skipped`` orders cannot be decided any more."""

    currency: str | None
    now: Outcome
    draft: Outcome
    orders: list[ComparedOrder]
    skipped: int


def preview_policy(
    session: DbSession,
    *,
    caller: Caller,
    scope: PolicyScope,
    document: Mapping[str, Any],
    count: int,
    now: datetime,
) -> PolicyPreview:
    """Decide the last orders of a scope anew, as things are and under a document.

    Raises:
        Forbidden, StorefrontNotFound, ScopeUnknown: the scope is not the caller's.
        PolicyInvalid: the document cannot decide.
    """
    queries.require_policy_owner(session, caller=caller, scope=scope)
    check_document(session, document=document)
    orders = queries.list_recent_orders(session, scope=scope, count=min(count, MOST_ORDERS))
    before = [_decided(session, order, now) for order in orders]
    with _as_if(session, scope, document, now):
        after = [_decided(session, order, now) for order in orders]
    return _compared(orders, before, after)


@contextmanager
def _as_if(
    session: DbSession, scope: PolicyScope, document: Mapping[str, Any], now: datetime
) -> Iterator[None]:
    """Let a document decide inside the block, and take it back."""
    kept = session.begin_nested()
    try:
        create_policy(session, scope=scope, document=document, valid_from=now)
        yield
    finally:
        kept.rollback()


def _decided(session: DbSession, order: queries.RecentOrder, now: datetime) -> Decision | None:
    """The order decided anew; none when its storefront, policy or variants are gone."""
    try:
        return decide(session, request=order.request, now=now, returned=order.taken)
    except AppError:
        return None


def _compared(
    orders: Sequence[queries.RecentOrder],
    before: Sequence[Decision | None],
    after: Sequence[Decision | None],
) -> PolicyPreview:
    preview = PolicyPreview(orders[0].currency if orders else None, Outcome(), Outcome(), [], 0)
    rows = []
    for order, was, would in zip(orders, before, after, strict=True):
        if was is None or would is None:
            continue
        preview.now.add(was)
        preview.draft.add(would)
        rows.append(
            ComparedOrder(
                order.id,
                order.number,
                _goes(was) != _goes(would),
                was.goods_minor + was.freight_minor,
                would.goods_minor + would.freight_minor,
            )
        )
    return PolicyPreview(
        preview.currency, preview.now, preview.draft, rows, len(orders) - len(rows)
    )


def _goes(decision: Decision) -> set[tuple[int, uuid.UUID, uuid.UUID, int]]:
    return {
        (item.line_no, item.candidate.variant_id, item.candidate.location_id, item.quantity)
        for item in decision.assignments
    }
