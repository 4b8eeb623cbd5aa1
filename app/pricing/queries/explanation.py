"""Why this price? Everything that an owner's lists say, judged by the pure rule.

A pinned number of statements, however many asks: where the asker stands, the lists of the owners
and what they derive from, their assignments, formulas and entries of the wanted variants, and what
formulas ask of these.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from app.infra.db import DbSession
from app.kernel.money import UnitPrice
from app.kernel.period import Period
from app.pricing import rules
from app.pricing.models import PriceAssignment, PriceEntry, PriceFormula, PriceList, PricingSettings
from app.pricing.queries.derivations import formula_of, load_facts

EntryKey = tuple[uuid.UUID, uuid.UUID]

_STANDING = text("""
SELECT ARRAY(
           SELECT DISTINCT territory_id FROM network_territory_areas
           WHERE country = CAST(:country AS text)
             AND (subdivision IS NULL OR subdivision = CAST(:subdivision AS text))
             AND (postal_from IS NULL
                  OR CAST(:postal_code AS text) BETWEEN postal_from AND postal_to)
       ) AS territory_ids,
       (SELECT path FROM network_units
        WHERE id = CAST(:unit_id AS uuid) AND organization_id = CAST(:buyer_id AS uuid)
       ) AS unit_ids
""")


@dataclass(frozen=True, slots=True)
class _Read:
    """All that was read, by list."""

    lists: Mapping[uuid.UUID, PriceList]
    assignments: Mapping[uuid.UUID, list[rules.Assignment]]
    formulas: Mapping[uuid.UUID, list[rules.Formula]]
    entries: Mapping[EntryKey, list[rules.Entry]]
    facts: Mapping[uuid.UUID, rules.VariantFacts]

    def candidate(self, list_id: uuid.UUID, variant_id: uuid.UUID) -> rules.Candidate:
        """A list as the rules see it, with all that it derives from."""
        each = self.lists[list_id]
        formulas = self.formulas[list_id]
        margins = {each.margin_list_id for each in formulas if each.margin_list_id}
        base_id = each.base_list_id
        return rules.Candidate(
            price_list_id=each.id,
            purpose=each.purpose,
            currency=each.currency,
            period=Period(each.valid_from, each.valid_to),
            created_at=each.created_at,
            breaks=each.breaks,
            assignments=self.assignments[each.id],
            entries=self.entries[each.id, variant_id],
            variant=self.facts[variant_id],
            formulas=formulas,
            base=self.candidate(base_id, variant_id) if base_id else None,
            margin_lists={margin: self.candidate(margin, variant_id) for margin in margins},
        )


def explain(
    session: DbSession, *, request: rules.Request, now: datetime
) -> dict[int, rules.Choice]:
    """What holds for each ask at an instant, by line number, and why everything else does not."""
    owners = {ask.owner_id for ask in request.asks}
    read = _read(session, owners, {ask.variant_id for ask in request.asks})
    strategies = _strategies(session, owners)
    context = _context(session, request, now)
    of_owner: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for each in read.lists.values():
        of_owner[each.owner_id].append(each.id)
    return {
        ask.line_no: rules.choose(
            [read.candidate(each, ask.variant_id) for each in of_owner[ask.owner_id]],
            ask=ask,
            context=context,
            strategy=strategies.get(ask.owner_id, rules.FIRST),
        )
        for ask in request.asks
    }


def _read(
    session: DbSession, owner_ids: Collection[uuid.UUID], variant_ids: Collection[uuid.UUID]
) -> _Read:
    lists, formulas = _lists(session, owner_ids)
    return _Read(
        lists=lists,
        assignments=_assignments(session, lists),
        formulas=formulas,
        entries=_entries(session, lists, variant_ids),
        facts=load_facts(session, variant_ids=variant_ids),
    )


def _context(session: DbSession, request: rules.Request, at: datetime) -> rules.Context:
    standing = session.execute(
        _STANDING,
        {
            "country": request.country,
            "subdivision": request.subdivision,
            "postal_code": request.postal_code,
            "unit_id": request.unit_id,
            "buyer_id": request.buyer_id,
        },
    ).one()
    return rules.Context(
        storefront_id=request.storefront_id,
        buyer_id=request.buyer_id,
        customer_group=request.customer_group,
        currency=request.currency,
        at=at,
        territory_ids=frozenset(standing.territory_ids),
        unit_ids=tuple(standing.unit_ids or ()),
    )


def _lists(
    session: DbSession, owner_ids: Collection[uuid.UUID]
) -> tuple[dict[uuid.UUID, PriceList], Mapping[uuid.UUID, list[rules.Formula]]]:
    """The owners' lists with their formulas, then level by level what these derive from."""
    found: dict[uuid.UUID, PriceList] = {}
    formulas: dict[uuid.UUID, list[rules.Formula]] = defaultdict(list)
    query = select(PriceList).where(PriceList.owner_id.in_(owner_ids)).order_by(PriceList.id)
    fresh: Iterable[PriceList] = session.scalars(query).all()
    while fresh:
        found.update({each.id: each for each in fresh})
        derived = [each.id for each in fresh if each.base_list_id]
        wanted = {each.base_list_id for each in fresh if each.base_list_id}
        if derived:
            rows = select(PriceFormula).where(PriceFormula.price_list_id.in_(derived))
            for row in session.scalars(rows.order_by(PriceFormula.position)):
                formulas[row.price_list_id].append(formula_of(row))
                wanted |= {row.margin_list_id} if row.margin_list_id else set()
        missing = wanted - found.keys()
        query = select(PriceList).where(PriceList.id.in_(missing))
        fresh = session.scalars(query).all() if missing else ()
    return found, formulas


def _strategies(session: DbSession, owner_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    query = select(PricingSettings).where(PricingSettings.owner_id.in_(owner_ids))
    return {row.owner_id: row.strategy for row in session.scalars(query)}


def _assignments(
    session: DbSession, list_ids: Iterable[uuid.UUID]
) -> Mapping[uuid.UUID, list[rules.Assignment]]:
    found: dict[uuid.UUID, list[rules.Assignment]] = defaultdict(list)
    query = select(PriceAssignment).where(PriceAssignment.price_list_id.in_(list(list_ids)))
    for each in session.scalars(query):
        found[each.price_list_id].append(
            rules.Assignment(
                storefront_id=each.storefront_id,
                territory_id=each.territory_id,
                customer_group=each.customer_group,
                buyer_id=each.buyer_id,
                unit_id=each.unit_id,
                priority=each.priority,
                stops=each.stops,
            )
        )
    return found


def _entries(
    session: DbSession, list_ids: Iterable[uuid.UUID], variant_ids: Collection[uuid.UUID]
) -> Mapping[EntryKey, list[rules.Entry]]:
    found: dict[EntryKey, list[rules.Entry]] = defaultdict(list)
    query = (
        select(PriceEntry)
        .where(PriceEntry.variant_id.in_(variant_ids), PriceEntry.price_list_id.in_(list(list_ids)))
        .order_by(PriceEntry.from_quantity, PriceEntry.valid_from)
    )
    for each in session.scalars(query):
        found[each.price_list_id, each.variant_id].append(entry_of(each))
    return found


def entry_of(row: Any) -> rules.Entry:  # noqa: ANN401 - a row or a model
    """A stored entry as the rules' value."""
    return rules.Entry(
        from_quantity=row.from_quantity,
        price=UnitPrice(row.amount_minor, row.per_quantity),
        period=Period(row.valid_from, row.valid_to),
    )
