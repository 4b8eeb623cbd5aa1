"""A manufacturer's products from a file: staged rows become variants and their products, set-based.

A staged row names a variant by ``sku``, with its own facts and those of its product; rows with
``faults`` are left alone. Laws, as everywhere in the catalog: what was published changes by its
``draft``, which the next publication applies; what never was is edited directly; new rows are
drafts that the next publication makes live. An empty cell leaves a fact as it is.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.catalog.errors import NotAManufacturer
from app.catalog.operations.editing import hold
from app.infra.auth import Caller
from app.infra.db import DbSession

_PLAIN = (
    "gtin", "part_number", "name", "unit_code", "pack_quantity", "weight_g", "length_mm",
    "width_mm", "height_mm", "customs_code", "status",
)  # fmt: skip
_NO_TEXTS = '{"name": {}, "description": {}}'
_CHANGES = ", ".join(f"'{name}', s.{name}" for name in _PLAIN)


def _agrees(whose: str, columns: dict[str, str]) -> str:
    """Whether a row says of a thing what is so already; no document is made to find out.

    Of things with a draft only those that wait for nothing but their first publication are known.
    """
    is_plain = f'({whose}.draft IS NULL OR {whose}.draft = \'{{{{"status"\\: "active"}}}}\')'
    is_now = {"status": f"COALESCE({whose}.draft ->> 'status', {whose}.status)"}
    same = [
        f"(s.{told} IS NULL OR s.{told} = {is_now.get(name, f'{whose}.{name}')})"
        for told, name in columns.items()
    ]
    return " AND ".join([is_plain, *same])


_IS_SAME = f"""(COALESCE({_agrees("v", {name: name for name in _PLAIN})}, false)
    AND s.successor_sku IS NULL AND s.names = '{{{{}}}}' AND v.attributes @> s.attributes)"""
_PRODUCT_IS_SAME = f"""(COALESCE({_agrees("p", {
    "product_name": "name", "brand": "brand", "description": "description"})}, false)
    AND s.product_texts = :no_texts)"""  # fmt: skip
_FACTS = """jsonb_strip_nulls(jsonb_build_object(
    'name', s.product_name, 'brand', s.brand, 'description', s.description,
    'category', s.category_code, 'texts', NULLIF(s.product_texts, :no_texts)))"""
# What a row says of its product, to tell rows that say the same; only others are looked into.
_TOLD = """concat_ws('|', product_name, brand, description, category_code,
    NULLIF(product_texts, :no_texts)) COLLATE "C\""""

