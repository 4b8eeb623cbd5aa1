"""Which lists may price what an owner asks, best first: a part of larger statements.

``PLACE_CTES`` expects ``price_source (owner_id, purpose, price_list_id)``, each once, and the binds
of :data:`WHERE_AND_WHO` with ``currency`` and ``now``; the statement begins ``WITH RECURSIVE``.
``APPLYING_CTES`` is its beginning, for who ranks hundreds of lists itself: ``price_applying``, the
lists of each source that apply in this context, in no order. Together they define

- ``price_place``: the lists of each source that apply in this context, by ``position``, down to one
  that stops;
- ``price_chain``: every such list (``root_id``) with what it derives from, level by level.

The owners are handed to the assignments as one array: joined one by one they would be looked up
one by one, and the planner cannot know how many they are.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import text

from app.infra.db import DbSession, array_of
from app.network.queries import TERRITORIES_HERE

WHERE_AND_WHO: Mapping[str, Any] = MappingProxyType(
    dict.fromkeys(
        (
            "storefront_id", "buyer_id", "unit_id", "customer_group", "country", "subdivision",
            "postal_code", "latitude", "longitude",
        )
    )
)  # fmt: skip
"""The binds that say who asks and where goods go, all unknown."""

_SALE_OWNERS = """
    ARRAY(SELECT owner_id FROM price_source WHERE purpose = 'sale' AND price_list_id IS NULL)
"""
_IN_FORCE = """
    l.currency = CAST(:currency AS char(3)) AND l.valid_from <= CAST(:now AS timestamptz)
    AND (l.valid_to IS NULL OR l.valid_to > CAST(:now AS timestamptz))
"""
_ASSIGNED = """
    SELECT a.owner_id, a.price_list_id, a.stops, a.priority,
           16000 * CAST(a.unit_id IS NOT NULL AS integer)
           + 8000 * CAST(a.buyer_id IS NOT NULL AND a.unit_id IS NULL AS integer)
           + 4000 * CAST(a.customer_group IS NOT NULL AS integer)
           + 2000 * CAST(a.territory_id IS NOT NULL AS integer)
           + 1000 * CAST(a.storefront_id IS NOT NULL AS integer)
           + COALESCE(array_position(ARRAY(SELECT unit_id FROM price_unit), a.unit_id), 0) AS scope
    FROM pricing_assignments a
    WHERE a.owner_id = ANY ({owners}) AND {scope}
      AND (a.storefront_id IS NULL OR a.storefront_id = CAST(:storefront_id AS uuid))
      AND (a.territory_id IS NULL OR a.territory_id IN (SELECT territory_id FROM price_here))
