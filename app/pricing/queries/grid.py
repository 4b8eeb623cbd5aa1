"""What do many owners ask for each of a few lines, at this instant: routing's question.

One statement, however many of either, finds the lists that may price and what they ask for the
wanted variants. Between them the choice is made here, as :func:`app.pricing.rules.choose` makes it
(a test compares the two on random data): an ask for every line and owner would be a probe of the
entries each, and joined in the database, whose planner cannot know how many lists apply, it became
thousands of comparisons.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import text

from app.infra.db import DbSession, array_of
from app.pricing.queries.places import PLACE_CTES

Price = tuple[int, int]
"""An amount in minor units, and the quantity that it is for."""

# First the lists that may price, best first, then what the lists ask: two tables in one answer,
# because both need the lists, and a round trip costs more than the empty columns.
_GRID = text(f"""
WITH price_source AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(CAST(:sources AS jsonb))
           AS s (owner_id uuid, purpose text, price_list_id uuid)
),
{PLACE_CTES}
(
    SELECT NULL AS line_no, CAST(p.price_list_id AS text), NULL AS amount_minor,
           NULL AS per_quantity, CAST(p.owner_id AS text), p.purpose, CAST(p.named_id AS text),
           p.stops
    FROM price_place p
    ORDER BY p.owner_id, p.purpose, p.named_id, p.scope, p.priority DESC, p.created_at DESC,
             p.price_list_id DESC
)
UNION ALL
(
    SELECT DISTINCT ON (w.line_no, e.price_list_id)
           w.line_no, CAST(e.price_list_id AS text), e.amount_minor, e.per_quantity,
           NULL, NULL, NULL, NULL
    FROM unnest(
        CAST(:line_nos AS integer[]), CAST(:variant_ids AS uuid[]), CAST(:quantities AS integer[])
    ) AS w (line_no, variant_id, quantity)
    JOIN pricing_entries e
      ON e.variant_id = w.variant_id
     AND e.price_list_id = ANY (ARRAY(SELECT price_list_id FROM price_place))
     AND e.from_quantity <= w.quantity AND e.valid_from <= CAST(:now AS timestamptz)
     AND (e.valid_to IS NULL OR e.valid_to > CAST(:now AS timestamptz))
    ORDER BY w.line_no, e.price_list_id, e.from_quantity DESC
)
""")  # noqa: S608 - composed of constants only


class PriceSource(NamedTuple):
    """Whose lists of which purpose; ``price_list_id`` names the only list that counts.

    Ids are text: they are hashed by the hundred, and a UUID hashes slowly.
    """

    owner_id: str
    purpose: str
    price_list_id: str | None = None


@dataclass(frozen=True, slots=True)
class PriceGrid:
    """What every source asks for every line."""

    _places: Mapping[PriceSource, Sequence[tuple[str, bool]]]
    _by_list: Mapping[str, Mapping[int, Price]]

    def column(self, source: PriceSource) -> Mapping[int, Price]:
        """The prices that hold, by line: the best list's that has one, down to one that stops."""
        places = self._places.get(source, ())
        if len(places) == 1:
            return self._by_list.get(places[0][0], {})
        found: dict[int, Price] = {}
        for price_list_id, stops in places:
            found = {**self._by_list.get(price_list_id, {}), **found}
            if stops:
                break
        return found


def price_lines(
    session: DbSession,
    *,
    sources: Collection[PriceSource],
    lines: Sequence[tuple[uuid.UUID, int]],
    context: Mapping[str, Any],
    now: datetime,
) -> PriceGrid:
    """Prices of lines (variant, quantity), known by their position, from each source.

    ``context`` binds ``storefront_id, buyer_id, customer_group, currency``.
    """
    binds = {
        "sources": orjson.dumps([source._asdict() for source in sources]).decode(),
        "line_nos": array_of(range(len(lines))),
        "variant_ids": array_of(variant_id for variant_id, _ in lines),
        "quantities": array_of(quantity for _, quantity in lines),
        "now": now,
    }
    places: dict[PriceSource, list[tuple[str, bool]]] = {}
    by_list: dict[str, dict[int, Price]] = {}
    for line_no, price_list_id, amount, per, *place, stops in session.execute(
        _GRID, {**context, **binds}
    ).all():
        if line_no is None:
            places.setdefault(PriceSource(*place), []).append((price_list_id, stops))
        else:
            by_list.setdefault(price_list_id, {})[line_no] = amount, per
    return PriceGrid(places, by_list)
