"""Proofs that the orders, the goods and the books agree: each law is one query over all rows.

A proof never trusts what it proves: amounts are computed from the rows of the domains and compared
with the ledger's entries, which are computed by somebody else.
"""

from app.infra.db import DbSession
from app.inventory import queries as inventory_queries
from app.ledger import queries as ledger_queries
from app.ledger.queries import Invariant, Proof, prove
from app.payments.queries import OPEN_VALUE_SQL

_SHIPPED = (
    "((2 * a.{0} * a.shipped_quantity + a.quantity) / (2 * a.quantity))"  # half up, as rules do
)

MONEY = (
    Invariant(
        "every shipment is billed, split and booked with one amount",
        "shipments",
        "SELECT count(*) FROM fulfilment_shipments",
        """
        SELECT h.id AS shipment_id, i.amount_minor AS invoiced, p.amount_minor AS split,
               b.amount_minor AS booked
        FROM fulfilment_shipments h
        LEFT JOIN payments_invoices i ON i.shipment_id = h.id
        LEFT JOIN (
            SELECT shipment_id, sum(amount_minor) AS amount_minor FROM settlement_splits GROUP BY 1
        ) p ON p.shipment_id = h.id
        LEFT JOIN (
            SELECT j.event_key, sum(e.amount_minor) AS amount_minor
            FROM ledger_journals j JOIN ledger_entries e ON e.journal_id = j.id
            JOIN ledger_accounts a ON a.id = e.account_id
            WHERE j.kind = 'shipment' AND a.code IN (1300, 2100) GROUP BY 1
        ) b ON b.event_key = 'shipment:' || h.id
        WHERE i.amount_minor IS NULL OR i.amount_minor <> COALESCE(p.amount_minor, 0)
           OR i.amount_minor <> COALESCE(b.amount_minor, 0)
        """,
    ),
    Invariant(
        "what was shipped of an allocation is owned to the cent",
        "allocations",
        "SELECT count(*) FROM ordering_allocations WHERE shipped_quantity > 0",
        f"""
        SELECT a.id AS allocation_id, p.amount_minor AS split,
               {_SHIPPED.format("buyer_goods_minor")}
               + {_SHIPPED.format("buyer_freight_minor")} AS shipped
        FROM ordering_allocations a
        LEFT JOIN (
            SELECT allocation_id, sum(amount_minor) AS amount_minor
            FROM settlement_splits GROUP BY 1
        ) p ON p.allocation_id = a.id
        WHERE COALESCE(p.amount_minor, 0) <> {_SHIPPED.format("buyer_goods_minor")}
              + {_SHIPPED.format("buyer_freight_minor")}
        """,  # noqa: S608 - constants
    ),
    Invariant(
        "each party's money in an order is the sum of its parts",
        "parties of orders",
        "SELECT count(*) FROM (SELECT DISTINCT order_id, organization_id"
        " FROM settlement_splits) AS party",
        """
        SELECT order_id, organization_id, p.amount_minor AS parts, b.amount_minor AS booked
        FROM (
            SELECT order_id, organization_id, sum(amount_minor) AS amount_minor
            FROM settlement_splits GROUP BY 1, 2
        ) p
        FULL JOIN (
            SELECT j.order_id, a.owner_id AS organization_id, -sum(e.amount_minor) AS amount_minor
            FROM ledger_journals j JOIN ledger_entries e ON e.journal_id = j.id
            JOIN ledger_accounts a ON a.id = e.account_id
            WHERE a.code IN (1400, 2200, 2205, 2210, 2450, 4110) AND j.order_id IS NOT NULL
            GROUP BY 1, 2
        ) b USING (order_id, organization_id)
        WHERE COALESCE(p.amount_minor, 0) <> COALESCE(b.amount_minor, 0)
        """,
    ),
    Invariant(
        "money waits, is held or is free as its shipment is unpaid, paid or released",
        "balances",
        "SELECT count(*) FROM ledger_accounts WHERE code IN (2200, 2205, 2450)",
        """
        WITH share AS (
            SELECT p.shipment_id, p.order_id, p.organization_id, p.currency,
                   p.kind = 'platform_fee' AS is_fee, sum(p.amount_minor) AS amount_minor
            FROM settlement_splits p GROUP BY 1, 2, 3, 4, 5
        ), expected AS (
            SELECT s.order_id, s.organization_id, s.currency,
                   CASE WHEN s.is_fee THEN 2450 WHEN i.paid_at IS NULL THEN 2205 ELSE 2200 END
                   AS code, sum(s.amount_minor) AS amount_minor
            FROM share s
            JOIN settlement_releases r ON r.shipment_id = s.shipment_id
            JOIN payments_invoices i ON i.shipment_id = s.shipment_id
            WHERE r.released_at IS NULL AND s.amount_minor > 0
            GROUP BY 1, 2, 3, 4
        ), actual AS (
            SELECT a.reference_id AS order_id, a.owner_id AS organization_id, a.currency,
                   a.code::integer AS code, -b.amount_minor AS amount_minor
            FROM ledger_accounts a JOIN ledger_balances b ON b.account_id = a.id
            WHERE a.code IN (2200, 2205, 2450)
        )
        SELECT order_id, organization_id, code, e.amount_minor AS expected,
               a.amount_minor AS actual
        FROM expected e FULL JOIN actual a USING (order_id, organization_id, currency, code)
        WHERE COALESCE(e.amount_minor, 0) <> COALESCE(a.amount_minor, 0)
        """,
    ),
    Invariant(
        "reserved credit is the open value of orders on account",
        "buyers of creditors",
        "SELECT count(*) FROM ledger_accounts WHERE code = 9200",
        f"""
        SELECT buyer_id, creditor_id, currency, e.amount_minor AS expected,
               b.amount_minor AS reserved
        FROM (
            SELECT o.buyer_id, o.owner_id AS creditor_id, o.currency,
                   sum({OPEN_VALUE_SQL}) AS amount_minor
            FROM ordering_orders o
            JOIN ordering_seller_orders s ON s.order_id = o.id
            JOIN ordering_allocations a ON a.seller_order_id = s.id
            WHERE o.payment_method = 'on_account'
              AND a.status IN ('offered', 'accepted', 'waiting')
            GROUP BY 1, 2, 3
        ) e
        FULL JOIN (
            SELECT a.owner_id AS buyer_id, a.reference_id AS creditor_id, a.currency,
                   b.amount_minor
            FROM ledger_accounts a JOIN ledger_balances b ON b.account_id = a.id
            WHERE a.code = 9200
        ) b USING (buyer_id, creditor_id, currency)
        WHERE COALESCE(e.amount_minor, 0) <> COALESCE(b.amount_minor, 0)
        """,  # noqa: S608 - constants
    ),
    Invariant(
        "open invoices are what buyers owe",
        "invoices",
        "SELECT count(*) FROM payments_invoices",
        """
        SELECT buyer_id, creditor_id, currency, i.amount_minor AS open, b.amount_minor AS owed
        FROM (
            SELECT i.recipient_id AS buyer_id, o.owner_id AS creditor_id, i.currency,
                   sum(i.amount_minor - i.paid_minor) AS amount_minor
            FROM payments_invoices i JOIN ordering_orders o ON o.id = i.order_id GROUP BY 1, 2, 3
        ) i
        FULL JOIN (
            SELECT a.owner_id AS buyer_id, a.reference_id AS creditor_id, a.currency,
                   b.amount_minor
            FROM ledger_accounts a JOIN ledger_balances b ON b.account_id = a.id
            WHERE a.code = 1300
        ) b USING (buyer_id, creditor_id, currency)
        WHERE COALESCE(i.amount_minor, 0) <> COALESCE(b.amount_minor, 0)
        """,
    ),
    Invariant(
        "an invoice on account is paid by its payments",
        "invoices",
        "SELECT count(*) FROM payments_invoices i JOIN ordering_orders o ON o.id = i.order_id"
        " WHERE o.payment_method = 'on_account'",
        """
        SELECT i.id AS invoice_id, i.paid_minor, p.amount_minor AS payments
        FROM payments_invoices i JOIN ordering_orders o ON o.id = i.order_id
        LEFT JOIN (
            SELECT invoice_id, sum(amount_minor) AS amount_minor
            FROM payments_payments GROUP BY 1
        ) p ON p.invoice_id = i.id
        WHERE o.payment_method = 'on_account'
          AND (i.paid_minor <> COALESCE(p.amount_minor, 0)
               OR (i.paid_at IS NOT NULL) <> (i.paid_minor = i.amount_minor))
        """,
    ),
    Invariant(
        "what was paid in advance is shipped, given back or still there",
        "prepaid orders",
        "SELECT count(*) FROM ordering_orders WHERE payment_method = 'prepaid'",
        """
        SELECT o.id AS order_id, p.amount_minor AS paid, i.amount_minor AS invoiced,
               c.amount_minor AS credited, -b.amount_minor AS in_clearing
        FROM ordering_orders o
        LEFT JOIN (SELECT order_id, sum(amount_minor) AS amount_minor FROM payments_payments
                   GROUP BY 1) p ON p.order_id = o.id
        LEFT JOIN (SELECT order_id, sum(amount_minor) AS amount_minor FROM payments_invoices
                   GROUP BY 1) i ON i.order_id = o.id
        LEFT JOIN (
            SELECT j.order_id, -sum(e.amount_minor) AS amount_minor
            FROM ledger_journals j JOIN ledger_entries e ON e.journal_id = j.id
            JOIN ledger_accounts a ON a.id = e.account_id WHERE a.code = 2710 GROUP BY 1
        ) c ON c.order_id = o.id
        LEFT JOIN ledger_accounts a ON a.code = 2100 AND a.owner_id = o.buyer_id
             AND a.reference_id = o.id AND a.currency = o.currency
        LEFT JOIN ledger_balances b ON b.account_id = a.id
        WHERE o.payment_method = 'prepaid'
          AND COALESCE(p.amount_minor, 0) <> COALESCE(i.amount_minor, 0)
              + COALESCE(c.amount_minor, 0) - COALESCE(b.amount_minor, 0)
        """,
    ),
    Invariant(
        "every fact has its journal",
        "facts",
        """
        SELECT (SELECT count(*) FROM ordering_orders)
             + (SELECT count(*) FROM fulfilment_shipments)
             + (SELECT count(*) FROM payments_payments)
             + (SELECT count(*) FROM settlement_releases WHERE released_at IS NOT NULL)
        """,
        """
        SELECT fact.event_key FROM (
            SELECT 'placed:' || id AS event_key FROM ordering_orders
            WHERE payment_method = 'on_account' AND total_minor > 0
            UNION ALL SELECT DISTINCT 'shipment:' || shipment_id FROM settlement_splits
            UNION ALL SELECT 'payment:' || id FROM payments_payments
            UNION ALL SELECT DISTINCT 'release:' || r.shipment_id FROM settlement_releases r
            JOIN settlement_splits p ON p.shipment_id = r.shipment_id AND p.amount_minor > 0
            WHERE r.released_at IS NOT NULL
        ) AS fact
        LEFT JOIN ledger_journals j ON j.event_key = fact.event_key WHERE j.id IS NULL
        """,
    ),
)

