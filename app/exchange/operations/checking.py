"""Staged texts become typed rows that name their variants, or say per cell what is wrong.

One statement reads the whole file: every cell once, in the database. Rows without problems have
``problems`` NULL; a problem is ``field:code``.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.exchange.operations.readings import TYPES, Reader
from app.exchange.operations.staging import table
from app.exchange.queries.sight import Sight
from app.exchange.rules import fields as f
from app.exchange.rules.mapping import ColumnMapping
from app.infra.db import DbSession, array_of

_UNREADABLE = "CASE WHEN {cell} LIKE chr(26) || '=%' THEN 'formula' ELSE 'unreadable' END"


@dataclass(frozen=True, slots=True)
class _Cell:
    """A field of the file: its raw column or constant, its value and its fault."""

    field: f.Field
    raw: str
    value: str
    problem: str


def places_of(mapping: ColumnMapping, header: Sequence[str]) -> list[int]:
    """Where the mapped columns stand in the file, in the order of the mapping's fields."""
    return [header.index(column) for column in mapping.columns.values()]


def check(
    session: DbSession,
    *,
    import_id: uuid.UUID,
    resource: str,
    mode: str,
    mapping: ColumnMapping,
    exponent: int,
    sight: Sight,
) -> None:
    """Make the table of checked rows."""
    reader = Reader(mapping, exponent)
    cells = _cells(resource, mode, mapping, reader)
    source = _read_rows(table("raw", import_id), resource, cells)
    if f.tells_variant(resource):
        source = _with_variants(source, {each.field.name for each in cells}, sight)
        reader.binds |= {
            "manufacturer_ids": array_of(sight.manufacturer_ids),
            "own_id": sight.organization_id,
        }
    else:
        source = f"SELECT s.*, problems AS faults FROM ({source}) s"  # noqa: S608
    name = table("checked", import_id)
    session.execute(text(f"DROP TABLE IF EXISTS {name}"))
    session.execute(text(f"CREATE UNLOGGED TABLE {name} AS {source}"), reader.binds)
    session.execute(text(f"ANALYZE {name}"))


def _cells(resource: str, mode: str, mapping: ColumnMapping, reader: Reader) -> list[_Cell]:
    raw = {name: f"exchange_text(c{at})" for at, name in enumerate(mapping.columns)}
    raw |= {name: f"exchange_text({reader.bind(each)})" for name, each in mapping.constants.items()}
    cells = []
    for at, (name, told) in enumerate(raw.items()):
        found = f.find_field(resource, name)
        assert found is not None, "the mapping was checked"
        is_gtin = found.kind == f.GTIN
        expression = f"NULLIF(translate({told}, ' -', ''), '')" if is_gtin else told
        value, fault = reader.read(found, f"x{at}")
        readable = f"CASE WHEN strpos(x{at}, chr(26)) = 0 THEN {value} END"
        cells.append(_Cell(found, expression, readable, _problem(found, mode, at, fault)))
    return cells


def _problem(field: f.Field, mode: str, at: int, fault: str) -> str:
    """The code of what is wrong, NULL where nothing is."""
    only_keys = mode == f.DELETE and field.kind in {f.MONEY, f.WHOLE}
    missing = f"WHEN x{at} IS NULL THEN '{field.name}:missing'" if field.needed else ""
    marked = _UNREADABLE.format(cell=f"x{at}")
    name = field.name.replace("'", "''").replace(":", r"\:")
    return f"""CASE {"" if only_keys else missing}
        WHEN x{at} IS NULL OR v{at} IS NOT NULL THEN NULL
        WHEN strpos(x{at}, chr(26)) > 0 THEN '{name}\\:' || {marked}
        ELSE '{name}\\:' || {fault} END"""


def _read_rows(raw: str, resource: str, cells: Sequence[_Cell]) -> str:
    texts = ", ".join(f"{each.raw} AS x{at}" for at, each in enumerate(cells))
    values = ", ".join(f"{each.value} AS v{at}" for at, each in enumerate(cells))
    problems = ", ".join(["CASE WHEN bad <> '' THEN '\\:' || bad END", *(c.problem for c in cells)])
    # OFFSET 0: each text and each value is worked out once, not at every place that names it. Of
    # a row without problems no array is made to find out.
    return f"""
        SELECT row_no, {_typed(resource, cells)},
               CASE WHEN COALESCE({problems}) IS NOT NULL
                   THEN array_remove(ARRAY[{problems}], NULL) END AS problems
        FROM (SELECT *, {values} FROM (SELECT *, {texts} FROM {raw} OFFSET 0) r OFFSET 0) s
    """  # noqa: S608 - names of our own making


def _typed(resource: str, cells: Sequence[_Cell]) -> str:
    """The resource's columns, NULL where the file has none."""
    columns = []
    for column in f.columns_of(resource):
        filled = [f"v{at}" for at, each in enumerate(cells) if each.field.fills == column]
        kind = next(TYPES.get(each.kind, "text") for each in f.fields_of(resource)
                    if each.fills == column)  # fmt: skip
        value = f"COALESCE({', '.join(filled)})" if filled else "NULL"
        columns.append(f"CAST({value} AS {kind}) AS {column}")
    if resource == f.PRODUCTS:
        columns += _documents(cells)
    return ", ".join(columns)


