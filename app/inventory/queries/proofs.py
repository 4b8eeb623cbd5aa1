"""The laws of stock, each a query over all rows; whoever proves all books proves them, too."""

from app.infra.db import DbSession
from app.ledger.queries import Invariant, Proof, prove

STOCK_INVARIANTS = (
    Invariant(
        "what is on hand is the sum of its movements",
        "stock rows",
        "SELECT count(*) FROM inventory_stock",
        """
        SELECT location_id, variant_id, s.on_hand, m.units AS moved
        FROM inventory_stock s
        FULL JOIN (
            SELECT location_id, variant_id, sum(quantity) AS units
            FROM inventory_movements GROUP BY 1, 2
        ) m USING (location_id, variant_id)
        WHERE COALESCE(s.on_hand, 0) <> COALESCE(m.units, 0)
        """,
    ),
    Invariant(
        "reserved stock is the sum of open reservations and holds, and never more than is there",
        "stock rows",
        "SELECT count(*) FROM inventory_stock",
        """
        SELECT location_id, variant_id, s.on_hand, s.reserved, s.promised, r.units AS open,
               r.ahead AS open_promises, h.units AS held
        FROM inventory_stock s
        FULL JOIN (
            SELECT location_id, variant_id,
                   sum(quantity - consumed - released - promised) AS units, sum(promised) AS ahead
            FROM inventory_reservations GROUP BY 1, 2
        ) r USING (location_id, variant_id)
        FULL JOIN (
            SELECT location_id, variant_id, sum(quantity) AS units FROM inventory_holds
            GROUP BY 1, 2
        ) h USING (location_id, variant_id)
        WHERE COALESCE(s.reserved, 0) <> COALESCE(r.units, 0) + COALESCE(h.units, 0)
           OR COALESCE(s.promised, 0) <> COALESCE(r.ahead, 0) OR s.on_hand < s.reserved
        """,
    ),
    Invariant(
        "what is in a lot is the sum of its movements, and lots hold no more than is there",
        "lots",
        "SELECT count(*) FROM inventory_lots",
        """
        SELECT location_id, variant_id, l.id AS lot_id, l.on_hand, m.units AS moved,
               s.on_hand AS all_units
        FROM inventory_lots l
        JOIN inventory_stock s USING (location_id, variant_id)
        LEFT JOIN (
            SELECT lot_id, sum(quantity) AS units FROM inventory_lot_movements GROUP BY 1
        ) m ON m.lot_id = l.id
        WHERE l.on_hand <> COALESCE(m.units, 0) OR NOT s.is_lotted
           OR s.on_hand < (
               SELECT sum(o.on_hand) FROM inventory_lots o
               WHERE o.location_id = l.location_id AND o.variant_id = l.variant_id
           )
        """,
    ),
)


def verify(session: DbSession) -> list[Proof]:
    """Prove that stock is the sum of its movements, and what is held the sum of who holds it."""
    return prove(session, STOCK_INVARIANTS)