"""
_OF_BUYER = """a.buyer_id = CAST(:buyer_id AS uuid)
      AND (a.unit_id IS NULL OR a.unit_id = ANY (ARRAY(SELECT unit_id FROM price_unit)))
      AND (a.customer_group IS NULL OR a.customer_group = CAST(:customer_group AS text))"""
_OF_GROUP = "a.buyer_id IS NULL AND a.customer_group = CAST(:customer_group AS text)"
_OF_OTHERS = "a.buyer_id IS NULL AND a.customer_group IS NULL"


def _assigned(scope: str) -> str:
    return _ASSIGNED.format(owners=_SALE_OWNERS, scope=scope)


APPLYING_CTES = f"""
price_here AS MATERIALIZED ({TERRITORIES_HERE}),
price_unit AS MATERIALIZED (
    -- the buyer's unit and all above it, the root first
    SELECT p.unit_id FROM network_units u, unnest(u.path) WITH ORDINALITY AS p (unit_id, depth)
    WHERE u.id = CAST(:unit_id AS uuid) AND u.organization_id = CAST(:buyer_id AS uuid)
    ORDER BY p.depth
),
price_assigned AS (
    -- each scope asks the scope index for all owners at once
    {_assigned(_OF_BUYER)}
    UNION ALL
    {_assigned(_OF_GROUP)}
    UNION ALL
    {_assigned(_OF_OTHERS)}
),
price_applying AS (
    SELECT a.owner_id, l.purpose, CAST(NULL AS uuid) AS named_id, l.id AS price_list_id, a.stops,
           a.scope, a.priority, l.created_at, l.breaks, l.base_list_id
    FROM price_assigned a JOIN pricing_price_lists l ON l.id = a.price_list_id
    WHERE l.purpose = 'sale' AND {_IN_FORCE}
    UNION ALL
    -- lists whose purpose says enough
    SELECT s.owner_id, s.purpose, s.price_list_id, l.id, false, 0, 0, l.created_at, l.breaks,
           l.base_list_id
    FROM price_source s
    JOIN pricing_price_lists l ON l.owner_id = s.owner_id AND l.purpose = s.purpose
    WHERE s.purpose <> 'sale' AND s.price_list_id IS NULL AND {_IN_FORCE}
    UNION ALL
    -- the one list that was named
    SELECT s.owner_id, s.purpose, s.price_list_id, l.id, false, 0, 0, l.created_at, l.breaks,
           l.base_list_id
    FROM price_source s
    CROSS JOIN LATERAL (
        -- by its key: the planner, which cannot know how few are named, would read every list
        SELECT * FROM pricing_price_lists WHERE id = s.price_list_id OFFSET 0
    ) l
    WHERE l.owner_id = s.owner_id AND l.purpose = s.purpose AND {_IN_FORCE}
)
"""  # noqa: S608 - composed of constants only

PLACE_CTES = f"""
{APPLYING_CTES},
price_position AS (
    SELECT *, row_number() OVER (
        PARTITION BY owner_id, purpose, named_id
        ORDER BY scope DESC, priority DESC, created_at DESC, price_list_id DESC
    ) AS position
    FROM price_applying
),
price_place AS MATERIALIZED (
    SELECT p.owner_id, p.purpose, p.named_id, p.price_list_id, p.position, p.breaks,
           p.base_list_id, COALESCE(s.strategy, 'first') AS strategy
    FROM (
        SELECT *, min(position) FILTER (WHERE stops) OVER (
            PARTITION BY owner_id, purpose, named_id
        ) AS stop
        FROM price_position
    ) p
    LEFT JOIN pricing_settings s ON s.owner_id = p.owner_id
    WHERE p.stop IS NULL OR p.position <= p.stop
),
price_chain AS (
    SELECT DISTINCT price_list_id AS root_id, 0 AS depth, price_list_id, base_list_id, breaks
    FROM price_place
    UNION ALL
    SELECT c.root_id, c.depth + 1, l.id, l.base_list_id, l.breaks
    FROM price_chain c JOIN pricing_price_lists l ON l.id = c.base_list_id
    WHERE c.depth < 3 AND l.valid_from <= CAST(:now AS timestamptz)
      AND (l.valid_to IS NULL OR l.valid_to > CAST(:now AS timestamptz))
)
"""  # noqa: S608 - composed of constants only

_PLACES = text(f"""
WITH RECURSIVE price_source AS MATERIALIZED (
    SELECT unnest(CAST(:owner_ids AS uuid[])) AS owner_id, 'sale' AS purpose,
           CAST(NULL AS uuid) AS price_list_id
),
{PLACE_CTES}
SELECT CAST(owner_id AS text), CAST(price_list_id AS text), position, strategy = 'lowest',
       base_list_id IS NULL AND breaks = 'volume'
FROM price_place
""")  # noqa: S608 - composed of constants only


class SalePlace(NamedTuple):
    """A list that may price what an owner sells, and its position among the owner's.

    A plain list has the price itself, in the highest break reached: none derived, none graduated.
    """

    owner_id: str
    price_list_id: str
    position: int
    is_lowest: bool
    is_plain: bool


def sale_places(
    session: DbSession,
    *,
    owner_ids: Collection[uuid.UUID | str],
    context: Mapping[str, Any],
    now: datetime,
) -> Sequence[SalePlace]:
    """Every sale list of these owners that applies in this context: one statement.

    ``context`` binds ``currency`` and what is known of :data:`WHERE_AND_WHO`.
    """
    binds = {**WHERE_AND_WHO, **context, "owner_ids": array_of(owner_ids), "now": now}
    return [SalePlace(*row) for row in session.execute(_PLACES, binds)]
