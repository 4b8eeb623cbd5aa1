"""What is wrong with collected changes: one statement a kind of thing, however many changes.

Every change is looked at as it would be after publication, next to all others of the manufacturer:
``after`` holds the changed rows as they would be. A thing that is published or about to be, and
not withdrawn, counts as "in sale".
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import TextClause, text

from app.catalog.rules import SUBJECTS, Problem, Subject
from app.infra.db import DbSession, array_of

# Nobody reads more at once; what is left shows when these are mended.
MOST = 200


def problems_of(
    session: DbSession,
    *,
    manufacturer_id: uuid.UUID,
    kind: str,
    ids: Sequence[uuid.UUID] | None = None,
) -> Mapping[uuid.UUID, list[Problem]]:
    """The problems of a manufacturer's changes of one kind, all or those of some things."""
    binds = {"manufacturer_id": manufacturer_id, "most": MOST}
    chosen = {} if ids is None else {"ids": array_of(ids)}
    found: dict[uuid.UUID, list[Problem]] = defaultdict(list)
    for row in session.execute(_statement(kind, ids is not None), binds | chosen):
        found[row.id].append(Problem(row.code, row.pointer, row.value))
    return found


@cache
def _statement(kind: str, of_some: bool) -> TextClause:  # noqa: FBT001 - a key of the cache
    parts = " UNION ".join(_CHECKS[kind])
    chosen = "t.id = ANY (CAST(:ids AS uuid[]))" if of_some else "t.draft IS NOT NULL"
    after = _after(SUBJECTS[kind], chosen)
    return text(
        f"WITH RECURSIVE after AS MATERIALIZED ({after}), {_CTES[kind]}"  # noqa: S608
        f" found (id, code, pointer, value) AS ({parts})"
        " SELECT id, code, pointer, value FROM found ORDER BY id, pointer, code LIMIT :most"
    )


def _after(subject: Subject, chosen: str) -> str:
    return f"""
    SELECT a.*, t.status AS was FROM {subject.table} t
    CROSS JOIN LATERAL jsonb_populate_record(t, t.draft) a
    WHERE t.manufacturer_id = :manufacturer_id AND {chosen}
    """  # noqa: S608 - names of our own tables


def _in_sale(table: str, alias: str) -> str:
    """Rows of a table as they would be after publication, in sale."""
    return f"""
    JOIN LATERAL (
        SELECT n.* FROM {table} o CROSS JOIN LATERAL jsonb_populate_record(o, o.draft) n
        WHERE o.id = {alias} AND n.status IN ('active', 'phase_out')
    ) n ON true
    """  # noqa: S608 - names of our own tables


# Definitions as they would be after publication.
_DEFINED = """
defined AS MATERIALIZED (
    SELECT n.code, n.kind, n.options FROM catalog_attributes o
    CROSS JOIN LATERAL jsonb_populate_record(o, o.draft) n
    WHERE o.manufacturer_id = :manufacturer_id AND n.status IN ('active', 'phase_out')
),
"""
_POINTER = "'/attributes/' || replace(replace(e.key, '~', '~0'), '/', '~1')"
_VALUES = f"""
SELECT a.id,
       CASE WHEN d.code IS NULL THEN 'attribute_undefined'
            WHEN d.kind = 'enumeration' AND jsonb_typeof(e.value) = 'string' THEN 'option_unknown'
            ELSE 'attribute_mistyped' END AS code,
       {_POINTER} AS pointer, e.value
FROM after a CROSS JOIN LATERAL jsonb_each(a.attributes) e
LEFT JOIN defined d ON d.code = e.key
WHERE CASE COALESCE(d.kind, '')
    WHEN 'text' THEN jsonb_typeof(e.value) <> 'string'
    WHEN 'number' THEN jsonb_typeof(e.value) <> 'number'
    WHEN 'boolean' THEN jsonb_typeof(e.value) <> 'boolean'
    WHEN 'localized' THEN jsonb_typeof(e.value) <> 'object'
    WHEN 'enumeration' THEN NOT d.options @> jsonb_build_array(jsonb_build_object('code', e.value))
    ELSE true END
"""  # noqa: S608 - composed of constants only


def _taken(table: str, column: str, code: str, scope: str) -> str:
    """Another row has the identifier already, or is about to get it."""
    return f"""
    SELECT a.id, '{code}', '/{column}', to_jsonb(a.{column}) FROM after a
    WHERE EXISTS (SELECT FROM {table} o WHERE o.{column} = a.{column} AND o.id <> a.id {scope})
    UNION
    SELECT w.id, '{code}', '/{column}', to_jsonb(w.{column}) FROM (
        SELECT a.id, a.{column}, count(*) OVER (PARTITION BY a.{column}) AS times FROM after a
    ) w
    WHERE w.times > 1 AND w.{column} IS NOT NULL
    """  # noqa: S608 - names of our own tables


_CATEGORY_IN_SALE, _PRODUCT_IN_SALE, _VARIANT_IN_SALE = (
    _in_sale(table, "wanted")
    for table in ("catalog_categories", "catalog_products", "catalog_variants")
)
_OF_MANUFACTURER = "AND o.manufacturer_id = a.manufacturer_id"