_JUDGE = f"""
CREATE UNLOGGED TABLE {{judged}} AS
SELECT s.row_no, s.sku, s.variant_id, s.code, s.product_id, s.category_id, s.successor_id,
       s.told_name, s.told_brand, s.told_description, s.told_product_name, s.gtin, s.part_number,
       s.unit_code, s.pack_quantity, s.weight_g, s.length_mm, s.width_mm, s.height_mm,
       s.customs_code, s.status, s.attributes, s.names, s.product_texts, s.changes,
       s.product_changes,
       CASE
           WHEN s.row_no > s.first_row THEN 'sku\\:repeated'
           WHEN :mode = 'delete' THEN
               CASE WHEN s.is_status IS NULL OR s.is_status = 'withdrawn' THEN 'same'
                    ELSE 'remove' END
           WHEN s.row_no > s.first_of_gtin THEN 'gtin\\:repeated'
           WHEN s.gtin_of = :manufacturer_id AND s.variant_id IS NOT NULL
               THEN 'gtin\\:identifiers_disagree'
           WHEN s.gtin_of IS NOT NULL THEN 'gtin\\:gtin_taken'
           WHEN s.category_code IS NOT NULL AND s.category_id IS NULL
               THEN 'category_code\\:unknown_category'
           WHEN s.product_id IS NULL AND s.category_id IS NULL THEN 'category_code\\:missing'
           WHEN s.other_product THEN 'product_code\\:other_product'
           WHEN s.first_product IS NOT NULL AND NOT s.first_product @> {_FACTS}
               THEN 'product_code\\:product_disagrees'
           WHEN s.successor_sku IS NOT NULL AND s.successor_id IS NULL
               THEN 'successor_sku\\:unknown_successor'
           WHEN s.successor_id IS NOT NULL
            AND COALESCE(s.status, s.is_status, '') NOT IN ('phase_out', 'withdrawn')
               THEN 'successor_sku\\:successor_too_soon'
           WHEN s.variant_id IS NULL AND s.told_name IS NULL THEN 'name\\:missing'
           WHEN s.variant_id IS NULL AND s.weight_g IS NULL THEN 'weight_g\\:missing'
           WHEN s.variant_id IS NULL THEN 'insert'
           WHEN s.status = 'draft' AND s.was_published THEN 'status\\:cannot_go_back'
           WHEN (s.is_same OR s.variant @> s.changes)
            AND (s.product_is_same OR s.product @> s.product_changes) THEN 'same'
           ELSE 'update'
       END AS verdict
FROM (
    SELECT s.*, v.id AS variant_id, p.id AS product_id, c.id AS category_id, n.id AS successor_id,
           s.name AS told_name, s.brand AS told_brand, s.description AS told_description,
           s.product_name AS told_product_name, v.doc AS variant, p.doc AS product,
           COALESCE(v.draft ->> 'status', v.status) AS is_status,
           v.status <> 'draft' AS was_published, v.is_same,
           p.is_same AND (c.id IS NULL OR p.category_id = c.id) AS product_is_same,
           g.manufacturer_id AS gtin_of, s.product_code <> p.code AS other_product,
           COALESCE(p.code, s.product_code, s.sku) AS code,
           twin.row_no AS first_row, gtwin.row_no AS first_of_gtin, told.facts AS first_product,
           CASE WHEN v.id IS NULL OR v.is_same THEN '{{{{}}}}' ELSE
               jsonb_strip_nulls(jsonb_build_object({_CHANGES}, 'successor_id', n.id))
               || CASE WHEN s.attributes = '{{{{}}}}' THEN '{{{{}}}}' ELSE
                   jsonb_build_object('attributes', catalog_with_attributes(
                       v.doc -> 'attributes', s.attributes, :manufacturer_id)) END
               || CASE WHEN s.names = '{{{{}}}}' THEN '{{{{}}}}' ELSE
                   jsonb_build_object('translations', catalog_with_texts(
                       v.doc -> 'translations', 'name', s.names)) END
           END AS changes,
           CASE WHEN p.id IS NULL OR p.is_same AND c.id IS NULL THEN '{{{{}}}}' ELSE
               jsonb_strip_nulls(jsonb_build_object(
                   'name', s.product_name, 'brand', s.brand, 'description', s.description,
                   'category_id', c.id))
               || CASE WHEN s.product_texts = :no_texts THEN '{{{{}}}}' ELSE
                   jsonb_build_object('translations', catalog_with_texts(
                       catalog_with_texts(
                           p.doc -> 'translations', 'name', s.product_texts -> 'name'),
                       'description', s.product_texts -> 'description')) END
           END AS product_changes
    FROM (SELECT * FROM {{checked}} WHERE faults IS NULL) s
    LEFT JOIN (
        SELECT sku, min(row_no) AS row_no FROM {{checked}} WHERE faults IS NULL
        GROUP BY sku HAVING count(*) > 1
    ) twin ON twin.sku = s.sku
    LEFT JOIN (
        SELECT gtin, min(row_no) AS row_no FROM {{checked}}
        WHERE faults IS NULL AND gtin IS NOT NULL GROUP BY gtin HAVING count(*) > 1
    ) gtwin ON gtwin.gtin = s.gtin
    LEFT JOIN LATERAL (
        SELECT v.*, {_IS_SAME} AS is_same,
               CASE WHEN NOT {_IS_SAME} THEN to_jsonb(v) || COALESCE(v.draft, '{{{{}}}}') END AS doc
        FROM catalog_variants v
        WHERE v.manufacturer_id = :manufacturer_id AND v.sku = s.sku
    ) v ON true
    LEFT JOIN LATERAL (
        SELECT p.id, p.code, p.category_id, {_PRODUCT_IS_SAME} AS is_same,
               CASE WHEN NOT {_PRODUCT_IS_SAME} OR s.category_code IS NOT NULL
                   THEN to_jsonb(p) || COALESCE(p.draft, '{{{{}}}}') END AS doc
        FROM catalog_products p
        WHERE p.id = v.product_id
        UNION ALL
        SELECT p.id, p.code, p.category_id, {_PRODUCT_IS_SAME},
               CASE WHEN NOT {_PRODUCT_IS_SAME} OR s.category_code IS NOT NULL
                   THEN to_jsonb(p) || COALESCE(p.draft, '{{{{}}}}') END
        FROM catalog_products p
        WHERE v.id IS NULL AND p.manufacturer_id = :manufacturer_id
          AND p.code = COALESCE(s.product_code, s.sku)
    ) p ON true
    LEFT JOIN (
        SELECT DISTINCT ON (d.code) d.code, {_FACTS} AS facts
        FROM (
            SELECT COALESCE(product_code, sku) AS code
            FROM {{checked}} WHERE faults IS NULL
            GROUP BY 1 HAVING min({_TOLD}) <> max({_TOLD})
        ) d
        JOIN {{checked}} s ON COALESCE(s.product_code, s.sku) = d.code AND s.faults IS NULL
        ORDER BY d.code, s.row_no
    ) told ON told.code = COALESCE(s.product_code, s.sku)
    LEFT JOIN catalog_categories c
      ON c.manufacturer_id = :manufacturer_id AND c.code = s.category_code
    LEFT JOIN catalog_variants n
      ON n.manufacturer_id = :manufacturer_id AND n.sku = s.successor_sku
    LEFT JOIN catalog_variants g ON g.gtin = s.gtin AND g.id IS DISTINCT FROM v.id
) s
ORDER BY s.row_no
"""  # noqa: S608 - composed of constants

