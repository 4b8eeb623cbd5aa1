"""Offers as their seller (and the operator) may see them, and why they cannot be sold."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, RowMapping, TextClause, select, text, true

from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.kernel.paging import Page, PageRequest, page_of
from app.offers.errors import OfferNotFound
from app.offers.models import Offer
from app.offers.queries.filters import binds, prepared, where
from app.offers.queries.reasons import REASONED, held_by
from app.offers.rules import OfferFilter

_EXPLAIN = text(f"""
SELECT o.id, r.codes FROM offers_offers o {REASONED}
WHERE o.id = ANY (CAST(:offer_ids AS uuid[]))
""")  # noqa: S608 - composed of constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many offers there are, how many can be sold, and how many cannot, by reason."""

    total: int
    sellable: int
    statuses: dict[str, int]
    reasons: dict[str, int]


def get_offer(session: DbSession, *, caller: Caller, offer_id: uuid.UUID) -> Offer:
    """An offer.

    Raises:
        OfferNotFound: there is none that the caller may know of.
    """
    found = session.scalars(select(Offer).where(Offer.id == offer_id, _own(caller))).one_or_none()
    if found is None:
        raise OfferNotFound
    return found


def list_offers(
    session: DbSession,
    *,
    caller: Caller,
    page: PageRequest,
    wanted: OfferFilter,
    now: datetime,
    reason: str | None = None,
) -> Page[RowMapping]:
    """The caller's offers with the reasons against each; ``reason``: those that it holds of.

    Raises:
        SellerNeeded: the operator asked for a reason without naming a seller.
        AssortmentNotFound: the caller has no such assortment.
    """
    if not caller.is_operator or reason or wanted.assortment_id:
        wanted = prepared(session, caller=caller, wanted=wanted)
    given = binds(wanted) | ({"after": page.after} if page.after else {})
    asked = {**given, "now": now, "limit": page.limit + 1}
    rows = session.execute(_listing(frozenset(given), reason), asked)
    return page_of(rows.mappings().all(), limit=page.limit, key=lambda row: row["id"])


def summary(session: DbSession, *, caller: Caller, wanted: OfferFilter, now: datetime) -> Summary:
    """How many of the caller's offers can be sold, and why the others cannot.

    Raises:
        SellerNeeded: the operator named no seller.
    """
    given = binds(prepared(session, caller=caller, wanted=wanted))
    rows = session.execute(_counting(frozenset(given)), {**given, "now": now}).all()
    found = Summary(total=0, sellable=0, statuses={}, reasons={})
    total = sellable = 0
    for row in rows:
        total += row.offers
        sellable += 0 if row.codes else row.offers
        found.statuses[row.status] = found.statuses.get(row.status, 0) + row.offers
        for code in row.codes:
            found.reasons[code] = found.reasons.get(code, 0) + row.offers
    return replace(found, total=total, sellable=sellable)


def explain(
    session: DbSession, *, offer_ids: Sequence[uuid.UUID], now: datetime
) -> dict[uuid.UUID, tuple[str, ...]]:
    """Why each offer cannot be sold at all; an empty answer means that it can.

    Where and to whom it may be sold is another question: that is routing's, for a given order.
    """
    rows = session.execute(_EXPLAIN, {"offer_ids": array_of(offer_ids), "now": now})
    return {row.id: tuple(row.codes) for row in rows}


def reasons_of(
    session: DbSession, *, caller: Caller, offer_id: uuid.UUID, now: datetime
) -> tuple[str, ...]:
    """Every reason against an offer of the caller's.

    Raises:
        OfferNotFound: there is none that the caller may know of.
    """
    get_offer(session, caller=caller, offer_id=offer_id)
    return explain(session, offer_ids=[offer_id], now=now)[offer_id]


@cache
def _listing(names: frozenset[str], reason: str | None) -> TextClause:
    """A page: cut before every reason is worked out, also where one reason is looked for."""
    joins, held = held_by(reason) if reason else ("", "true")
    return text(f"""
    SELECT o.*, v.sku, v.name AS variant_name, r.codes AS reasons
    FROM (
        SELECT o.* FROM offers_offers o {joins} WHERE {where(names)} AND {held}
        ORDER BY o.id LIMIT CAST(:limit AS integer)
    ) o {REASONED} ORDER BY o.id
    """)  # noqa: S608 - composed of constants only


@cache
def _counting(names: frozenset[str]) -> TextClause:
    return text(f"""
    SELECT o.status, r.codes, count(*) AS offers FROM offers_offers o {REASONED}
    WHERE {where(names)} GROUP BY o.status, r.codes
    """)  # noqa: S608 - composed of constants only


def _own(caller: Caller) -> ColumnElement[bool]:
    return true() if caller.is_operator else Offer.seller_id == caller.organization_id
