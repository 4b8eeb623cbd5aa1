"""The orders of a backtest: which they are, and page by page what was decided for each when placed.

A page is one statement, whatever its size. What really happened is the first decision; where
sellers refused units, what became of these is read, too: who kept and who refused what, and what
the order came to with those who were asked instead.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from app.backtest.rules import Aftermath, Key, Outcome
from app.backtest.rules.books import Later, Taking, taking_of
from app.infra.db import DbSession, array_of
from app.ordering.wishes import Wishes
from app.routing.rules import RoutingRequest, ShipTo, WantedLine

# Cast, as a null bind has no type of its own.
_CHOSEN = text("""
SELECT o.id, o.currency FROM ordering_orders o
WHERE (CAST(:storefront_id AS uuid) IS NULL OR o.storefront_id = :storefront_id)
  AND (CAST(:owner_id AS uuid) IS NULL OR o.owner_id = :owner_id)
  AND (CAST(:placed_from AS timestamptz) IS NULL OR o.placed_at >= :placed_from)
  AND (CAST(:placed_to AS timestamptz) IS NULL OR o.placed_at < :placed_to)
  AND (CAST(:ids AS uuid[]) IS NULL OR o.id = ANY (CAST(:ids AS uuid[])))
ORDER BY o.placed_at, o.id LIMIT :limit
""")
_PAGE = text("""
SELECT b.position, o.id, o.number, o.placed_at, o.storefront_id, o.buyer_id, o.unit_id, o.ship_to,
       o.wishes,
       (SELECT json_agg(json_build_array(l.variant_id, l.quantity) ORDER BY l.position)
        FROM ordering_order_lines l WHERE l.order_id = o.id) AS lines,
       (SELECT json_agg(json_build_array(s.seller_id, a.location_id, a.variant_id, a.quantity,
                                         a.status, a.reason, a.seller_goods_minor,
                                         a.seller_freight_minor,
                                         CASE WHEN a.is_later THEN a.ships_on END))
        FROM ordering_seller_orders s
        JOIN ordering_allocations a ON a.seller_order_id = s.id
        WHERE s.order_id = o.id
          AND EXISTS (SELECT FROM ordering_seller_orders r
                      JOIN ordering_allocations x ON x.seller_order_id = r.id
                      WHERE r.order_id = o.id AND x.status IN ('rejected', 'expired')
                        AND (x.reason IN ('late', 'not_coming')) IS NOT TRUE)) AS fates,
       d.units_requested, d.units_served, d.goods_minor, d.freight_minor, d.objective_minor,
       d.bound_minor, d.proof, d.candidates, d.plan
FROM backtest_orders b
JOIN ordering_orders o ON o.id = b.order_id
JOIN routing_decisions d ON d.order_id = o.id AND d.attempt = 1
WHERE b.backtest_id = :backtest_id AND b.position > :after
ORDER BY b.position LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Replayed:
    """An order to be decided anew: what was asked, what was decided, what was recorded of stock.

    ``announced``: what was seen of what was to come, by the day on which it was to leave.
    ``refusals``: units that a seller kept of a variant of which it refused some, by both.
    """

    position: int
    order_id: uuid.UUID
    placed_at: datetime
    request: RoutingRequest
    actual: Outcome
    recorded: Mapping[Key, int]
    announced: Mapping[Later, int]
    refusals: Mapping[Key, int]


