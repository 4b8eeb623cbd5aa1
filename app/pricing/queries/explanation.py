"""Why this price? Everything that an owner's lists say, judged by the pure rule.

A pinned number of statements, however many asks: where the asker stands, the lists of the owners
and what they derive from, their assignments, formulas and entries of the wanted variants, and what
formulas ask of these. At an instant in the past all of these are read as they were; what formulas
ask of variants, what a territory is and which unit lies below which are as they are today.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.infra.db import DbSession
from app.kernel.period import Period
from app.network.queries import TERRITORIES_HERE
from app.pricing import rules
from app.pricing.queries import history
from app.pricing.queries.derivations import formula_of, load_facts
from app.pricing.queries.resolution import ResolvedPrice, resolve

_STANDING = text(f"""
SELECT ARRAY({TERRITORIES_HERE}) AS territory_ids,
       (SELECT path FROM network_units
        WHERE id = CAST(:unit_id AS uuid) AND organization_id = CAST(:buyer_id AS uuid)
       ) AS unit_ids
""")  # noqa: S608 - composed of constants only


@dataclass(frozen=True, slots=True)
class _Read:
    """All that was read, by list."""

    lists: Mapping[uuid.UUID, Row[Any]]
    assignments: Mapping[uuid.UUID, list[rules.Assignment]]
    formulas: Mapping[uuid.UUID, list[rules.Formula]]
    entries: Mapping[history.EntryKey, list[rules.Entry]]
    facts: Mapping[uuid.UUID, rules.VariantFacts]

    def candidate(self, list_id: uuid.UUID, variant_id: uuid.UUID) -> rules.Candidate:
        """A list as the rules see it, with all that it derives from."""
        base_id, formulas = self.lists[list_id].base_list_id, self.formulas[list_id]
        margins = {each.margin_list_id for each in formulas if each.margin_list_id}
        return replace(
            self._alone(list_id, variant_id),
            formulas=formulas,
            base=self.candidate(base_id, variant_id) if base_id else None,
            # A margin is kept above a list's own entries: its derivation has no say.
            margin_lists={margin: self._alone(margin, variant_id) for margin in margins},
        )

    def _alone(self, list_id: uuid.UUID, variant_id: uuid.UUID) -> rules.Candidate:
        each = self.lists[list_id]
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
        )


def explain(
    session: DbSession, *, request: rules.Request, at: datetime, now: datetime
) -> dict[int, rules.Choice]:
    """What holds for each ask at an instant, by line number, and why everything else does not.

    What held at an instant in the past is told from the rows as they then were.
    """
    owners = {ask.owner_id for ask in request.asks}
    past = at if at < now else None
    read = _read(session, owners, {ask.variant_id for ask in request.asks}, past)
    strategies = {
        row.owner_id: row.strategy for row in history.settings_of(session, owners, past=past)
    }
    context = _context(session, request, at)
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


def resolve_at(
    session: DbSession, *, request: rules.Request, at: datetime, now: datetime
) -> dict[int, ResolvedPrice]:
    """What holds for each ask at any instant, by line number: as `explain` says of the past."""
    if at >= now:
        return resolve(session, request=request, now=at)
    choices = explain(session, request=request, at=at, now=now)
    return {
        line_no: ResolvedPrice(
            price_list_id=choice.price_list_id,
            source_list_id=choice.asked.source_list_id,
            from_quantity=choice.asked.last.entry.from_quantity,
            valid_from=choice.asked.last.entry.period.starts_at,
            price=choice.price,
        )
        for line_no, choice in choices.items()
        if choice.price_list_id and choice.asked and choice.price
    }


def _read(
    session: DbSession,
    owner_ids: Collection[uuid.UUID],
    variant_ids: Collection[uuid.UUID],
    past: datetime | None,
) -> _Read:
    lists, formulas = _lists(session, owner_ids, past)
    return _Read(
        lists=lists,
        assignments=_assignments(session, lists, past),
        formulas=formulas,
        entries=history.entries_of(session, lists, variant_ids, past=past),
        facts=load_facts(session, variant_ids=variant_ids),
    )


def _context(session: DbSession, request: rules.Request, at: datetime) -> rules.Context:
    standing = session.execute(
        _STANDING,
        {
            "country": request.country,
            "subdivision": request.subdivision,
            "postal_code": request.postal_code,
            "latitude": request.latitude,
            "longitude": request.longitude,
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
    session: DbSession, owner_ids: Collection[uuid.UUID], past: datetime | None
) -> tuple[dict[uuid.UUID, Row[Any]], Mapping[uuid.UUID, list[rules.Formula]]]:
    """The owners' lists with their formulas, then level by level what these derive from."""
    found: dict[uuid.UUID, Row[Any]] = {}
    formulas: dict[uuid.UUID, list[rules.Formula]] = defaultdict(list)
    fresh: Sequence[Row[Any]] = history.lists_of(session, owner_ids, past=past)
    while fresh:
        found |= {each.id: each for each in sorted(fresh, key=lambda each: each.id)}
        derived = [each.id for each in fresh if each.base_list_id]
        wanted = {each.base_list_id for each in fresh if each.base_list_id}
        if derived:
            rows = history.formulas_of(session, derived, past=past)
            for row in sorted(rows, key=lambda row: row.position):
                formulas[row.price_list_id].append(formula_of(row))
                wanted |= {row.margin_list_id} if row.margin_list_id else set()
        missing = wanted - found.keys()
        fresh = history.lists_by_id(session, missing, past=past) if missing else ()
    return found, formulas


def _assignments(
    session: DbSession, list_ids: Collection[uuid.UUID], past: datetime | None
) -> Mapping[uuid.UUID, list[rules.Assignment]]:
    found: dict[uuid.UUID, list[rules.Assignment]] = defaultdict(list)
    for each in history.assignments_of(session, list_ids, past=past):
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
