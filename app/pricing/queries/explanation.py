"""Why this price? Everything that an owner's lists say, judged by the pure rule.

Three statements, however many asks: the lists of the owners, their assignments, and the entries
of the wanted variants on them.
"""

import uuid
from collections import defaultdict
from datetime import datetime

from sqlalchemy import select

from app.infra.db import DbSession
from app.kernel.money import UnitPrice
from app.kernel.period import Period
from app.pricing import rules
from app.pricing.models import PriceAssignment, PriceEntry, PriceList

EntryKey = tuple[uuid.UUID, uuid.UUID]


def explain(
    session: DbSession, *, request: rules.Request, now: datetime
) -> dict[int, rules.Choice]:
    """What holds for each ask, by line number, and why everything else does not."""
    lists = _lists(session, {ask.owner_id for ask in request.asks})
    ids = [each.id for found in lists.values() for each in found]
    assignments = _assignments(session, ids)
    entries = _entries(session, ids, {ask.variant_id for ask in request.asks})
    context = request.context(now)
    return {
        ask.line_no: rules.choose(
            [
                _candidate(each, assignments[each.id], entries[each.id, ask.variant_id])
                for each in lists[ask.owner_id]
            ],
            ask=ask,
            context=context,
        )
        for ask in request.asks
    }


def _candidate(
    each: PriceList, assignments: list[rules.Assignment], entries: list[rules.Entry]
) -> rules.Candidate:
    return rules.Candidate(
        price_list_id=each.id,
        purpose=each.purpose,
        currency=each.currency,
        period=Period(each.valid_from, each.valid_to),
        created_at=each.created_at,
        assignments=assignments,
        entries=entries,
    )


def _lists(session: DbSession, owner_ids: set[uuid.UUID]) -> dict[uuid.UUID, list[PriceList]]:
    found: dict[uuid.UUID, list[PriceList]] = defaultdict(list)
    query = select(PriceList).where(PriceList.owner_id.in_(owner_ids)).order_by(PriceList.id)
    for each in session.scalars(query):
        found[each.owner_id].append(each)
    return found


def _assignments(
    session: DbSession, list_ids: list[uuid.UUID]
) -> dict[uuid.UUID, list[rules.Assignment]]:
    found: dict[uuid.UUID, list[rules.Assignment]] = defaultdict(list)
    query = select(PriceAssignment).where(PriceAssignment.price_list_id.in_(list_ids))
    for each in session.scalars(query):
        found[each.price_list_id].append(
            rules.Assignment(
                storefront_id=each.storefront_id,
                customer_group=each.customer_group,
                buyer_id=each.buyer_id,
                priority=each.priority,
                stops=each.stops,
            )
        )
    return found


def _entries(
    session: DbSession, list_ids: list[uuid.UUID], variant_ids: set[uuid.UUID]
) -> dict[EntryKey, list[rules.Entry]]:
    found: dict[EntryKey, list[rules.Entry]] = defaultdict(list)
    query = (
        select(PriceEntry)
        .where(PriceEntry.variant_id.in_(variant_ids), PriceEntry.price_list_id.in_(list_ids))
        .order_by(PriceEntry.from_quantity, PriceEntry.valid_from)
    )
    for each in session.scalars(query):
        found[each.price_list_id, each.variant_id].append(
            rules.Entry(
                entry_id=each.id,
                from_quantity=each.from_quantity,
                price=UnitPrice(each.amount_minor, each.per_quantity),
                period=Period(each.valid_from, each.valid_to),
            )
        )
    return found