# The first row of each product speaks for it: all others were found to agree.
_MERGE_PRODUCTS = """
WITH told AS (
    SELECT DISTINCT ON (code) code, product_id, category_id, told_brand, told_description,
           COALESCE(told_product_name, told_name) AS name, product_texts, product_changes
    FROM {judged} WHERE verdict IN ('insert', 'update')
    ORDER BY code, row_no
),
published AS (
    UPDATE catalog_products p SET version = p.version + 1, draft = (
        SELECT jsonb_object_agg(d.key, d.value)
        FROM jsonb_each(COALESCE(p.draft, '{{}}') || t.product_changes) d
        WHERE to_jsonb(p) -> d.key IS DISTINCT FROM d.value
    )
    FROM told t
    WHERE p.id = t.product_id AND p.status <> 'draft'
      AND NOT to_jsonb(p) || COALESCE(p.draft, '{{}}') @> t.product_changes
    RETURNING 1
),
direct AS (
    UPDATE catalog_products p
    SET version = p.version + 1,
        name = COALESCE(t.product_changes ->> 'name', p.name),
        brand = COALESCE(t.product_changes ->> 'brand', p.brand),
        description = COALESCE(t.product_changes ->> 'description', p.description),
        category_id = COALESCE(t.category_id, p.category_id),
        translations = COALESCE(t.product_changes -> 'translations', p.translations)
    FROM told t
    WHERE p.id = t.product_id AND p.status = 'draft' AND NOT to_jsonb(p) @> t.product_changes
    RETURNING p.id, p.category_id
),
moved AS (
    UPDATE catalog_variants v SET category_id = d.category_id
    FROM direct d WHERE v.product_id = d.id AND v.category_id <> d.category_id
    RETURNING 1
)
INSERT INTO catalog_products (
    id, manufacturer_id, category_id, code, name, brand, description, translations, status, draft,
    created_at)
SELECT uuidv7(), CAST(:manufacturer_id AS uuid), category_id, code, name,
       COALESCE(told_brand, ''), COALESCE(told_description, ''),
       CASE WHEN product_texts = :no_texts THEN '{{}}' ELSE catalog_with_texts(
           catalog_with_texts('{{}}', 'name', product_texts -> 'name'),
           'description', product_texts -> 'description') END,
       'draft', '{{"status"\\: "active"}}', CAST(:now AS timestamptz)
FROM told WHERE product_id IS NULL
"""

