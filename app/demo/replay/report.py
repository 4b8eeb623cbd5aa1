"""What a replay came to, measured from the database: complete whichever run placed an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.demo.replay.atlas import Atlas
from app.infra.db import DbSession

_TOTALS = text("""
WITH shop AS (SELECT id FROM ordering_orders WHERE storefront_id = :shop AND reference IS NOT NULL),
line AS (
    SELECT count(*) AS lines, sum(quantity) AS wanted, sum(served_quantity) AS served
    FROM ordering_order_lines WHERE order_id IN (SELECT id FROM shop)
), part AS (
    SELECT count(DISTINCT s.id) AS sellers, count(c.location_id) AS consignments
    FROM ordering_seller_orders s LEFT JOIN ordering_consignments c ON c.seller_order_id = s.id
    WHERE s.order_id IN (SELECT id FROM shop) AND s.attempt = 1
), pieces AS (
    SELECT count(*) AS lines_split FROM (
        SELECT a.order_line_id FROM ordering_allocations a
        JOIN ordering_seller_orders s ON s.id = a.seller_order_id AND s.attempt = 1
        WHERE s.order_id IN (SELECT id FROM shop)
        GROUP BY 1 HAVING count(*) > 1) AS p
), decision AS (
    SELECT count(*) AS orders, sum(goods_minor) AS goods, sum(freight_minor) AS freight,
           count(*) FILTER (WHERE proof = 'optimal') AS optimal,
           count(*) FILTER (WHERE proof <> 'optimal'
               AND objective_minor - bound_minor <= objective_minor * 0.01) AS within,
           max((objective_minor - bound_minor)::float8 / nullif(objective_minor, 0)) AS worst
    FROM routing_decisions WHERE attempt = 1 AND order_id IN (SELECT id FROM shop)
)
SELECT * FROM line, part, pieces, decision
""")

_BY_LINES = text("""
WITH decided AS (
    SELECT d.duration_us / 1000.0 AS ms, (SELECT count(*) FROM ordering_order_lines l
                                          WHERE l.order_id = o.id) AS lines
    FROM routing_decisions d JOIN ordering_orders o ON o.id = d.order_id
    WHERE o.storefront_id = :shop AND o.reference IS NOT NULL AND d.attempt = 1
), grouped AS (
    SELECT CASE WHEN lines <= 10 THEN '1-10' WHEN lines <= 20 THEN '11-20'
                WHEN lines <= 40 THEN '21-40' ELSE '41 and more' END AS bucket, lines, ms
    FROM decided
)
SELECT COALESCE(bucket, 'all'), count(*), avg(ms)::float8,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY ms),
       percentile_cont(0.99) WITHIN GROUP (ORDER BY ms), max(ms)::float8
FROM grouped GROUP BY GROUPING SETS ((bucket), ()) ORDER BY max(lines), 1
""")

_STATEMENTS = text("""
SELECT period_from, count(*), sum(line_count)::bigint, sum(closing_minor)::bigint
FROM settlement_statements GROUP BY 1 ORDER BY 1
""")

_RELEASES = text("""
SELECT count(*), count(r.released_at)
FROM settlement_releases r JOIN ordering_orders o ON o.id = r.order_id
WHERE o.storefront_id = :shop AND o.reference IS NOT NULL
""")

_STATES = text("""
SELECT status, count(*) FROM ordering_orders
WHERE storefront_id = :shop AND reference IS NOT NULL GROUP BY 1 ORDER BY 2 DESC
""")


@dataclass(frozen=True, slots=True)
class DecisionTimes:
    """How long the decisions of orders of about this many lines took, in milliseconds."""

    bucket: str
    count: int
    mean: float
    p50: float
    p99: float
    longest: float


@dataclass(frozen=True, slots=True)
class Month:
    """The statements of one period."""

    since: datetime
    statements: int
    lines: int
    closing_minor: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything placed so far, over all runs."""

    orders: int
    lines: int
    units_wanted: int
    units_served: int
    goods_minor: int
    freight_minor: int
    seller_orders: int
    consignments: int
    lines_split: int
    optimal: int
    within_one_percent: int
    worst_gap: float
    shipments: int
    released: int
    times: Sequence[DecisionTimes]
    months: Sequence[Month]
    states: Sequence[tuple[str, int]]


def gather(session: DbSession, *, atlas: Atlas) -> Report:
    """Measure."""
    shop = {"shop": atlas.storefront_id}
    row = session.execute(_TOTALS, shop).one()
    shipments, released = session.execute(_RELEASES, shop).one()
    return Report(
        orders=row.orders,
        lines=row.lines,
        units_wanted=int(row.wanted or 0),
        units_served=int(row.served or 0),
        goods_minor=int(row.goods or 0),
        freight_minor=int(row.freight or 0),
        seller_orders=row.sellers,
        consignments=row.consignments,
        lines_split=row.lines_split,
        optimal=row.optimal,
        within_one_percent=row.within,
        worst_gap=row.worst or 0.0,
        shipments=shipments,
        released=released,
        times=[DecisionTimes(*found) for found in session.execute(_BY_LINES, shop)],
        months=[Month(*found) for found in session.execute(_STATEMENTS)],
        states=[(status, count) for status, count in session.execute(_STATES, shop)],
    )
