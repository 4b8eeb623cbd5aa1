"""Refused units find other sellers at the buyer's unchanged price, wait, or are given up.

Replacements inherit the buyer's amounts of the units that they replace; who pays what they cost
more, how often is tried, how long sellers may answer and what is done when nobody is left is as the
policy says that decided the order, else as its storefront settled. The stock that is let go and the
stock that is taken are locked together.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text

from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.inventory import operations as inventory_operations
from app.inventory.errors import StockTaken
from app.ordering import queries
from app.ordering.events import (
    OrderRerouted,
)
from app.ordering.models import Allocation, Order, SellerOrder
from app.ordering.operations import aftercare, holding, joining, parts, reserving, telling
from app.ordering.operations.giving_up import give_up_rest
from app.ordering.operations.joining import Opening
from app.ordering.operations.promises import Promise, Refused, amounts_of, promises_of
from app.ordering.rules import BROKEN, GOODS_ARE_GONE
from app.ordering.wishes import Wishes
from app.routing import operations as routing_operations
from app.routing import queries as routing_queries
from app.routing.errors import CapacityTaken
from app.routing.rules import Assignment, Decision, Policy, RoutingRequest, ShipTo, WantedLine
from app.routing.rules.extras import Load
from app.storefronts import queries as storefront_queries
from app.storefronts.models import Storefront

REOPTIMIZED = "reoptimized"
_UNREFUSED = frozenset({REOPTIMIZED, *BROKEN})
_ATTEMPTS = 5


@dataclass
class Rerouting:
    """Units of an order that look for sellers, and what holds for all of them.

    ``substitutes``: other variants that the buyer takes instead, by order line. ``withheld``: units
    by (location, variant) that are kept for others. Nothing leaves after ``ship_by``.
    """

    session: DbSession
    order: Order
    storefront: Storefront
    refused: Refused
    promises: dict[uuid.UUID, Promise]
    openings: Mapping[uuid.UUID, Opening]
    policy: Policy
    attempt: int
    tried: int
    trigger: str
    now: datetime
    substitutes: Mapping[uuid.UUID, uuid.UUID]
    payer_id: uuid.UUID | None = None
    lowered: int = 0
    withheld: Mapping[tuple[uuid.UUID, uuid.UUID], int] = field(default_factory=dict)
    ship_by: date | None = None

    def find(self) -> list[dict[str, Any]]:
        """Reserve and write replacements; the new allocations."""
        if not self._may_try():
            self.refused.let_go(self.session, order_id=self.order.id, now=self.now)
            return []
        found = self._decide_and_reserve(self.request())
        self.refused.let_go(self.session, order_id=self.order.id, now=self.now)
        if found is None:
            return []
        self._write(*found)
        return found[1]

    def _may_try(self) -> bool:
        """Planned again, or because goods do not come: nobody refused, so it is no attempt."""
        return self.trigger in _UNREFUSED or aftercare.may_try(
            self.storefront, self.policy, tried=self.tried
        )

    def request(self) -> RoutingRequest:
        """What is asked for the units."""
        history = self.session.execute(
            select(
                SellerOrder.seller_id, Allocation.variant_id, Allocation.status, Allocation.reason
            )
            .join(Allocation, Allocation.seller_order_id == SellerOrder.id)
            .where(SellerOrder.order_id == self.order.id)
        ).all()
        opened = [opening.goods_at for opening in self.openings.values()]
        return RoutingRequest(
            storefront_id=self.order.storefront_id,
            buyer_id=self.order.buyer_id,
            ship_to=ship_to_of(self.order),
            lines=tuple(
                WantedLine(
                    self.substitutes.get(line_id, promise.rows[0].variant_id), promise.quantity
                )
                for line_id, promise in self.promises.items()
            ),
            refused=frozenset(
                (seller, variant)
                for seller, variant, status, reason in history
                if status not in queries.LIVE and not self._is_forgotten(status, reason)
            ),
            minimum_met=frozenset(row[0] for row in history if row[2] in queries.LIVE),
            unit_id=self.order.unit_id,
            opened={place: grams for at in opened for place, grams in at.items()},
            **self._wishes(),
        )

    def _wishes(self) -> dict[str, Any]:
        """What is still wished of the rest; not that it is complete: late is better than never.

        Who waited takes what comes, whenever that is.
        """
        wishes = replace(Wishes.read(self.order.wishes), ship_complete=False)
        if self.trigger == "waited":
            wishes = replace(wishes, ship_by=None)
        if self.ship_by is not None:
            wishes = replace(wishes, ship_by=min(self.ship_by, wishes.ship_by or self.ship_by))
        return wishes.of_lines([promise.rows[0].variant_id for promise in self.promises.values()])

    def _is_forgotten(self, status: str, reason: str | None) -> bool:
        """Units that waited may come from whoever had lost its goods and has others now."""
        if reason in {REOPTIMIZED, *BROKEN}:
            return True
        return status in {"waiting", "replaced"} or (
            self.trigger == "waited" and reason in GOODS_ARE_GONE
        )

    def _decide_and_reserve(
        self, request: RoutingRequest
    ) -> tuple[Decision, list[dict[str, Any]]] | None:
        """Reserve replacements; the stock that will be let go is locked with them, in one order."""
        loads = dict[uuid.UUID, Load]()
        for _ in range(_ATTEMPTS):
            decision = routing_operations.decide(
                self.session,
                request=request,
                now=self.now,
                returned={place: -units for place, units in self.withheld.items()},
                loads=loads,
            )
            self._begin_anew()
            if not decision.units_served:
                return None
            rows = [self._replacement(item, decision) for item in decision.assignments]
            try:
                with routing_operations.within_capacity(
                    self.session, decision=decision, order_id=self.order.id, now=self.now
                ):
                    self._reserve(rows)
            except StockTaken:
                continue
            except CapacityTaken as taken:
                loads.update(taken.loads)
                continue
            return decision, rows
        self._begin_anew()
        return None

    def _reserve(self, rows: Sequence[dict[str, Any]]) -> None:
        wanted = [(row["location_id"], row["variant_id"]) for row in rows]
        inventory_operations.lock_stock(self.session, places=[*self.refused.places, *wanted])
        reserving.reserve(self.session, order_id=self.order.id, rows=rows, now=self.now)

    @property
    def last_resort(self) -> str:
        """What becomes of units that nobody can serve."""
        return aftercare.last_resort_of(self.storefront, self.policy)

    def _begin_anew(self) -> None:
        self.lowered = 0
        for promise in self.promises.values():
            promise.taken = 0

    def _replacement(self, item: Assignment, decision: Decision) -> dict[str, Any]:
        line_id = list(self.promises)[item.line_no]
        promise = self.promises[line_id]
        promised = promise.take(item.quantity)
        hops = decision.hops_of(item)
        landed = hops[-1].amount_minor if hops else item.seller_goods_minor
        dues = promised.replaced_by(
            landed_minor=landed + item.freight_minor, payer_id=self.payer_id
        )
        if line_id in self.substitutes:
            # A substitute never costs more than was promised; if its own price is lower, that.
            goods = min(promised.buyer_goods, item.buyer_goods_minor)
            self.lowered += promised.buyer_goods - goods
            promised = promised._replace(buyer_goods=goods)
        return parts.allocation_row(
            order_line_id=line_id,
            item=item,
            amounts=amounts_of(
                promised, seller_goods=item.seller_goods_minor, seller_freight=item.freight_minor
            ),
            hops=hops,
            now=self.now,
            replaces_id=promise.rows[0].id,
            dues=dues,
        )

    def _write(self, decision: Decision, rows: Sequence[dict[str, Any]]) -> None:
        decision_id = routing_operations.record_decision(
            self.session,
            decision=decision,
            order_id=self.order.id,
            attempt=self.attempt,
            trigger=self.trigger,
        )
        parts.create_parts(
            self.session,
            order=self.order,
            decision=decision,
            decision_id=decision_id,
            attempt=self.attempt,
            accept_by=aftercare.answer_ends(self.storefront, self.policy, now=self.now),
            allocations=rows,
            now=self.now,
        )
        record(
            self.session,
            OrderRerouted(
                happened_at=self.now,
                audience=(
                    self.order.buyer_id,
                    self.order.owner_id,
                    *telling.sellers_of(self.session, rows=self.refused.rows),
                    *(row["seller_id"] for row in rows),
                ),
                order_id=self.order.id,
                attempt=self.attempt,
                units=decision.units_served,
                trigger=self.trigger,
            ),
        )


def rerouting_of(
    session: DbSession,
    *,
    order: Order,
    refused: Refused,
    trigger: str,
    now: datetime,
    substitutes: Mapping[uuid.UUID, uuid.UUID] | None = None,
) -> Rerouting:
    """Gather what a re-routing needs to know."""
    storefront = storefront_queries.get_storefront(session, storefront_id=order.storefront_id)
    refuser = session.get_one(SellerOrder, refused.rows[0].seller_order_id).seller_id
    policy = routing_queries.policy_of_order(
        session,
        order_id=order.id,
        storefront_id=order.storefront_id,
        buyer_id=order.buyer_id,
        now=now,
    )
    attempt, tried = _attempts(session, order.id)
    return Rerouting(
        session=session,
        order=order,
        storefront=storefront,
        refused=refused,
        promises=promises_of(refused.rows),
        openings=joining.openings_of(session, order_id=order.id),
        policy=policy,
        attempt=1 + attempt,
        tried=tried,
        trigger=trigger,
        now=now,
        substitutes=substitutes or {},
        payer_id=None
        if trigger == REOPTIMIZED
        else aftercare.payer_of(
            session, storefront=storefront, policy=policy, order=order, refuser_id=refuser
        ),
    )


# Units may join a part of an earlier attempt, so decisions are counted, not parts; what was planned
# again while nobody had refused anything, or because goods do not come, is no attempt.
_ATTEMPTS_OF = text("""
SELECT COALESCE(max(attempt), 0), count(*) FILTER (WHERE trigger <> ALL (:unrefused))
FROM routing_decisions WHERE order_id = :order_id
""")


def _attempts(session: DbSession, order_id: uuid.UUID) -> tuple[int, int]:
    """The number of the last decision, and how often the order was routed."""
    binds = {"order_id": order_id, "unrefused": sorted(_UNREFUSED)}
    last, tried = session.execute(_ATTEMPTS_OF, binds).one()
    return last, tried


def ship_to_of(order: Order) -> ShipTo:
    """Where an order goes."""
    place = order.ship_to
    return ShipTo(
        place["country"],
        place["subdivision"],
        place["postal_code"],
        place["latitude"],
        place["longitude"],
    )


def reroute(
    session: DbSession, *, order: Order, refused: Refused, trigger: str, now: datetime
) -> None:
    """Find other sellers for refused units at the buyer's unchanged price; the rest waits or ends.

    What nobody can serve is cancelled, waits, or is the buyer's to choose, as the order's policy or
    the storefront settled.
    """
    if not refused.rows:
        return
    work = rerouting_of(session, order=order, refused=refused, trigger=trigger, now=now)
    work.find()
    rest = {line: promise for line, promise in work.promises.items() if promise.rest}
    if not rest:
        return
    if work.last_resort == "cancel":
        give_up_rest(session, order=order, rest=rest, reason=trigger, now=now)
        return
    holding.hold(
        session,
        order=order,
        promises=rest,
        storefront=work.storefront,
        asks=work.last_resort == "ask_buyer",
        reason=trigger,
        now=now,
    )
