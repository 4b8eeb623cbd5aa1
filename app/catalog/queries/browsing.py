"""A manufacturer's own products at a glance, for people who look for one of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of

_NOWHERE = uuid.UUID(int=0)

_PRODUCTS = text("""
SELECT p.id, p.code, p.name, p.brand, p.status, c.name AS category_name,
       p.draft IS NOT NULL AS is_changed, v.variants, v.changed_variants
FROM catalog_products p
JOIN catalog_categories c ON c.id = p.category_id
CROSS JOIN LATERAL (
    SELECT count(*) AS variants, count(draft) AS changed_variants
    FROM catalog_variants WHERE product_id = p.id
) v
WHERE p.manufacturer_id = :manufacturer_id AND p.id > :after
  AND (CAST(:category_id AS uuid) IS NULL OR c.path @> ARRAY[CAST(:category_id AS uuid)])
  AND (CAST(:status AS text) IS NULL OR p.status = CAST(:status AS text))
  AND (CAST(:words AS text) IS NULL
       OR strpos(lower(p.name || ' ' || p.code || ' ' || p.brand), lower(:words)) > 0
       OR EXISTS (
           SELECT FROM catalog_variants WHERE product_id = p.id AND (sku = :words OR gtin = :words)
       ))
ORDER BY p.id LIMIT :rows
""")
_TREE = text("""
SELECT id, name, status, cardinality(path) - 1 AS depth, draft IS NOT NULL AS is_changed
FROM catalog_categories WHERE manufacturer_id = :manufacturer_id
ORDER BY (
    SELECT array_agg(to_char(a.position, 'FM0000000') || a.code ORDER BY cardinality(a.path))
    FROM catalog_categories a WHERE a.id = ANY (catalog_categories.path)
)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSearch:
    """What a person narrows the list of products by; ``words`` may be a SKU or a GTIN."""

    words: str | None = None
    category_id: uuid.UUID | None = None
    status: str | None = None


def browse_products(
    session: DbSession, *, caller: Caller, page: PageRequest, search: ProductSearch
) -> Page[Any]:
    """The caller's own products, with how many variants they have and how many of them change."""
    binds = {
        "manufacturer_id": caller.organization_id, "after": page.after or _NOWHERE,
        "rows": page.limit + 1, "words": search.words, "category_id": search.category_id,
        "status": search.status,
    }  # fmt: skip
    rows = session.execute(_PRODUCTS, binds).all()
    return page_of(rows, limit=page.limit, key=lambda row: row.id)


def tree_of(session: DbSession, *, manufacturer_id: uuid.UUID) -> Sequence[Any]:
    """A manufacturer's categories as a tree, each before what lies below it."""
    return session.execute(_TREE, {"manufacturer_id": manufacturer_id}).all()
