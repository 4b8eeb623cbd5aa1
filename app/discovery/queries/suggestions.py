"""What somebody who has begun to type may mean: products, codes, brands and categories.

Two statements (the viewer, and this one). It looks at a bounded number of documents, so that one
letter more or less costs the same, and tells only what entitled variants among them carry.
"""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import TextClause, text

from app.discovery.queries.details import said
from app.discovery.queries.viewer import Viewer
from app.discovery.rules import Question, code_of, question_of
from app.infra.db import DbSession, array_of
from app.offers.eligibility import ENTITLED_CTES

MOST = 8
SHORTEST = 2
_LOOKED_AT = 150


class Suggestion(NamedTuple):
    """A product (by one of its variants), a brand or a category that may be meant."""

    kind: str  # product, brand, category
    value: str  # a variant's id, a brand, a category's id
    text: str
    note: str


@lru_cache(maxsize=8)
def _statement(locale: str) -> TextClause:
    return text(f"""
    WITH RECURSIVE asked AS MATERIALIZED (
        SELECT discovery_query('discovery_{locale}', CAST(:words AS text[]),
                               CAST(:codes AS text[]), '') AS before,
               discovery_query('discovery_{locale}', '{{}}', '{{}}', :whole) AS whole,
               to_tsquery('simple', quote_literal(CAST(:last AS text)) || ':*')
               || to_tsquery('simple', quote_literal(unaccent(CAST(:last AS text))) || ':*')
               || plainto_tsquery('discovery_{locale}', CAST(:last AS text)) AS last
    ),
    one AS MATERIALIZED (
        SELECT whole || CASE WHEN numnode(before) = 0 THEN last ELSE before && last END AS query
        FROM asked
    ),
    d_match AS MATERIALIZED (
        SELECT d.variant_id FROM discovery_documents d
        WHERE d.manufacturer_id = ANY (CAST(:reach AS uuid[]))
          AND d.text_{locale} @@ (SELECT query FROM one)
        LIMIT {_LOOKED_AT}
    ),
    wanted AS MATERIALIZED (SELECT variant_id FROM d_match),
    {ENTITLED_CTES.strip()},
    hit AS MATERIALIZED (
        SELECT v.id, v.sku, {said("v", "name")} AS name, p.brand, v.category_id,
               ts_rank(d.text_{locale}, (SELECT query FROM one)) AS rank
        -- by their keys, however many the planner expects
        FROM (SELECT DISTINCT variant_id FROM entitled) e
        CROSS JOIN LATERAL (
            SELECT * FROM discovery_documents WHERE variant_id = e.variant_id OFFSET 0
        ) d
        CROSS JOIN LATERAL (SELECT * FROM catalog_variants WHERE id = e.variant_id OFFSET 0) v
        CROSS JOIN LATERAL (SELECT * FROM catalog_products WHERE id = v.product_id OFFSET 0) p
    )
    (SELECT 'category' AS kind, CAST(c.id AS text), {said("c", "name")}, CAST(count(*) AS text)
     FROM hit JOIN catalog_categories own ON own.id = hit.category_id
     JOIN catalog_categories c ON c.id = ANY (own.path)
     WHERE to_tsvector('simple', unaccent({said("c", "name")})) @@ (SELECT last FROM asked)
     GROUP BY c.id ORDER BY count(*) DESC, c.id LIMIT 2)
    UNION ALL
    (SELECT 'brand', brand, brand, CAST(count(*) AS text) FROM hit
     WHERE to_tsvector('simple', unaccent(brand)) @@ (SELECT last FROM asked)
     GROUP BY brand ORDER BY count(*) DESC, brand LIMIT 2)
    UNION ALL
    (SELECT 'product', CAST(id AS text), name, sku FROM hit ORDER BY rank DESC, name, id
     LIMIT {MOST})
    """)  # noqa: S608 - composed of constants only


def suggest(
    session: DbSession, *, viewer: Viewer, prefix: str, locale: str, now: datetime
) -> list[Suggestion]:
    """What may be meant by a beginning; nothing for fewer than two letters."""
    question = question_of(prefix)
    last = code_of(question.words[-1]) if question.words else ""
    if len(last) < SHORTEST:
        return []
    before = Question(question.words[:-1], question.codes[:-1])
    binds = viewer.binds(now) | {
        "reach": array_of(viewer.reach),
        "words": list(before.words),
        "codes": list(before.codes),
        "whole": question.whole,
        "last": last,
        "locale": locale,
    }
    return [Suggestion(*row) for row in session.execute(_statement(locale), binds)]
