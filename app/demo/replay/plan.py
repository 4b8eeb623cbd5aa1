"""Writes what was decided as CSV, read back from the database, so it is whole after any resume.

``FILE`` has a row for every allocation: order, sku, location, quantity, unit_price.
``FILE.consignments.csv`` has a row for every consignment: order, location, weight_g, freight.
Orders stand in the order of their placement; amounts are decimal.
"""

from pathlib import Path

from app.demo.replay.atlas import Atlas
from app.infra.db import DbSession

_ALLOCATIONS = """
COPY (
    SELECT o.reference AS "order", l.sku, w.code AS location, a.quantity,
           round(a.seller_unit_minor / (100.0 * a.seller_per_quantity), 2) AS unit_price
    FROM ordering_orders o
    JOIN ordering_seller_orders s ON s.order_id = o.id AND s.attempt = 1
    JOIN ordering_allocations a ON a.seller_order_id = s.id
    JOIN ordering_order_lines l ON l.id = a.order_line_id
    JOIN inventory_locations w ON w.id = a.location_id
    WHERE o.storefront_id = %s AND o.reference IS NOT NULL
    ORDER BY o.number, l.position, w.code
) TO STDOUT WITH (FORMAT csv, HEADER)
"""
_CONSIGNMENTS = """
COPY (
    SELECT o.reference AS "order", w.code AS location, c.weight_g,
           round(c.freight_minor / 100.0, 2) AS freight
    FROM ordering_orders o
    JOIN ordering_seller_orders s ON s.order_id = o.id AND s.attempt = 1
    JOIN ordering_consignments c ON c.seller_order_id = s.id
    JOIN inventory_locations w ON w.id = c.location_id
    WHERE o.storefront_id = %s AND o.reference IS NOT NULL
    ORDER BY o.number, w.code
) TO STDOUT WITH (FORMAT csv, HEADER)
"""


def consignments_path(path: Path) -> Path:
    """Where the consignments of a plan are written."""
    return path.with_name(f"{path.name}.consignments.csv")


def write_plan(session: DbSession, *, atlas: Atlas, path: Path) -> tuple[Path, Path]:
    """Write both files; their paths."""
    beside = consignments_path(path)
    for target, query in ((path, _ALLOCATIONS), (beside, _CONSIGNMENTS)):
        _copy_out(session, query.replace("%s", f"'{atlas.storefront_id}'"), target)
    return path, beside


def _copy_out(session: DbSession, query: str, path: Path) -> None:
    connection = session.connection().connection.driver_connection
    assert connection is not None
    with connection.cursor() as cursor, path.open("wb") as file, cursor.copy(query) as copy:
        for block in copy:
            file.write(block)