_MERGE = """
WITH part AS (
    SELECT * FROM {judged}
    WHERE ctid >= CAST(:first AS tid) AND ctid < CAST(:last AS tid)
),
gone AS (
    UPDATE catalog_variants v
    SET version = v.version + 1,
        status = CASE WHEN v.status = 'draft' THEN 'withdrawn' ELSE v.status END,
        draft = CASE WHEN v.status = 'draft' THEN NULL
                     ELSE COALESCE(v.draft, '{{}}') || '{{"status"\\: "withdrawn"}}' END
    FROM part p WHERE p.verdict = 'remove' AND v.id = p.variant_id
    RETURNING 1
),
changed AS (
    UPDATE catalog_variants v
    SET version = v.version + 1,
        draft = (
            SELECT jsonb_object_agg(d.key, d.value)
            FROM jsonb_each(COALESCE(v.draft, '{{}}') || p.changes) d
            WHERE to_jsonb(v) -> d.key IS DISTINCT FROM d.value
        )
    FROM part p WHERE p.verdict = 'update' AND v.id = p.variant_id AND v.status <> 'draft'
    RETURNING 1
),
edited AS (
    UPDATE catalog_variants v
    SET version = v.version + 1,
        gtin = COALESCE(p.gtin, v.gtin), part_number = COALESCE(p.part_number, v.part_number),
        name = COALESCE(p.told_name, v.name), unit_code = COALESCE(p.unit_code, v.unit_code),
        pack_quantity = COALESCE(p.pack_quantity, v.pack_quantity),
        weight_g = COALESCE(p.weight_g, v.weight_g),
        length_mm = COALESCE(p.length_mm, v.length_mm),
        width_mm = COALESCE(p.width_mm, v.width_mm),
        height_mm = COALESCE(p.height_mm, v.height_mm),
        customs_code = COALESCE(p.customs_code, v.customs_code),
        attributes = COALESCE(p.changes -> 'attributes', v.attributes),
        translations = COALESCE(p.changes -> 'translations', v.translations),
        draft = CASE p.status WHEN 'draft' THEN NULL ELSE
            COALESCE(v.draft, '{{}}') || jsonb_strip_nulls(jsonb_build_object(
                'status', p.status, 'successor_id', p.successor_id)) END
    FROM part p WHERE p.verdict = 'update' AND v.id = p.variant_id AND v.status = 'draft'
    RETURNING 1
),
-- Looked up code by code: a part names few products of a catalog that may have very many.
owners AS MATERIALIZED (
    SELECT o.* FROM (SELECT DISTINCT code FROM part WHERE verdict = 'insert') c
    CROSS JOIN LATERAL (
        SELECT id, code, category_id FROM catalog_products
        WHERE manufacturer_id = :manufacturer_id AND code = c.code OFFSET 0
    ) o
),
added AS (
    INSERT INTO catalog_variants (
        id, product_id, manufacturer_id, category_id, sku, gtin, part_number, name, attributes,
        unit_code, pack_quantity, weight_g, length_mm, width_mm, height_mm, customs_code,
        translations, status, draft, created_at)
    SELECT uuidv7(), o.id, CAST(:manufacturer_id AS uuid), o.category_id, p.sku, p.gtin,
           p.part_number, p.told_name,
           CASE WHEN p.attributes = '{{}}' THEN '{{}}' ELSE
               catalog_with_attributes('{{}}', p.attributes, :manufacturer_id) END,
           COALESCE(p.unit_code, 'C62'), COALESCE(p.pack_quantity, 1), p.weight_g, p.length_mm,
           p.width_mm, p.height_mm, p.customs_code,
           CASE WHEN p.names = '{{}}' THEN '{{}}' ELSE
               catalog_with_texts('{{}}', 'name', p.names) END,
           'draft',
           CASE WHEN p.status IS NULL THEN '{{"status"\\: "active"}}'
                WHEN p.status <> 'draft' THEN jsonb_strip_nulls(jsonb_build_object(
                    'status', p.status, 'successor_id', p.successor_id)) END,
           CAST(:now AS timestamptz)
    FROM part p JOIN owners o ON o.code = p.code
    WHERE p.verdict = 'insert'
    RETURNING 1
)
SELECT (SELECT count(*) FROM added) AS inserted,
       (SELECT count(*) FROM changed) + (SELECT count(*) FROM edited) AS updated,
       (SELECT count(*) FROM gone) AS removed
"""