def _documents(cells: Sequence[_Cell]) -> list[str]:
    """Attributes and translations as the documents that hold them."""
    attributes = _object(cells, f.ATTRIBUTE)
    names = _object(cells, f.NAME_IN)
    starts = {"name": f.PRODUCT_NAME_IN, "description": f.DESCRIPTION_IN}
    of_product = {name: _object(cells, start) for name, start in starts.items()}
    product = " || ".join(
        f"jsonb_build_object('{name}', {document})" for name, document in of_product.items()
    )
    if set(of_product.values()) == {_EMPTY}:
        product = """CAST('{"name"\\: {}, "description"\\: {}}' AS jsonb)"""
    return [
        f"{attributes} AS attributes",
        f"{names} AS names",
        f"{product} AS product_texts",
    ]


_EMPTY = "CAST('{}' AS jsonb)"


def _object(cells: Sequence[_Cell], start: str) -> str:
    pairs = [
        f"'{each.field.name.removeprefix(start).replace(chr(39), chr(39) * 2)}', v{at}"
        for at, each in enumerate(cells)
        if each.field.name.startswith(start)
    ]
    parts = [
        f"jsonb_build_object({', '.join(pairs[at : at + 40])})" for at in range(0, len(pairs), 40)
    ]
    return f"jsonb_strip_nulls({' || '.join(parts)})" if parts else _EMPTY


_DISAGREE = ("sku", "gtin", "manufacturer_code")
_MAKER = "(SELECT o.id FROM network_organizations o WHERE o.code = s.manufacturer_code)"


def _with_variants(source: str, names: set[str], sight: Sight) -> str:
    """Rows with the variant that SKU or GTIN name, as far as the caller may know of it.

    All that a row says of its variant must be so; only a GTIN that the catalog does not know yet
    may stand beside a SKU.
    """
    # A SKU is one manufacturer's: of several with the same one, none is meant.
    several = len(sight.manufacturer_ids) > 1 and "sku" in names
    twins = "count(*) OVER (PARTITION BY s.row_no) > 1" if several else "false"
    if several and "gtin" in names:
        twins = f"{twins} AND g.id IS NULL"
    found = [alias for alias, name in (("g", "gtin"), ("v", "sku")) if name in names]
    field = "sku" if "sku" in names else "gtin"
    body = f"""
        SELECT s.*, COALESCE({", ".join(f"{alias}.id" for alias in found)}) AS variant_id,
               {twins} AS ambiguous, {_disagreement(names)} AS disagree
        FROM ({source}) s {_joins(names)}
    """  # noqa: S608 - composed of constants
    told = ", ".join(
        f"CASE WHEN {name} IS NOT NULL THEN '{name}\\:identifiers_disagree' END"
        for name in _DISAGREE
    )
    return f"""
        SELECT {"DISTINCT ON (row_no)" if several else ""} n.*,
               CASE WHEN problems IS NOT NULL THEN problems
                    WHEN {" AND ".join(f"{name} IS NULL" for name in ("sku", "gtin"))}
                        THEN ARRAY['{field}\\:missing']
                    WHEN ambiguous THEN ARRAY['sku\\:ambiguous_sku']
                    WHEN disagree THEN array_remove(ARRAY[{told}], NULL)
                    WHEN variant_id IS NULL THEN ARRAY['{field}\\:unknown_variant']
               END AS faults
        FROM ({body}) n {"ORDER BY row_no, disagree" if several else ""}
    """  # noqa: S608 - composed of constants


def _joins(names: set[str]) -> str:
    """The variant ``v`` that the SKU names, the variant ``g`` that the GTIN names."""
    join = """LEFT JOIN catalog_variants {v} ON {v}.{name} = s.{name}
        AND ({v}.status <> 'draft' OR {v}.manufacturer_id = :own_id)
        AND {v}.manufacturer_id = ANY (CAST(:manufacturer_ids AS uuid[]))"""
    by_sku = join.format(v="v", name="sku") if "sku" in names else ""
    if by_sku and "manufacturer_code" in names:
        by_sku += f" AND (s.manufacturer_code IS NULL OR v.manufacturer_id = {_MAKER})"
    return by_sku + " " + (join.format(v="g", name="gtin") if "gtin" in names else "")


def _disagreement(names: set[str]) -> str:
    """Whether what a row says of its variant is not all so; not true where there is none."""
    if "gtin" not in names:
        return "false"
    unlike = ["false"]
    if "sku" in names:
        unlike.append("CASE WHEN g.id IS NULL THEN v.gtin <> s.gtin ELSE g.sku <> s.sku END")
    if "manufacturer_code" in names:
        unlike.append(
            "g.id IS NOT NULL AND s.manufacturer_code IS NOT NULL"
            f" AND g.manufacturer_id IS DISTINCT FROM {_MAKER}"
        )
    return f"COALESCE({' OR '.join(unlike)}, false)"
