"""Reads the story back: nothing that is told was remembered, all of it stands in the database."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.ledger import queries as ledger_queries
from app.routing import queries as routing_queries
from app.routing.explain import Story as Decided
from app.routing.explain import story_of
from app.settlement import queries as settlement_queries

Rows = Sequence[Row[Any]]

_HEAD = text("""
SELECT o.*, b.name AS buyer, w.name AS owner, s.name AS shop
FROM ordering_orders o
JOIN network_organizations b ON b.id = o.buyer_id
JOIN network_organizations w ON w.id = o.owner_id
JOIN storefronts_storefronts s ON s.id = o.storefront_id
WHERE o.id = :order_id
""")
_LINES = text("""
SELECT l.position, l.sku, l.name, l.quantity, l.goods_minor,
       string_agg(DISTINCT split_part(g.name, ' ', 1), ', ') AS sellers
FROM ordering_order_lines l
JOIN ordering_allocations a ON a.order_line_id = l.id
JOIN ordering_seller_orders s ON s.id = a.seller_order_id AND s.attempt = 1
JOIN network_organizations g ON g.id = s.seller_id
WHERE l.order_id = :order_id GROUP BY l.id ORDER BY l.position
""")
_PARTS = text("""
SELECT g.name AS seller, g.kinds[1] AS kind, s.attempt, s.selling_model, s.status,
       s.goods_minor, s.freight_minor, s.accepted_at,
       (SELECT count(*) FROM ordering_allocations a
        WHERE a.seller_order_id = s.id AND a.status IN ('offered', 'accepted')) AS lines,
       (SELECT max(jsonb_array_length(a.hops)) FROM ordering_allocations a
        WHERE a.seller_order_id = s.id) AS hops
FROM ordering_seller_orders s JOIN network_organizations g ON g.id = s.seller_id
WHERE s.order_id = :order_id ORDER BY s.attempt, s.id
""")
_MOVED = text("""
SELECT l.sku, l.name, old.quantity, old.reason, was.name AS was, now.name AS now,
       sum(new.quantity)::bigint AS moved,
       old.buyer_goods_minor + old.buyer_freight_minor AS before_minor,
       sum(new.buyer_goods_minor + new.buyer_freight_minor)::bigint AS after_minor,
       old.seller_goods_minor + old.seller_freight_minor AS cost_before_minor,
       sum(new.seller_goods_minor + new.seller_freight_minor)::bigint AS cost_after_minor
FROM ordering_allocations old
JOIN ordering_seller_orders a ON a.id = old.seller_order_id
JOIN network_organizations was ON was.id = a.seller_id
JOIN ordering_order_lines l ON l.id = old.order_line_id
JOIN ordering_allocations new ON new.replaces_id = old.id
JOIN ordering_seller_orders b ON b.id = new.seller_order_id
JOIN network_organizations now ON now.id = b.seller_id
WHERE l.order_id = :order_id GROUP BY l.id, old.id, was.id, now.id ORDER BY l.position
""")
_SHIPMENTS = text("""
SELECT h.number, g.name AS seller, w.city, h.shipped_at, h.delivered_at, i.number AS invoice,
       i.amount_minor, i.paid_at, r.released_at, n.name AS issuer,
       (SELECT p.received_at FROM payments_payments p WHERE p.invoice_id = i.id
        ORDER BY p.received_at DESC LIMIT 1) AS received_at
FROM fulfilment_shipments h
JOIN ordering_seller_orders s ON s.id = h.seller_order_id
JOIN network_organizations g ON g.id = s.seller_id
JOIN inventory_locations w ON w.id = h.location_id
JOIN payments_invoices i ON i.shipment_id = h.id
JOIN network_organizations n ON n.id = i.issuer_id
JOIN settlement_releases r ON r.shipment_id = h.id
WHERE s.order_id = :order_id ORDER BY h.number
""")
_SPLITS = text("""
SELECT g.name, g.kinds[1] AS organization_kind, p.kind, sum(p.amount_minor)::bigint AS amount_minor
FROM settlement_splits p JOIN network_organizations g ON g.id = p.organization_id
WHERE p.order_id = :order_id GROUP BY g.id, p.kind ORDER BY g.name, p.kind
""")
_JOURNALS = text("""
SELECT j.kind, count(DISTINCT j.id) AS journals, count(*) AS lines,
       sum(e.amount_minor) FILTER (WHERE e.amount_minor > 0)::bigint AS debits_minor,
       min(j.occurred_at) AS since
FROM ledger_journals j JOIN ledger_entries e ON e.journal_id = j.id
WHERE j.order_id = :order_id GROUP BY 1 ORDER BY min(j.occurred_at), 1
""")
_ENTRIES = text("""
SELECT j.event_key, a.code, g.name AS owner, e.amount_minor
FROM ledger_journals j
JOIN ledger_entries e ON e.journal_id = j.id
JOIN ledger_accounts a ON a.id = e.account_id
LEFT JOIN network_organizations g ON g.id = a.owner_id
WHERE j.id = (SELECT id FROM ledger_journals WHERE order_id = :order_id AND kind = 'shipment'
              ORDER BY occurred_at, event_key LIMIT 1)
ORDER BY e.line_no
""")
_STATEMENTS = text("""
SELECT g.name, t.period_from, t.period_to, t.opening_minor, t.movement_minor, t.closing_minor,
       t.line_count
FROM settlement_statements t JOIN network_organizations g ON g.id = t.organization_id
WHERE t.period_id = (
    SELECT c.period_id FROM settlement_period_journals c
    JOIN ledger_journals j ON j.id = c.journal_id
    WHERE j.order_id = :order_id ORDER BY j.occurred_at DESC LIMIT 1)
  AND t.currency = :currency
  AND (t.organization_id IN (SELECT organization_id FROM settlement_splits
                             WHERE order_id = :order_id) OR t.organization_id = :buyer_id)
ORDER BY g.name
""")


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that is told of the order."""

    order: Row[Any]
    lines: Rows
    parts: Rows
    decisions: Sequence[Decided]
    moved: Rows
    shipments: Rows
    splits: Rows
    journals: Rows
    entries: Rows
    statements: Rows
    proofs: Sequence[ledger_queries.Proof]


def read(session: Session, *, order_id: uuid.UUID) -> Story:
    """Read the story of an order."""
    known = {"order_id": order_id}
    order = session.execute(_HEAD, known).one()
    decisions = routing_queries.list_decisions(session, order_id=order_id)
    statements = {**known, "currency": order.currency, "buyer_id": order.buyer_id}
    return Story(
        order=order,
        lines=session.execute(_LINES, known).all(),
        parts=session.execute(_PARTS, known).all(),
        decisions=[story_of(decision) for decision in decisions],
        moved=session.execute(_MOVED, known).all(),
        shipments=session.execute(_SHIPMENTS, known).all(),
        splits=session.execute(_SPLITS, known).all(),
        journals=session.execute(_JOURNALS, known).all(),
        entries=session.execute(_ENTRIES, known).all(),
        statements=session.execute(_STATEMENTS, statements).all(),
        proofs=settlement_queries.verify(session),
    )
