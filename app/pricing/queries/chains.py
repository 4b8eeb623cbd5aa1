"""What lists derive from, where that is plain enough to be computed over whole columns.

A list's rungs are the lists whose entries it may ask, the nearest first, each with the formulas
that make its price of theirs. They are plain where every list has volume breaks and one formula
without conditions and margin decides; whoever needs more asks :mod:`app.pricing.queries.grid`.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text

from app.infra.db import DbSession, array_of
from app.pricing.queries.derivations import formula_of
from app.pricing.rules import Formula

_RUNGS = text("""
WITH RECURSIVE rung AS (
    SELECT l.id AS root_id, 0 AS depth, l.id, l.base_list_id, l.breaks
    FROM pricing_price_lists l WHERE l.id = ANY (CAST(:list_ids AS uuid[]))
    UNION ALL
    SELECT r.root_id, r.depth + 1, l.id, l.base_list_id, l.breaks
    FROM rung r JOIN pricing_price_lists l ON l.id = r.base_list_id
    WHERE r.depth < 3 AND l.valid_from <= CAST(:now AS timestamptz)
      AND (l.valid_to IS NULL OR l.valid_to > CAST(:now AS timestamptz))
)
SELECT CAST(r.root_id AS text) AS root_id, CAST(r.id AS text) AS rung_id, r.depth, r.breaks,
       r.base_list_id IS NOT NULL AS is_derived, f.*
FROM rung r
LEFT JOIN LATERAL (
    SELECT * FROM pricing_formulas WHERE price_list_id = r.id ORDER BY position LIMIT 1
) f ON true
ORDER BY r.root_id, r.depth
""")


class Rung(NamedTuple):
    """A list whose entries another asks, and the formulas on the way up, in the order they run."""

    price_list_id: str
    formulas: tuple[Formula, ...]


def rungs_of(
    session: DbSession, *, list_ids: Collection[uuid.UUID | str], now: datetime
) -> Mapping[str, Sequence[Rung]] | None:
    """The rungs of each list, the nearest first; None where any of them is not plain."""
    found: dict[str, list[Rung]] = defaultdict(list)
    above: dict[str, tuple[Formula, ...] | None] = {}
    for row in session.execute(_RUNGS, {"list_ids": array_of(list_ids), "now": now}):
        formulas = above.setdefault(row.root_id, ())
        if formulas is None:
            continue  # a list on the way up has no formula: what is below has no say
        if row.breaks != "volume" or not _is_plain(row):
            return None
        found[row.root_id].append(Rung(row.rung_id, formulas))
        above[row.root_id] = None if row.id is None else (formula_of(row), *formulas)
    return found


def _is_plain(row: Any) -> bool:  # noqa: ANN401 - a row
    conditions = (row.category_id, row.brand, row.attribute, row.margin_list_id)
    return not row.is_derived or all(each is None for each in conditions)
