"""What was re-routed to a seller that has a part of the order already travels in its parcel.

Laws: a part that is still offered takes new units in; one that was accepted and has not left is
joined when the new units are accepted, never before: nobody accepts for a seller. Parts join under
the same terms only, so what was frozen stays frozen.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.infra.db import DbSession
from app.ordering.operations import moving
from app.ordering.operations.moving import Part


@dataclass(frozen=True, slots=True)
class Opening:
    """A part of the order that has not left yet."""

    id: uuid.UUID
    status: str
    terms_id: uuid.UUID | None
    selling_model: str
    goods_at: Mapping[uuid.UUID, int]
    """Grams that it sends from stock, by location."""

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether a new part has the same terms."""
        return (self.terms_id, self.selling_model) == (row["terms_id"], row["selling_model"])


_OPENINGS = text("""
SELECT s.id, s.seller_id, s.status, s.terms_id, s.selling_model, a.location_id,
       sum(a.quantity * v.weight_g) FILTER (WHERE NOT a.is_later)::bigint AS weight_g
FROM ordering_seller_orders s
JOIN ordering_allocations a ON a.seller_order_id = s.id AND a.status IN ('offered', 'accepted')
JOIN catalog_variants v ON v.id = a.variant_id
WHERE s.order_id = :order_id AND s.status IN ('offered', 'accepted') AND s.joins_id IS NULL
GROUP BY s.id, a.location_id
ORDER BY s.attempt, s.id, a.location_id
""")
_EXTEND = text("""
UPDATE ordering_seller_orders s
SET goods_minor = s.goods_minor + n.goods_minor, freight_minor = s.freight_minor + n.freight_minor,
    accept_by = CASE WHEN s.status = 'offered' THEN GREATEST(s.accept_by, n.accept_by)
                     ELSE s.accept_by END,
    version = s.version + 1
FROM unnest(CAST(:ids AS uuid[]), CAST(:goods AS bigint[]), CAST(:freight AS bigint[]),
            CAST(:accept_by AS timestamptz[])) AS n (id, goods_minor, freight_minor, accept_by)
WHERE s.id = n.id
""")
_CONSIGN = text("""
INSERT INTO ordering_consignments AS c
    (seller_order_id, location_id, weight_g, distance_km, freight_minor, later_on)
SELECT * FROM unnest(CAST(:part_ids AS uuid[]), CAST(:location_ids AS uuid[]),
                     CAST(:weights AS bigint[]), CAST(:distances AS integer[]),
                     CAST(:freight AS bigint[]), CAST(:later_on AS date[]))
ON CONFLICT (seller_order_id, location_id, later_on) DO UPDATE
SET weight_g = c.weight_g + EXCLUDED.weight_g,
    freight_minor = c.freight_minor + EXCLUDED.freight_minor
""")
# Only what was accepted moves; what was refused stays where it was offered.
_JOINABLE = text("""
SELECT s.id, s.joins_id FROM ordering_seller_orders s
JOIN ordering_seller_orders t ON t.id = s.joins_id AND t.status = 'accepted'
WHERE s.id = ANY(:ids) AND s.status = 'accepted'
""")
_MOVE_GOODS = text("""
WITH pair AS (
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:into AS uuid[])) AS p (id, joins_id)
), moved AS (
    UPDATE ordering_allocations a SET seller_order_id = p.joins_id
    FROM pair p WHERE a.seller_order_id = p.id AND a.status = 'accepted'
    RETURNING p.joins_id, a.location_id, a.seller_goods_minor, a.seller_freight_minor,
              CASE WHEN a.is_later THEN a.ships_on END AS later_on,
              a.quantity * (SELECT v.weight_g FROM catalog_variants v WHERE v.id = a.variant_id)
              AS weight_g
), grown AS (
    UPDATE ordering_seller_orders s
    SET goods_minor = s.goods_minor + m.goods, freight_minor = s.freight_minor + m.freight,
        version = s.version + 1
    FROM (SELECT joins_id, sum(seller_goods_minor) AS goods, sum(seller_freight_minor) AS freight
          FROM moved GROUP BY 1) m
    WHERE s.id = m.joins_id
)
INSERT INTO ordering_consignments AS c
    (seller_order_id, location_id, weight_g, distance_km, freight_minor, later_on)
SELECT m.joins_id, m.location_id, sum(m.weight_g), max(d.distance_km), sum(m.seller_freight_minor),
       m.later_on
FROM moved m
JOIN pair p ON p.joins_id = m.joins_id
JOIN ordering_consignments d ON d.seller_order_id = p.id AND d.location_id = m.location_id
     AND d.later_on IS NOT DISTINCT FROM m.later_on
GROUP BY m.joins_id, m.location_id, m.later_on
ON CONFLICT (seller_order_id, location_id, later_on) DO UPDATE
SET weight_g = c.weight_g + EXCLUDED.weight_g,
    freight_minor = c.freight_minor + EXCLUDED.freight_minor
""")


def openings_of(session: DbSession, *, order_id: uuid.UUID) -> dict[uuid.UUID, Opening]:
    """The first part of each seller that has not left, by seller."""
    found: dict[uuid.UUID, Opening] = {}
    goods: dict[uuid.UUID, dict[uuid.UUID, int]] = {}
    session.flush()
    for row in session.execute(_OPENINGS, {"order_id": order_id}):
        at = goods.setdefault(row.id, {})
        if row.weight_g is not None:
            at[row.location_id] = int(row.weight_g)
        found.setdefault(
            row.seller_id, Opening(row.id, row.status, row.terms_id, row.selling_model, at)
        )
    return found


def extend(
    session: DbSession,
    *,
    parts: Sequence[Mapping[str, Any]],
    consignments: Sequence[Mapping[str, Any]],
) -> None:
    """Add what new rows bring to parts that are still offered."""
    if not parts:
        return
    session.execute(
        _EXTEND,
        {
            "ids": [row["id"] for row in parts],
            "goods": [row["goods_minor"] for row in parts],
            "freight": [row["freight_minor"] for row in parts],
            "accept_by": [row["accept_by"] for row in parts],
        },
    )
    session.execute(
        _CONSIGN,
        {
            "part_ids": [row["seller_order_id"] for row in consignments],
            "location_ids": [row["location_id"] for row in consignments],
            "weights": [row["weight_g"] for row in consignments],
            "distances": [row["distance_km"] for row in consignments],
            "freight": [row["freight_minor"] for row in consignments],
            "later_on": [row["later_on"] for row in consignments],
        },
    )


def join_accepted(session: DbSession, *, parts: Sequence[Part]) -> None:
    """Parts that were just accepted become part of the ones that they were meant to join."""
    joining = [part.id for part in parts if part.joins_id]
    if not joining:
        return
    session.flush()
    pairs = {row[0]: row[1] for row in session.execute(_JOINABLE, {"ids": joining})}
    if not pairs:
        return
    session.execute(_MOVE_GOODS, {"ids": list(pairs), "into": list(pairs.values())})
    moving.move(session, [(part, "merged") for part in parts if part.id in pairs])
    session.expire_all()
