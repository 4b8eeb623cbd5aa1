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
from app.pricing.queries.places import PLACE_CTES, WHERE_AND_WHO
from app.pricing.rules import LOWEST
from app.pricing.rules.lists import sum_graduated

Price = tuple[int, int]
"""An amount in minor units, and the quantity that it is for."""

Tier = tuple[int, int, int]
"""The quantity that a break begins at, and its price."""

# First the lists that may price, best first, then what they and the lists that they derive from
# ask: two tables in one answer, because both need the lists, and a round trip costs more than the
# empty columns. A margin's list is looked up, too: what it asks bounds a derived price.
_GRID = answering(
    f"""
WITH RECURSIVE price_source AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(CAST(:sources AS jsonb))
           AS s (owner_id uuid, purpose text, price_list_id uuid)
),
{PLACE_CTES},
price_read AS MATERIALIZED (
    SELECT price_list_id, breaks = 'graduated' AS graduated FROM price_chain
    UNION
    SELECT f.margin_list_id, false
    FROM price_chain c
    CROSS JOIN LATERAL (
        SELECT margin_list_id FROM pricing_formulas WHERE price_list_id = c.price_list_id OFFSET 0
    ) f
    WHERE c.base_list_id IS NOT NULL AND f.margin_list_id IS NOT NULL
)
(
    SELECT NULL AS line_no, CAST(p.price_list_id AS text), NULL AS from_quantity,
           NULL AS amount_minor, NULL AS per_quantity, CAST(p.owner_id AS text), p.purpose,
           CAST(p.named_id AS text), p.strategy, p.base_list_id IS NOT NULL AS derived
    FROM price_place p
    ORDER BY p.owner_id, p.purpose, p.named_id, p.position
)
UNION ALL
(
    SELECT DISTINCT ON (e.line_no, e.price_list_id, e.tier)
           e.line_no, CAST(e.price_list_id AS text), e.from_quantity, e.amount_minor,
           e.per_quantity, NULL, NULL, NULL, NULL, NULL
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
    *("owner_id", "purpose", "named_id", "strategy", "derived"),
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
        line_no, price_list_id, since, amount, per, owner_id, purpose, named, strategy, how = row
        if line_no is None:
            source = PriceSource(owner_id, purpose, named)
            read.add_place(source, price_list_id, strategy, is_derived=how)
        else:
            read.add_tier(price_list_id, line_no, (since, amount, per))
    quantities = [quantity for _, quantity in lines]
    if not read.derived:
        return read.grid(None, quantities)
    derivations = load_derivations(
        session, list_ids=read.derived, variant_ids=[variant_id for variant_id, _ in lines], now=now
    )
    return read.grid(derivations, quantities)


@dataclass(slots=True)
class _Read:
    """The answer while it is read: places by source, breaks by list and line."""

    places: dict[PriceSource, list[str]] = field(default_factory=dict)
    lowest: set[PriceSource] = field(default_factory=set)
    derived: set[str] = field(default_factory=set)
    tiers: dict[str, dict[int, list[Tier]]] = field(default_factory=dict)

    def add_place(
        self, source: PriceSource, price_list_id: str, strategy: str, *, is_derived: bool
    ) -> None:
        held = self.places.get(source)
        if held is None:
            self.places[source] = [price_list_id]
        else:
            held.append(price_list_id)
        if strategy == LOWEST:
            self.lowest.add(source)
        if is_derived:
            self.derived.add(price_list_id)

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
