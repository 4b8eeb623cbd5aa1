"""What do many owners ask for each of a few lines, at this instant: routing's question.

One statement, however many of either, finds the lists that may price and what they ask for the
wanted variants; a second one the formulas, where a list derives. Between them the choice is made
here, as :func:`app.pricing.rules.choose` makes it (a test compares the two on random data): an ask
for every line and owner would be a probe of the entries each, and joined in the database, whose
planner cannot know how many lists apply, it became thousands of comparisons.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

import orjson

from app.infra.db import DbSession, answering, array_of, tuples_of
from app.pricing.queries.derivations import Derivations, Tiers, load_derivations
from app.pricing.queries.places import APPLYING_CTES, WHERE_AND_WHO
from app.pricing.rules import LOWEST
from app.pricing.rules.lists import sum_graduated

Price = tuple[int, int]
"""An amount in minor units, and the quantity that it is for."""

Tier = tuple[int, int, int]
"""The quantity that a break begins at, and its price."""

# First the lists that may price, in no order, then what they and the lists that they derive from
# ask: two tables in one answer, because both need the lists, and a round trip costs more than the
# empty columns. A margin's list is looked up, too: what it asks bounds a derived price. Nearly all
# owners have one list, so the database is not asked to rank hundreds of them.
_GRID = answering(
    f"""