_ABSENT = """
    v.manufacturer_id = :manufacturer_id
    AND COALESCE(v.draft ->> 'status', v.status) <> 'withdrawn'
    AND NOT EXISTS (SELECT FROM {judged} j WHERE j.variant_id = v.id)
"""


def judge_products(
    session: DbSession, *, caller: Caller, mode: str, checked: str, judged: str
) -> None:
    """Say of each staged row what would become of it, in a new table.

    Raises:
        NotAManufacturer: the caller is none.
    """
    if "manufacturer" not in caller.kinds:
        raise NotAManufacturer
    session.execute(
        text(_JUDGE.format(checked=checked, judged=judged)),
        {
            "manufacturer_id": caller.organization_id,
            "mode": mode,
            "no_texts": _NO_TEXTS,
        },
    )


def merge_products(
    session: DbSession, *, manufacturer_id: uuid.UUID, judged: str, now: datetime
) -> None:
    """Write the products of all rows; their variants follow. No publication comes between."""
    hold(session, manufacturer_id=manufacturer_id)
    binds = {"manufacturer_id": manufacturer_id, "now": now, "no_texts": _NO_TEXTS}
    session.execute(text(_MERGE_PRODUCTS.format(judged=judged)), binds)


def merge_variants(
    session: DbSession,
    *,
    manufacturer_id: uuid.UUID,
    judged: str,
    first: str,
    last: str,
    now: datetime,
) -> Row[Any]:
    """Do what the verdicts from one place of the table to another say; the counts."""
    hold(session, manufacturer_id=manufacturer_id)
    binds = {"manufacturer_id": manufacturer_id, "first": first, "last": last, "now": now}
    return session.execute(text(_MERGE.format(judged=judged)), binds).one()


def count_absent_variants(session: DbSession, *, manufacturer_id: uuid.UUID, judged: str) -> int:
    """How many variants of the manufacturer the file does not name, that are not withdrawn."""
    query = f"SELECT count(*) FROM catalog_variants v WHERE {_ABSENT.format(judged=judged)}"  # noqa: S608
    return session.scalar(text(query), {"manufacturer_id": manufacturer_id}) or 0


def withdraw_absent_variants(session: DbSession, *, manufacturer_id: uuid.UUID, judged: str) -> int:
    """Withdraw the variants that the file does not name, with the next publication; how many."""
    hold(session, manufacturer_id=manufacturer_id)
    statement = f"""
        UPDATE catalog_variants v
        SET version = v.version + 1,
            status = CASE WHEN v.status = 'draft' THEN 'withdrawn' ELSE v.status END,
            draft = CASE WHEN v.status = 'draft' THEN NULL
                         ELSE COALESCE(v.draft, '{{}}') || '{{"status"\\: "withdrawn"}}' END
        WHERE {_ABSENT.format(judged=judged)}
        RETURNING 1
    """  # noqa: S608
    return len(session.execute(text(statement), {"manufacturer_id": manufacturer_id}).all())
