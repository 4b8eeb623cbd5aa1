"""What the collected changes mean for whom: sellers with offers, storefronts with such sellers.

Offers, pools and storefronts lie layers up; only who offers what where is read of them.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.infra.auth import Caller
from app.infra.db import DbSession

MOST = 200


@dataclass(frozen=True, slots=True)
class Affected:
    """One seller or storefront: how many of its offers change, in which way how many."""

    id: uuid.UUID
    name: str
    sellers: int
    offers: int
    kinds: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Impact:
    """The most affected first, and how many there are of each in all."""

    sellers: Sequence[Affected]
    storefronts: Sequence[Affected]
    sellers_total: int
    storefronts_total: int


# Which variants in sale change in which way, whether by themselves, with their product or with
# their category.
_TOUCHED = """
touched AS (
    SELECT t.id AS variant_id, k.kind
    FROM catalog_variants t CROSS JOIN LATERAL jsonb_populate_record(t, t.draft) a
    CROSS JOIN LATERAL (VALUES
        ('withdrawn', a.status = 'withdrawn' AND t.status <> 'withdrawn'),
        ('phased_out', a.status = 'phase_out' AND t.status <> 'phase_out'),
        ('reinstated', a.status = 'active' AND t.status <> 'active'),
        ('successor_named', a.successor_id IS NOT NULL
            AND a.successor_id IS DISTINCT FROM t.successor_id),
        ('packs_changed', (a.packs, a.pack_quantity, a.unit_code)
            IS DISTINCT FROM (t.packs, t.pack_quantity, t.unit_code)),
        ('identifiers_changed', (a.sku, a.gtin, a.part_number)
            IS DISTINCT FROM (t.sku, t.gtin, t.part_number)),
        ('sizes_changed', (a.weight_g, a.length_mm, a.width_mm, a.height_mm)
            IS DISTINCT FROM (t.weight_g, t.length_mm, t.width_mm, t.height_mm)),
        ('described_anew', (a.name, a.attributes, a.media, a.translations, a.customs_code)
            IS DISTINCT FROM (t.name, t.attributes, t.media, t.translations, t.customs_code))
    ) AS k (kind, applies)
    WHERE t.manufacturer_id = :manufacturer_id AND t.draft IS NOT NULL AND t.status <> 'draft'
      AND k.applies
    UNION
    SELECT v.id, k.kind
    FROM catalog_products t CROSS JOIN LATERAL jsonb_populate_record(t, t.draft) a
    JOIN catalog_variants v ON v.product_id = t.id AND v.status <> 'draft'
    CROSS JOIN LATERAL (VALUES
        ('category_changed', a.category_id <> t.category_id),
        ('described_anew', (a.name, a.brand, a.description, a.attributes, a.media, a.translations)
            IS DISTINCT FROM (t.name, t.brand, t.description, t.attributes, t.media,
                              t.translations))
    ) AS k (kind, applies)
    WHERE t.manufacturer_id = :manufacturer_id AND t.draft IS NOT NULL AND t.status <> 'draft'
      AND k.applies
    UNION
    SELECT v.id, 'category_changed'
    FROM catalog_categories t
    JOIN catalog_categories below ON below.path @> ARRAY[t.id]
    JOIN catalog_variants v ON v.category_id = below.id AND v.status <> 'draft'
    WHERE t.manufacturer_id = :manufacturer_id AND t.draft ? 'parent_id' AND t.status <> 'draft'
),
offered AS (
    SELECT o.seller_id, o.id AS offer_id, touched.kind
    FROM touched JOIN offers_offers o ON o.variant_id = touched.variant_id
)
"""
_SELLERS = text(f"""
WITH {_TOUCHED},
by_kind AS (SELECT seller_id AS id, kind, count(*) AS offers FROM offered GROUP BY 1, 2),
whole AS (SELECT seller_id AS id, count(DISTINCT offer_id) AS offers FROM offered GROUP BY 1)
SELECT w.id, s.name, 1 AS sellers, w.offers, count(*) OVER () AS total,
       (SELECT jsonb_object_agg(k.kind, k.offers) FROM by_kind k WHERE k.id = w.id) AS kinds
FROM whole w JOIN network_organizations s ON s.id = w.id
ORDER BY w.offers DESC, w.id LIMIT {MOST}
""")  # noqa: S608 - composed of constants only
_STOREFRONTS = text(f"""
WITH {_TOUCHED},
shown AS (
    SELECT p.storefront_id AS id, o.* FROM offered o
    JOIN storefronts_pool_sellers p ON p.seller_id = o.seller_id
),
by_kind AS (SELECT id, kind, count(*) AS offers FROM shown GROUP BY 1, 2),
whole AS (
    SELECT id, count(DISTINCT seller_id) AS sellers, count(DISTINCT offer_id) AS offers
    FROM shown GROUP BY 1
)
SELECT w.id, s.name, w.sellers, w.offers, count(*) OVER () AS total,
       (SELECT jsonb_object_agg(k.kind, k.offers) FROM by_kind k WHERE k.id = w.id) AS kinds
FROM whole w JOIN storefronts_storefronts s ON s.id = w.id
ORDER BY w.offers DESC, w.id LIMIT {MOST}
""")  # noqa: S608 - composed of constants only


def impact_of_changes(session: DbSession, *, caller: Caller) -> Impact:
    """For whom the caller's collected changes change what."""
    binds = {"manufacturer_id": caller.organization_id}
    sellers = session.execute(_SELLERS, binds).all()
    storefronts = session.execute(_STOREFRONTS, binds).all()
    return Impact(
        sellers=[Affected(row.id, row.name, row.sellers, row.offers, row.kinds) for row in sellers],
        storefronts=[
            Affected(row.id, row.name, row.sellers, row.offers, row.kinds) for row in storefronts
        ],
        sellers_total=sellers[0].total if sellers else 0,
        storefronts_total=storefronts[0].total if storefronts else 0,
    )
