"""Lists that derive from others: their formulas, and what formulas ask of the variants.

Two statements, however many lists and lines: the chains with their formulas, and the facts of the
variants.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.infra.db import DbSession, array_of
from app.kernel.money import UnitPrice
from app.pricing.rules import Formula, VariantFacts, derive, first_fitting

Tiers = Mapping[int, list[tuple[int, int, int]]]

_CHAINS = text("""
WITH RECURSIVE chain AS (
    SELECT l.id, l.base_list_id, 0 AS depth FROM pricing_price_lists l
    WHERE l.id = ANY (CAST(:list_ids AS uuid[]))
    UNION
    SELECT b.id, b.base_list_id, c.depth + 1
    FROM chain c JOIN pricing_price_lists b ON b.id = c.base_list_id
    WHERE c.depth < 3
)
SELECT DISTINCT c.id AS derived_id, c.base_list_id, b.valid_from <= :now
       AND (b.valid_to IS NULL OR b.valid_to > :now) AS base_valid,
       m.valid_from <= :now AND (m.valid_to IS NULL OR m.valid_to > :now) AS margin_valid, f.*
FROM chain c
-- looked up one by one: the planner takes so short a chain for a long one, and would read all lists
CROSS JOIN LATERAL (
    SELECT valid_from, valid_to FROM pricing_price_lists WHERE id = c.base_list_id OFFSET 0
) b
CROSS JOIN LATERAL (SELECT * FROM pricing_formulas WHERE price_list_id = c.id OFFSET 0) f
LEFT JOIN LATERAL (
    SELECT valid_from, valid_to FROM pricing_price_lists WHERE id = f.margin_list_id OFFSET 0
) m ON true
""")

_FACTS = text("""
SELECT v.id, g.path, m.brand, v.attributes
FROM catalog_variants v
JOIN catalog_products m ON m.id = v.product_id
JOIN catalog_categories g ON g.id = v.category_id
WHERE v.id = ANY (CAST(:variant_ids AS uuid[]))
""")


@dataclass(frozen=True, slots=True)
class Derivations:
    """Formulas by list, each list's base (None where that is not valid), and the lines' facts."""

    bases: Mapping[str, str | None]
    formulas: Mapping[str, Sequence[Formula]]
    idle_margins: Collection[uuid.UUID]
    lines: Sequence[VariantFacts]

    def tiers_of(self, price_list_id: str, entries: Mapping[str, Tiers]) -> Tiers:
        """What a list asks for every line: its own entries, and what it derives elsewhere."""
        own = entries.get(price_list_id, {})
        base = self.bases.get(price_list_id)
        if base is None:
            return own
        below = self.tiers_of(base, entries)
        derived = {
            line_no: made
            for line_no, tiers in below.items()
            if line_no not in own and (made := self._derive(price_list_id, line_no, tiers, entries))
        }
        return {**derived, **own}

    def _derive(
        self,
        price_list_id: str,
        line_no: int,
        tiers: list[tuple[int, int, int]],
        entries: Mapping[str, Tiers],
    ) -> list[tuple[int, int, int]]:
        formula = first_fitting(self.formulas[price_list_id], self.lines[line_no])
        if formula is None:
            return []
        cost = None
        if formula.margin_list_id is not None:
            asked = entries.get(str(formula.margin_list_id), {}).get(line_no)
            if not asked or formula.margin_list_id in self.idle_margins:
                return []
            cost = UnitPrice(*max(asked)[1:])
        made = []
        for since, amount, per in tiers:
            price = derive(formula, UnitPrice(amount, per), cost)
            made.append((since, price.amount_minor, price.per_quantity))
        return made


def load_derivations(
    session: DbSession,
    *,
    list_ids: Collection[str],
    variant_ids: Sequence[uuid.UUID],
    now: datetime,
) -> Derivations:
    """What derives the prices of these lists for these variants (``lines`` in their order)."""
    bases: dict[str, str | None] = {}
    formulas: dict[str, list[Formula]] = defaultdict(list)
    idle: set[uuid.UUID] = set()
    rows = session.execute(_CHAINS, {"list_ids": array_of(list_ids), "now": now})
    for row in rows:
        bases[str(row.derived_id)] = str(row.base_list_id) if row.base_valid else None
        formulas[str(row.derived_id)].append(formula_of(row))
        if row.margin_list_id and not row.margin_valid:
            idle.add(row.margin_list_id)
    facts = load_facts(session, variant_ids=variant_ids)
    return Derivations(bases, formulas, idle, [facts[each] for each in variant_ids])


def load_facts(
    session: DbSession, *, variant_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, VariantFacts]:
    """What formulas ask of variants; nothing is known of those that do not exist."""
    found: dict[uuid.UUID, VariantFacts] = defaultdict(VariantFacts)
    for row in session.execute(_FACTS, {"variant_ids": array_of(set(variant_ids))}):
        found[row.id] = VariantFacts(
            category_ids=frozenset(row.path), brand=row.brand, attributes=row.attributes
        )
    return found


def formula_of(row: Any) -> Formula:  # noqa: ANN401 - a row or a model
    """A stored formula as the rules' value."""
    return Formula(
        formula_id=row.id,
        position=row.position,
        category_id=row.category_id,
        brand=row.brand,
        attribute=row.attribute,
        attribute_value=row.attribute_value,
        factor_bps=row.factor_bps,
        add_minor=row.add_minor,
        round_to_minor=row.round_to_minor,
        round_ending_minor=row.round_ending_minor,
        rounding=row.rounding,
        margin_list_id=row.margin_list_id,
        minimum_margin_bps=row.minimum_margin_bps,
    )