WITH RECURSIVE price_source AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(CAST(:sources AS jsonb))
           AS s (owner_id uuid, purpose text, price_list_id uuid)
),
{APPLYING_CTES},
price_base AS (
    SELECT DISTINCT price_list_id, base_list_id, breaks, 0 AS depth FROM price_applying
    WHERE base_list_id IS NOT NULL
    UNION
    SELECT l.id, l.base_list_id, l.breaks, b.depth + 1
    FROM price_base b
    CROSS JOIN LATERAL (
        -- by its key: the planner, which takes many for derived, would read every list
        SELECT * FROM pricing_price_lists WHERE id = b.base_list_id OFFSET 0
    ) l
    WHERE b.depth < 3 AND l.valid_from <= CAST(:now AS timestamptz)
      AND (l.valid_to IS NULL OR l.valid_to > CAST(:now AS timestamptz))
),
price_read AS MATERIALIZED (
    SELECT price_list_id, breaks = 'graduated' AS graduated FROM price_applying
    UNION
    SELECT price_list_id, breaks = 'graduated' FROM price_base
    UNION
    SELECT f.margin_list_id, false
    FROM price_base b
    CROSS JOIN LATERAL (
        SELECT margin_list_id FROM pricing_formulas WHERE price_list_id = b.price_list_id OFFSET 0
    ) f
    WHERE b.base_list_id IS NOT NULL AND f.margin_list_id IS NOT NULL
)
(
    SELECT NULL AS line_no, CAST(p.price_list_id AS text), p.scope, CAST(p.priority AS bigint),
           NULL AS per_quantity, CAST(p.owner_id AS text), p.purpose, CAST(p.named_id AS text),
           s.strategy, p.base_list_id IS NOT NULL AS derived, p.stops,
           date_part('epoch', p.created_at)
    FROM price_applying p LEFT JOIN pricing_settings s ON s.owner_id = p.owner_id
)
UNION ALL
(
    SELECT DISTINCT ON (e.line_no, e.price_list_id, e.tier)
           e.line_no, CAST(e.price_list_id AS text), e.from_quantity, e.amount_minor,
           e.per_quantity, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM (
        SELECT w.line_no, e.price_list_id, e.from_quantity, e.amount_minor, e.per_quantity,
               CASE WHEN e.price_list_id = ANY (
                   ARRAY(SELECT price_list_id FROM price_read WHERE graduated)
               ) THEN e.from_quantity ELSE 0 END AS tier
        FROM unnest(
            CAST(:line_nos AS integer[]), CAST(:variant_ids AS uuid[]),
            CAST(:quantities AS integer[])
        ) AS w (line_no, variant_id, quantity)
        JOIN pricing_entries e
          ON e.variant_id = w.variant_id
         AND e.price_list_id = ANY (ARRAY(SELECT price_list_id FROM price_read))
         AND e.from_quantity <= w.quantity AND e.valid_from <= CAST(:now AS timestamptz)
         AND (e.valid_to IS NULL OR e.valid_to > CAST(:now AS timestamptz))
    ) AS e
    ORDER BY e.line_no, e.price_list_id, e.tier, e.from_quantity DESC
)
""",  # noqa: S608 - composed of constants only
    *("line_no", "price_list_id", "from_quantity", "amount_minor", "per_quantity"),
    *("owner_id", "purpose", "named_id", "strategy", "derived", "stops", "created"),
)


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

    _places: Mapping[PriceSource, Sequence[str]]
    _lowest: Collection[PriceSource]
    _by_list: dict[str, Mapping[int, Price]]

    def column(self, source: PriceSource) -> Mapping[int, Price]:
        """The prices that hold, by line: the best list's that has one, or the lowest."""
        places = self._places.get(source, ())
        if len(places) == 1:
            return self._by_list.get(places[0], {})
        found: dict[int, Price] = {}
        if source in self._lowest:
            for price_list_id in places:
                for line_no, price in self._by_list.get(price_list_id, {}).items():
                    held = found.get(line_no)
                    if held is None or Fraction(*price) < Fraction(*held):
                        found[line_no] = price
            return found
        for price_list_id in places:
            found = {**self._by_list.get(price_list_id, {}), **found}
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

    ``context`` binds ``currency`` and what is known of
    :data:`app.pricing.queries.places.WHERE_AND_WHO`.
    """
    binds = {
        "sources": orjson.dumps(
            [
                {"owner_id": owner_id, "purpose": purpose, "price_list_id": price_list_id}
                for owner_id, purpose, price_list_id in sources
            ]
        ).decode(),
        "line_nos": array_of(range(len(lines))),
        "variant_ids": array_of(variant_id for variant_id, _ in lines),
        "quantities": array_of(quantity for _, quantity in lines),
        "now": now,
    }
    read = _Read()
    for row in tuples_of(session, _GRID, {**WHERE_AND_WHO, **context, **binds}):
        if row[0] is None:
            read.add_list(row)
        else:
            read.add_tier(row[1], row[0], row[2:5])
    read.put_in_order()
    quantities = [quantity for _, quantity in lines]
    if not read.derived:
        return read.grid(None, quantities)
    derivations = load_derivations(
        session, list_ids=read.derived, variant_ids=[variant_id for variant_id, _ in lines], now=now
    )
    return read.grid(derivations, quantities)


# A list that applies: scope, priority, since when it is, its id, whether it stops, and derives.
_Applying = tuple[int, int, float, str, bool, bool]


@dataclass(slots=True)
class _Read:
    """The answer while it is read: places by source, breaks by list and line."""

    applying: dict[PriceSource, list[_Applying]] = field(default_factory=dict)
    places: dict[PriceSource, list[str]] = field(default_factory=dict)
    lowest: set[PriceSource] = field(default_factory=set)
    derived: set[str] = field(default_factory=set)
    tiers: dict[str, dict[int, list[Tier]]] = field(default_factory=dict)

    def add_list(self, row: Sequence[Any]) -> None:
        _, price_list_id, scope, priority, _, owner_id, purpose, named, strategy, *rest = row
        source = PriceSource(owner_id, purpose, named)
        is_derived, stops, created = rest
        found = scope, priority, created, price_list_id, stops, is_derived
        held = self.applying.get(source)
        if held is None:
            self.applying[source] = [found]
            if strategy == LOWEST:
                self.lowest.add(source)
        else:
            held.append(found)

    def put_in_order(self) -> None:
        """The narrower scope first, then priority, then the newer list; down to one that stops."""
        for source, applying in self.applying.items():
            if len(applying) > 1:
                applying.sort(reverse=True)
                stop = next((n for n, each in enumerate(applying) if each[4]), len(applying))
                del applying[stop + 1 :]
            self.places[source] = [each[3] for each in applying]
            self.derived.update(each[3] for each in applying if each[5])

    def add_tier(self, price_list_id: str, line_no: int, tier: Tier) -> None:
        of_list = self.tiers.get(price_list_id)
        if of_list is None:
            self.tiers[price_list_id] = {line_no: [tier]}
        else:
            of_list.setdefault(line_no, []).append(tier)

    def grid(self, derivations: Derivations | None, quantities: Sequence[int]) -> PriceGrid:
        """What was read, as prices."""
        by_list: dict[str, Mapping[int, Price]] = {}
        for price_list_id in {each for places in self.places.values() for each in places}:
            tiers: Tiers = self.tiers.get(price_list_id, {})
            if derivations is not None and price_list_id in self.derived:
                tiers = derivations.tiers_of(price_list_id, self.tiers)
            by_list[price_list_id] = _priced(tiers, quantities)
        return PriceGrid(self.places, self.lowest, by_list)


def _priced(tiers: Tiers, quantities: Sequence[int]) -> dict[int, Price]:
    return {
        line_no: only[0][1:]
        if len(only) == 1
        else (sum_graduated(only, quantities[line_no]), quantities[line_no])
        for line_no, only in tiers.items()
    }