_CTES: Mapping[str, str] = {
    "attribute": "",
    "category": """
    node AS MATERIALIZED (
        SELECT n.id, n.parent_id, n.status FROM catalog_categories o
        CROSS JOIN LATERAL jsonb_populate_record(o, o.draft) n
        WHERE o.manufacturer_id = :manufacturer_id
    ),
    rooted AS (
        SELECT id FROM node WHERE parent_id IS NULL
        UNION ALL SELECT node.id FROM rooted JOIN node ON node.parent_id = rooted.id
    ),
    """,
    "product": _DEFINED,
    "variant": _DEFINED,
}

_CHECKS: Mapping[str, tuple[str, ...]] = {
    "attribute": (
        _taken("catalog_attributes", "code", "code_taken", _OF_MANUFACTURER),
        """
        SELECT DISTINCT a.id, 'option_in_use', '/options', to_jsonb(v.attributes->>a.code)
        FROM after a JOIN catalog_attributes o ON o.id = a.id
        JOIN (
            SELECT n.manufacturer_id, n.attributes FROM catalog_variants m
            CROSS JOIN LATERAL jsonb_populate_record(m, m.draft) n
            UNION ALL
            SELECT n.manufacturer_id, n.attributes FROM catalog_products m
            CROSS JOIN LATERAL jsonb_populate_record(m, m.draft) n
        ) v ON v.manufacturer_id = a.manufacturer_id AND v.attributes ? a.code
        WHERE a.kind = 'enumeration' AND a.was <> 'draft' AND NOT o.options <@ a.options
          AND NOT a.options
              @> jsonb_build_array(jsonb_build_object('code', v.attributes->a.code))
        """,
    ),
    "category": (
        _taken("catalog_categories", "code", "code_taken", _OF_MANUFACTURER),
        """
        SELECT a.id, 'category_cycle', '/parent_id', NULL::jsonb FROM after a
        WHERE NOT EXISTS (SELECT FROM rooted WHERE rooted.id = a.id)
        """,
        """
        SELECT a.id, 'category_unpublished', '/parent_id', NULL::jsonb FROM after a
        JOIN node p ON p.id = a.parent_id AND p.status IN ('draft', 'withdrawn')
        WHERE a.status <> 'withdrawn'
        """,
        """
        SELECT a.id, 'category_in_use', '/status', NULL::jsonb FROM after a
        WHERE a.status = 'withdrawn' AND (
            EXISTS (
                SELECT FROM node c WHERE c.parent_id = a.id AND c.status IN ('active', 'phase_out')
            ) OR EXISTS (
                SELECT FROM catalog_products o
                CROSS JOIN LATERAL jsonb_populate_record(o, o.draft) n
                WHERE o.category_id = a.id AND n.category_id = a.id
                  AND n.status IN ('active', 'phase_out')
            )
        )
        """,
    ),
    "product": (
        _VALUES,
        _taken("catalog_products", "code", "code_taken", _OF_MANUFACTURER),
        f"""
        SELECT a.id, 'category_unpublished', '/category_id', NULL::jsonb FROM after a
        WHERE a.status <> 'withdrawn' AND NOT EXISTS (
            SELECT FROM (SELECT a.category_id AS wanted) w {_CATEGORY_IN_SALE}
        )
        """,  # noqa: S608 - composed of constants only
        """
        SELECT a.id, 'variants_in_sale', '/status', NULL::jsonb FROM after a
        WHERE a.status = 'withdrawn' AND EXISTS (
            SELECT FROM catalog_variants o CROSS JOIN LATERAL jsonb_populate_record(o, o.draft) n
            WHERE o.product_id = a.id AND n.status IN ('active', 'phase_out')
        )
        """,
    ),
    "variant": (
        _VALUES,
        _taken("catalog_variants", "sku", "sku_taken", _OF_MANUFACTURER),
        _taken("catalog_variants", "gtin", "gtin_taken", ""),
        """
        SELECT a.id, 'gtin_taken', '/packs/' || (p.n - 1) || '/gtin', p.pack->'gtin'
        FROM after a
        CROSS JOIN LATERAL jsonb_array_elements(a.packs) WITH ORDINALITY AS p (pack, n)
        WHERE EXISTS (SELECT FROM catalog_variants o WHERE o.gtin = p.pack->>'gtin')
        """,
        f"""
        SELECT a.id, 'product_unpublished', '/product_id', NULL::jsonb FROM after a
        WHERE a.status <> 'withdrawn' AND NOT EXISTS (
            SELECT FROM (SELECT a.product_id AS wanted) w {_PRODUCT_IN_SALE}
        )
        """,  # noqa: S608 - composed of constants only
        f"""
        SELECT a.id, 'successor_unfit', '/successor_id', NULL::jsonb FROM after a
        WHERE a.successor_id IS NOT NULL AND a.status = 'phase_out' AND NOT EXISTS (
            SELECT FROM (SELECT a.successor_id AS wanted) w {_VARIANT_IN_SALE}
            WHERE n.manufacturer_id = a.manufacturer_id AND n.id <> a.id
              AND n.successor_id IS DISTINCT FROM a.id
        )
        """,  # noqa: S608 - composed of constants only
        """
        SELECT a.id, 'successor_premature', '/successor_id', NULL::jsonb FROM after a
        WHERE a.successor_id IS NOT NULL AND a.status NOT IN ('phase_out', 'withdrawn')
        """,
        """
        SELECT a.id, 'successor_missing', '/successor_id', NULL::jsonb FROM after a
        WHERE a.successor_id IS NULL AND a.status = 'phase_out' AND a.was <> 'phase_out'
        """,
    ),
}