def chosen_orders(
    session: DbSession,
    *,
    storefront_id: uuid.UUID | None,
    owner_id: uuid.UUID | None,
    placed_from: datetime | None,
    placed_to: datetime | None,
    order_ids: Sequence[uuid.UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """Ids and currencies of the orders of a period, or of a list, the oldest first."""
    binds = {
        "storefront_id": storefront_id,
        "owner_id": owner_id,
        "placed_from": placed_from,
        "placed_to": placed_to,
        "ids": None if order_ids is None else array_of(order_ids),
        "limit": limit,
    }
    return session.execute(_CHOSEN, binds).all()


def page_of_orders(
    session: DbSession, *, backtest_id: uuid.UUID, after: int, limit: int
) -> list[Replayed]:
    """The next orders of a backtest."""
    binds = {"backtest_id": backtest_id, "after": after, "limit": limit}
    return [_read(row) for row in session.execute(_PAGE, binds)]


def _read(row: Any) -> Replayed:  # noqa: ANN401 - a row
    request = request_of(row)
    recorded, announced, days = _recorded(row.candidates, request.lines)
    return Replayed(row.position, row.id, row.placed_at, request,
                    replace(_actual(row, request.lines, days), after=_after(row.fates or ())),
                    recorded, announced, _refusals(row.fates or ()))  # fmt: skip


def request_of(row: Any) -> RoutingRequest:  # noqa: ANN401 - a row
    """What an order asked of routing, its wishes too."""
    place = row.ship_to
    lines = tuple(WantedLine(uuid.UUID(variant), quantity) for variant, quantity in row.lines)
    return RoutingRequest(
        storefront_id=row.storefront_id,
        buyer_id=row.buyer_id,
        ship_to=ShipTo(
            place["country"],
            place["subdivision"],
            place["postal_code"],
            place["latitude"],
            place["longitude"],
        ),
        lines=lines,
        unit_id=row.unit_id,
        **Wishes.read(row.wishes).of_lines([line.variant_id for line in lines]),
    )


def _recorded(
    candidates: Mapping[str, Any], lines: Sequence[WantedLine]
) -> tuple[dict[Key, int], dict[Later, int], dict[tuple[int, str], int]]:
    """What was available by place and variant, and what was to come; lead times by line, seller."""
    leaves = {int(at): date.fromisoformat(day) for at, day in candidates.get("later", {}).items()}
    places = [uuid.UUID(each) for each in candidates["locations"]]
    standing = candidates.get("substitutes", {})
    available: dict[Key, int] = {}
    announced: dict[Later, int] = {}
    days: dict[tuple[int, str], int] = {}
    for position, (line_no, seller, _, _, lead_days, _, at) in enumerate(candidates["offers"]):
        other = standing.get(str(position))
        variant = uuid.UUID(other) if other else lines[line_no].variant_id
        days[line_no, candidates["sellers"][seller]] = lead_days
        for place, units, _ in at:
            if place in leaves:
                announced[places[place], variant, leaves[place]] = units
            elif place is not None:
                available[places[place], variant] = units
    return available, announced, days


def _actual(
    row: Any,  # noqa: ANN401 - a row
    lines: Sequence[WantedLine],
    days: Mapping[tuple[int, str], int],
) -> Outcome:
    taken: dict[Taking, int] = {}
    sellers: dict[uuid.UUID, tuple[int, int]] = {}
    unit_days = 0
    for item in row.plan["assignments"]:
        seller, quantity = uuid.UUID(item["seller_id"]), item["quantity"]
        variant = item.get("variant_id")
        later_on = date.fromisoformat(item["ships_on"]) if item.get("is_later") else None
        key = taking_of(
            uuid.UUID(item["location_id"]),
            uuid.UUID(variant) if variant else lines[item["line"]].variant_id,
            later_on,
        )
        taken[key] = taken.get(key, 0) + quantity
        units, money = sellers.get(seller, (0, 0))
        sellers[seller] = units + quantity, money + item["goods_minor"]
        unit_days += quantity * days.get((item["line"], item["seller_id"]), 0)
    for item in row.plan["consignments"]:
        seller = uuid.UUID(item["seller_id"])
        units, money = sellers[seller]
        sellers[seller] = units, money + item["freight_minor"]
    return Outcome(
        requested=row.units_requested,
        served=row.units_served,
        goods_minor=row.goods_minor,
        freight_minor=row.freight_minor,
        objective_minor=row.objective_minor,
        bound_minor=row.bound_minor,
        is_optimal=row.proof == "optimal",
        consignments=len(row.plan["consignments"]),
        unit_days=unit_days,
        sellers=sellers,
        taken=taken,
    )


_REFUSED = frozenset({"rejected", "expired"})
_LIVE = frozenset({"offered", "accepted"})
_UNREFUSED = frozenset({"late", "not_coming"})  # goods did not come: nobody refused them
_BUYERS = "cancelled"


def _is_kept(status: str, reason: str | None) -> bool:
    """Whether a seller keeps units; those that the buyer cancelled it would have delivered."""
    return status in _LIVE or (status == _BUYERS and reason == _BUYERS)


def _is_refused(status: str, reason: str | None) -> bool:
    return status in _REFUSED and reason not in _UNREFUSED


def _refusals(fates: Sequence[Sequence[Any]]) -> dict[Key, int]:
    """Units kept by seller and variant, of what was refused at least in part."""
    kept: dict[Key, int] = {}
    refused: set[Key] = set()
    for seller, _, variant, quantity, status, reason, *_ in fates:
        key = uuid.UUID(seller), uuid.UUID(variant)
        if _is_refused(status, reason):
            refused.add(key)
        elif _is_kept(status, reason):
            kept[key] = kept.get(key, 0) + quantity
    return {key: kept.get(key, 0) for key in refused}


def _after(fates: Sequence[Sequence[Any]]) -> Aftermath | None:
    """What the order came to with those who were asked instead."""
    if not fates:
        return None
    live = [row for row in fates if _is_kept(row[4], row[5])]
    taken: dict[Taking, int] = {}
    for _, location, variant, quantity, *_, later_on in live:
        day = date.fromisoformat(later_on) if later_on else None
        key = taking_of(uuid.UUID(location), uuid.UUID(variant), day)
        taken[key] = taken.get(key, 0) + quantity
    return Aftermath(
        refused=sum(row[3] for row in fates if _is_refused(row[4], row[5])),
        served=sum(row[3] for row in live),
        goods_minor=sum(row[6] for row in live),
        freight_minor=sum(row[7] for row in live),
        consignments=len({(key[0], *key[2:]) for key in taken}),
        taken=taken,
    )
