"""Everything of a resource that is the caller's, as rows that an import reads back unchanged.

Texts that a spreadsheet would take for a formula carry an apostrophe, which an import takes off;
amounts are in the currency's units with a point; instants are UTC; products are as their drafts
would have them.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from app.exchange.errors import TargetUnknown
from app.exchange.rules import fields as f
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.money import exponent_of

_BLOCK = 2000
_MOST_ATTRIBUTES = 150
_MOMENT = (
    """replace(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000', '')"""
)

_WHICH = {
    "sku": "exchange_cell(v.sku)",
    "gtin": "v.gtin",
    "manufacturer_code": "exchange_cell(m.code)",
}
_JOINS = """
    JOIN catalog_variants v ON v.id = {}.variant_id
    JOIN network_organizations m ON m.id = v.manufacturer_id
"""


@dataclass(frozen=True, slots=True)
class Export:
    """A statement whose rows are the export, and the names of its columns."""

    columns: Sequence[str]
    statement: str
    binds: dict[str, Any] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The statement as the driver takes it."""
        return self.statement


def export_of(
    session: DbSession, *, caller: Caller, resource: str, price_list_id: uuid.UUID | None = None
) -> Export:
    """What is exported of a resource.

    Raises:
        TargetUnknown: prices of a list that is none of the caller's, or of none.
    """
    if resource == f.PRODUCTS:
        return _products(session, caller)
    if resource == f.PRICES:
        return _prices(session, caller, price_list_id)
    return _offers(caller) if resource == f.OFFERS else _stock(caller)


def csv_of(session: DbSession, export: Export) -> Iterator[bytes]:
    """The export as CSV, block by block, as the database writes it."""
    connection = session.connection().connection.driver_connection
    assert connection is not None
    statement = f"COPY ({export.query}) TO STDOUT (FORMAT csv, HEADER)"
    with closing(connection.cursor()) as cursor, cursor.copy(statement, export.binds) as copy:
        for block in copy:
            yield bytes(block)


def rows_of(session: DbSession, export: Export) -> Iterator[Sequence[str | None]]:
    """The export as rows of texts, read block by block."""
    connection = session.connection().connection.driver_connection
    assert connection is not None
    with closing(connection.cursor(name="exchange_export")) as cursor:
        cursor.itersize = _BLOCK
        cursor.execute(export.query, export.binds)
        for row in cursor:
            yield [None if each is None else str(each) for each in row]


def _export(columns: dict[str, str], source: str, binds: dict[str, Any]) -> Export:
    chosen = ", ".join(f'{sql} AS "{_quoted(name)}"' for name, sql in columns.items())
    return Export(list(columns), f"SELECT {chosen} {source}", binds)


def _quoted(name: str) -> str:
    """A name inside double quotes, in a statement whose parameters begin with a percent sign."""
    return name.replace('"', '""').replace("%", "%%")


def _offers(caller: Caller) -> Export:
    columns = {
        **_WHICH,
        "seller_sku": "exchange_cell(o.seller_sku)",
        "status": "o.status",
        "minimum_quantity": "o.minimum_quantity",
        "maximum_quantity": "o.maximum_quantity",
        "quantity_step": "o.quantity_step",
        "pack_quantity": "o.pack_quantity",
        "lead_time_days": "o.lead_time_days",
        "condition": "o.condition",
        "valid_from": _MOMENT.format("o.valid_from"),
        "valid_to": _MOMENT.format("o.valid_to"),
        "note": "exchange_cell(o.note)",
    }
    source = f"FROM offers_offers o {_JOINS.format('o')} WHERE o.seller_id = %(own)s ORDER BY o.id"
    return _export(columns, source, {"own": caller.organization_id})


def _stock(caller: Caller) -> Export:
    columns = {
        **_WHICH,
        "location_code": "exchange_cell(l.code)",
        "on_hand": "i.on_hand",
        "safety": "i.safety",
    }
    source = f"""
        FROM inventory_locations l JOIN inventory_stock i ON i.location_id = l.id
        {_JOINS.format("i")} WHERE l.seller_id = %(own)s ORDER BY l.code, i.variant_id
    """
    return _export(columns, source, {"own": caller.organization_id})


def _prices(session: DbSession, caller: Caller, price_list_id: uuid.UUID | None) -> Export:
    query = text("SELECT currency FROM pricing_price_lists WHERE id = :id AND owner_id = :own")
    currency = session.scalar(query, {"id": price_list_id, "own": caller.organization_id})
    if currency is None:
        raise TargetUnknown
    digits = exponent_of(currency)
    columns = {
        **_WHICH,
        "from_quantity": "e.from_quantity",
        "price": f"round(e.amount_minor / CAST({10**digits} AS numeric), {digits})",
        "per_quantity": "e.per_quantity",
        "currency": f"'{currency}'",
        "valid_from": _MOMENT.format("e.valid_from"),
        "valid_to": _MOMENT.format("e.valid_to"),
    }
    source = f"""
        FROM pricing_entries e {_JOINS.format("e")} WHERE e.price_list_id = %(list)s
        ORDER BY e.variant_id, e.from_quantity, e.valid_from
    """
    return _export(columns, source, {"list": price_list_id})


def _products(session: DbSession, caller: Caller) -> Export:
    own = {"own": caller.organization_id}
    plain = (
        "part_number", "name", "unit_code", "pack_quantity", "weight_g", "length_mm", "width_mm",
        "height_mm", "customs_code", "status",
    )  # fmt: skip
    columns = {
        "sku": "exchange_cell(v.sku)",
        "gtin": "v.doc ->> 'gtin'",
        **{name: f"exchange_cell(v.doc ->> '{name}')" for name in plain},
        "product_code": "exchange_cell(p.code)",
        "product_name": "exchange_cell(p.doc ->> 'name')",
        "brand": "exchange_cell(p.doc ->> 'brand')",
        "description": "exchange_cell(p.doc ->> 'description')",
        "category_code": "exchange_cell(c.code)",
        "successor_sku": "exchange_cell(s.sku)",
    }
    columns |= _named(session, own)
    source = """
        FROM (SELECT id, sku, product_id, to_jsonb(v) || COALESCE(draft, '{}') AS doc
              FROM catalog_variants v WHERE manufacturer_id = %(own)s) v
        JOIN (SELECT id, code, to_jsonb(p) || COALESCE(draft, '{}') AS doc
              FROM catalog_products p WHERE manufacturer_id = %(own)s) p ON p.id = v.product_id
        JOIN catalog_categories c ON c.id = CAST(p.doc ->> 'category_id' AS uuid)
        LEFT JOIN catalog_variants s ON s.id = CAST(v.doc ->> 'successor_id' AS uuid)
        ORDER BY v.id
    """
    return _export(columns, source, own)


def _named(session: DbSession, own: dict[str, Any]) -> dict[str, str]:
    """A column for each attribute and each language that the caller's products have."""
    codes = session.scalars(
        text("""
        SELECT DISTINCT jsonb_object_keys(attributes || COALESCE(draft -> 'attributes', '{}')) AS k
        FROM catalog_variants WHERE manufacturer_id = :own ORDER BY k LIMIT :most
        """),
        {**own, "most": _MOST_ATTRIBUTES},
    ).all()
    columns = {f"{f.ATTRIBUTE}{each}": _attribute(each) for each in codes}
    for locale in sorted(_languages(session, own)):
        columns[f"{f.NAME_IN}{locale}"] = _told("v", locale, "name")
        columns[f"{f.PRODUCT_NAME_IN}{locale}"] = _told("p", locale, "name")
        columns[f"{f.DESCRIPTION_IN}{locale}"] = _told("p", locale, "description")
    return {name: sql for name, sql in columns.items() if f.find_field(f.PRODUCTS, name)}


def _attribute(code: str) -> str:
    safe = code.replace("'", "''").replace("%", "%%")
    return f"exchange_cell(v.doc -> 'attributes' ->> '{safe}')"


def _told(whose: str, locale: str, name: str) -> str:
    return f"exchange_cell({whose}.doc #>> '{{translations,{locale},{name}}}')"


def _languages(session: DbSession, own: dict[str, Any]) -> set[str]:
    found = session.scalars(
        text("""
        SELECT DISTINCT jsonb_object_keys(translations || COALESCE(draft -> 'translations', '{}'))
        FROM catalog_variants WHERE manufacturer_id = :own
        UNION
        SELECT DISTINCT jsonb_object_keys(translations || COALESCE(draft -> 'translations', '{}'))
        FROM catalog_products WHERE manufacturer_id = :own
        """),
        own,
    )
    return set(found)