STATEMENTS = (
    Invariant(
        "statements follow each other without a gap",
        "statements",
        "SELECT count(*) FROM settlement_statements",
        """
        SELECT id AS statement_id, opening_minor, previous FROM (
            SELECT id, opening_minor, lag(closing_minor, 1, 0::bigint) OVER (
                PARTITION BY organization_id, currency ORDER BY period_from) AS previous
            FROM settlement_statements
        ) AS s WHERE opening_minor <> previous
        """,
    ),
    Invariant(
        "each statement's movement is what the books moved",
        "statements",
        "SELECT count(*) FROM settlement_statements",
        f"""
        SELECT organization_id, period_id, currency, s.movement_minor, b.amount_minor AS booked
        FROM (SELECT organization_id, period_id, currency, movement_minor
              FROM settlement_statements) s
        FULL JOIN (
            SELECT a.owner_id AS organization_id, c.period_id, e.currency,
                   -sum(e.amount_minor) AS amount_minor
            FROM settlement_period_journals c
            JOIN ledger_entries e ON e.journal_id = c.journal_id
            JOIN ledger_accounts a ON a.id = e.account_id
            WHERE a.code IN ({", ".join(str(int(c)) for c in ledger_queries.STATEMENT_CODES)})
            GROUP BY 1, 2, 3
        ) b USING (organization_id, period_id, currency)
        WHERE COALESCE(s.movement_minor, 0) <> COALESCE(b.amount_minor, 0)
        """,  # noqa: S608 - constants
    ),
    Invariant(
        "a period claims only what happened before its end",
        "journals",
        "SELECT count(*) FROM settlement_period_journals",
        """
        SELECT j.event_key, j.occurred_at, p.period_to
        FROM settlement_period_journals c
        JOIN settlement_periods p ON p.id = c.period_id
        JOIN ledger_journals j ON j.id = c.journal_id
        WHERE j.occurred_at >= p.period_to
        """,
    ),
)

