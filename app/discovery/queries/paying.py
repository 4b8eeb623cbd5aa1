"""Effective prices of what a walk comes past, within the walking statement itself.

Where every list that may price is plain (no formulas, no graduated breaks), the price of an ask is
the entry of the first list that has one, in its highest break reached; the least of these prices is
the effective one. That is a join of entries with what is entitled, and no price leaves the
database but those of a page. A test compares it with the rule of pricing on random data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.discovery.queries.matching import SMALLEST
from app.discovery.queries.viewer import Viewer
from app.infra.db import DbSession, array_of
from app.pricing import queries as pricing_queries
from app.pricing.queries import Rung, SalePlace

# Of the sellers' lists: a table of a few rows, of which the planner hears that they are many. It
# would take them for ten, and a match for one, and compare each of either with each.
_PLACE = """
place AS MATERIALIZED (
    SELECT p.* FROM unnest(
        CAST(:place_owners AS uuid[]), CAST(:place_lists AS uuid[]),
        CAST(:place_positions AS integer[]), CAST(:place_lowest AS boolean[])
    ) AS p (owner_id, price_list_id, position, is_lowest)
    CROSS JOIN generate_series(1, (SELECT 1)) AS many
),
"""

# A seller that takes the lowest of its lists is asked for each of them, any other for the first.
WALK_PAID = f"""
{_PLACE}
ask AS MATERIALIZED (
    SELECT e.variant_id, {SMALLEST} AS quantity,
           CASE WHEN e.model = 'agency' THEN e.seller_id ELSE CAST(:owner_id AS uuid) END
               AS owner_id
    FROM entitled e
),
said AS (
    SELECT x.variant_id, p.owner_id, x.from_quantity, x.amount_minor, x.per_quantity, p.position,
           CASE WHEN p.is_lowest THEN p.position ELSE 0 END AS rank
    FROM scoped s
    JOIN pricing_entries x
      ON x.variant_id = s.variant_id AND x.price_list_id = ANY (CAST(:place_lists AS uuid[]))
     AND x.valid_from <= CAST(:now AS timestamptz)
     AND (x.valid_to IS NULL OR x.valid_to > CAST(:now AS timestamptz))
    JOIN place p ON p.price_list_id = x.price_list_id
),
asked_price AS (
    SELECT a.variant_id,
           min(ARRAY[x.position, -x.from_quantity, x.amount_minor, x.per_quantity]) AS best
    FROM ask a LEFT JOIN said x
      ON x.variant_id = a.variant_id AND x.owner_id = a.owner_id AND x.from_quantity <= a.quantity
    GROUP BY a.variant_id, a.owner_id, a.quantity, x.rank
),
paid AS MATERIALIZED (
    -- as the index orders entries
    SELECT variant_id, min(CAST(best[3] AS double precision) / best[4]) AS unit
    FROM asked_price GROUP BY variant_id
),
"""  # noqa: S608 - composed of constants only
"""``paid (variant_id, unit)`` of what is ``entitled``."""


@dataclass(frozen=True, slots=True)
class Places:
    """The lists that may price what a viewer sees."""

    owner_id: Any
    places: Sequence[SalePlace]
    rungs: Mapping[str, Sequence[Rung]] | None

    @property
    def list_ids(self) -> list[str]:
        """All lists whose entries may have a say."""
        rungs = self.rungs or {}
        return [rung.price_list_id for each in rungs.values() for rung in each]

    @property
    def are_plain(self) -> bool:
        """Whether all of them have their prices themselves."""
        return all(each.is_plain for each in self.places)

    def binds(self) -> dict[str, Any]:
        """What :data:`WALK_PAID` expects."""
        return {
            "owner_id": self.owner_id,
            "place_owners": array_of(each.owner_id for each in self.places),
            "place_lists": array_of(each.price_list_id for each in self.places),
            "place_positions": array_of(each.position for each in self.places),
            "place_lowest": [each.is_lowest for each in self.places],
        }


def places_of(session: DbSession, *, viewer: Viewer, now: datetime) -> Places:
    """The lists of all whose goods the viewer may see: one statement, two where any derives."""
    places = pricing_queries.sale_places(
        session, owner_ids=viewer.seller_ids, context=viewer.price_context(), now=now
    )
    ids = dict.fromkeys(each.price_list_id for each in places)
    rungs: Mapping[str, Sequence[Rung]] | None = {each: [Rung(each, ())] for each in ids}
    if not all(each.is_plain for each in places):
        rungs = pricing_queries.rungs_of(session, list_ids=ids, now=now)
    return Places(viewer.owner_id, places, rungs)