ORDERS = (
    Invariant(
        "orders serve what their allocations hold",
        "order lines",
        "SELECT count(*) FROM ordering_order_lines",
        """
        SELECT l.id AS order_line_id, l.served_quantity - l.cancelled_quantity AS wanted,
               a.units AS allocated
        FROM ordering_order_lines l
        LEFT JOIN (
            SELECT order_line_id, sum(quantity) AS units FROM ordering_allocations
            WHERE status IN ('offered', 'accepted', 'waiting') GROUP BY 1
        ) a ON a.order_line_id = l.id
        WHERE l.served_quantity - l.cancelled_quantity <> COALESCE(a.units, 0)
        """,
    ),
    Invariant(
        "re-routing never moves the buyer's price",
        "orders",
        "SELECT count(*) FROM ordering_orders",
        """
        SELECT o.id AS order_id, o.total_minor, sum(a.amount_minor) AS allocated
        FROM ordering_orders o
        LEFT JOIN (
            SELECT s.order_id, sum(a.buyer_goods_minor + a.buyer_freight_minor) AS amount_minor
            FROM ordering_allocations a JOIN ordering_seller_orders s ON s.id = a.seller_order_id
            WHERE a.status IN ('offered', 'accepted', 'waiting') GROUP BY 1
        ) a ON a.order_id = o.id
        LEFT JOIN (
            SELECT order_id, sum(cancelled_quantity) AS units FROM ordering_order_lines GROUP BY 1
        ) l ON l.order_id = o.id
        GROUP BY o.id, o.total_minor
        HAVING COALESCE(sum(a.amount_minor), 0) > o.total_minor
            OR (COALESCE(sum(l.units), 0) = 0
                AND NOT EXISTS (
                    SELECT FROM ordering_order_lines n
                    JOIN ordering_allocations b ON b.order_line_id = n.id
                    WHERE n.order_id = o.id AND b.variant_id <> n.variant_id)
                AND COALESCE(sum(a.amount_minor), 0) <> o.total_minor)
        """,
    ),
    Invariant(
        "each seller order's state fits its allocations",
        "seller orders",
        "SELECT count(*) FROM ordering_seller_orders",
        """
        SELECT s.id AS seller_order_id, s.status, u.offered, u.accepted, u.shipped, u.delivered
        FROM ordering_seller_orders s
        LEFT JOIN (
            SELECT seller_order_id,
                   COALESCE(sum(quantity) FILTER (WHERE status = 'offered'), 0) AS offered,
                   COALESCE(sum(quantity) FILTER (WHERE status = 'accepted'), 0) AS accepted,
                   sum(shipped_quantity) AS shipped, sum(delivered_quantity) AS delivered
            FROM ordering_allocations GROUP BY 1
        ) u ON u.seller_order_id = s.id
        WHERE NOT COALESCE(CASE s.status
            WHEN 'merged' THEN COALESCE(offered + accepted + shipped, 0) = 0
            WHEN 'offered' THEN offered > 0 AND accepted = 0 AND shipped = 0
            WHEN 'accepted' THEN offered = 0 AND accepted > 0 AND shipped = 0
            WHEN 'partly_shipped' THEN offered = 0 AND 0 < shipped AND shipped < accepted
            WHEN 'shipped' THEN offered = 0 AND shipped = accepted AND accepted > 0
            WHEN 'delivered' THEN offered = 0 AND accepted > 0 AND delivered = accepted
            WHEN 'closed' THEN offered = 0 AND accepted > 0 AND delivered = accepted
            ELSE offered = 0 AND accepted = 0 AND shipped = 0 END, false)
        """,
    ),
    Invariant(
        "shipments carry what allocations count as shipped and delivered",
        "allocations",
        "SELECT count(*) FROM ordering_allocations",
        """
        SELECT a.id AS allocation_id, a.shipped_quantity, h.shipped, a.delivered_quantity,
               h.delivered
        FROM ordering_allocations a
        LEFT JOIN (
            SELECT l.allocation_id, sum(l.quantity) AS shipped,
                   COALESCE(sum(l.quantity) FILTER (WHERE f.delivered_at IS NOT NULL), 0)
                   AS delivered
            FROM fulfilment_shipment_lines l
            JOIN fulfilment_shipments f ON f.id = l.shipment_id GROUP BY 1
        ) h ON h.allocation_id = a.id
        WHERE a.shipped_quantity <> COALESCE(h.shipped, 0)
           OR a.delivered_quantity <> COALESCE(h.delivered, 0)
        """,
    ),
    Invariant(
        "no buyer's reference names two orders",
        "orders",
        "SELECT count(*) FROM ordering_orders WHERE reference IS NOT NULL",
        """
        SELECT storefront_id, buyer_id, reference, count(*) AS orders FROM ordering_orders
        WHERE reference IS NOT NULL GROUP BY 1, 2, 3 HAVING count(*) > 1
        """,
    ),
)

HELD = (
    Invariant(
        "every allocation holds in stock, or was promised, what it has not shipped",
        "allocations",
        "SELECT count(*) FROM ordering_allocations",
        """
        SELECT a.id AS allocation_id, a.status, a.quantity - a.shipped_quantity AS unshipped,
               r.quantity - r.consumed - r.released AS held
        FROM ordering_allocations a
        LEFT JOIN inventory_reservations r ON r.allocation_id = a.id
        WHERE COALESCE(r.quantity - r.consumed - r.released, 0)
              <> CASE WHEN a.status IN ('offered', 'accepted')
                      THEN a.quantity - a.shipped_quantity ELSE 0 END
        """,
    ),
)

INVARIANTS = (*MONEY, *STATEMENTS, *ORDERS, *inventory_queries.STOCK_INVARIANTS, *HELD)


def verify(session: DbSession) -> list[Proof]:
    """Prove every invariant of money, orders and stock."""
    return [*ledger_queries.verify(session), *prove(session, INVARIANTS)]
