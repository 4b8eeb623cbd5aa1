"""Sellers are told what became of their suggestions, reviewers what waits for them."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from app.catalog.events import (
    SuggestionsMatched,
    SuggestionsRefused,
    SuggestionsTakenUp,
    SuggestionsWaiting,
)
from app.catalog.models import Suggestion
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.kernel.events import Event
from app.network import queries as network_queries


def tell_outcomes(session: DbSession, *, suggestions: Sequence[Suggestion], now: datetime) -> None:
    """Record one event for each seller and outcome (and reviewer, of those that wait)."""
    groups: dict[tuple[str, uuid.UUID, uuid.UUID | None], list[Suggestion]] = {}
    for each in suggestions:
        reviewer = each.reviewer_id if each.status == "pending" else None
        groups.setdefault((each.status, each.seller_id, reviewer), []).append(each)
    for (status, _, _), group in groups.items():
        record(session, _EVENTS[status](session, group, now))


def tell_matches(
    session: DbSession,
    *,
    rows: Iterable[tuple[uuid.UUID, uuid.UUID, uuid.UUID, str]],
    decided_by: str,
    now: datetime,
) -> None:
    """Record matches, given as (seller, suggestion, variant, seller SKU)."""
    groups: dict[uuid.UUID, list[tuple[uuid.UUID, uuid.UUID, str]]] = {}
    for seller_id, *rest in rows:
        groups.setdefault(seller_id, []).append(tuple(rest))  # type: ignore[arg-type]
    for seller_id, group in groups.items():
        ids, variants, skus = zip(*group, strict=True)
        record(
            session,
            SuggestionsMatched(
                happened_at=now,
                audience=(seller_id,),
                seller_id=seller_id,
                suggestion_ids=ids,
                variant_ids=variants,
                seller_skus=skus,
                decided_by=decided_by,
            ),
        )


def _ids(group: Sequence[Suggestion]) -> tuple[uuid.UUID, ...]:
    return tuple(each.id for each in group)


def _variants(group: Sequence[Suggestion]) -> tuple[uuid.UUID, ...]:
    return tuple(each.variant_id for each in group if each.variant_id)


def _matched(_session: DbSession, group: Sequence[Suggestion], now: datetime) -> Event:
    return SuggestionsMatched(
        happened_at=now,
        audience=(group[0].seller_id,),
        seller_id=group[0].seller_id,
        suggestion_ids=_ids(group),
        variant_ids=_variants(group),
        seller_skus=tuple(each.seller_sku for each in group),
        decided_by=group[0].decided_by or "",
    )


def _taken_up(_session: DbSession, group: Sequence[Suggestion], now: datetime) -> Event:
    return SuggestionsTakenUp(
        happened_at=now,
        audience=(group[0].seller_id,),
        seller_id=group[0].seller_id,
        suggestion_ids=_ids(group),
        variant_ids=_variants(group),
    )


def _refused(_session: DbSession, group: Sequence[Suggestion], now: datetime) -> Event:
    return SuggestionsRefused(
        happened_at=now,
        audience=(group[0].seller_id,),
        seller_id=group[0].seller_id,
        suggestion_ids=_ids(group),
        reasons=tuple(each.reason for each in group),
    )


def _waiting(session: DbSession, group: Sequence[Suggestion], now: datetime) -> Event:
    reviewer = group[0].reviewer_id
    return SuggestionsWaiting(
        happened_at=now,
        audience=(reviewer or network_queries.operator_id(session),),
        seller_id=group[0].seller_id,
        suggestion_ids=_ids(group),
        manufacturer_id=reviewer,
    )


_EVENTS: dict[str, Callable[[DbSession, Sequence[Suggestion], datetime], Event]] = {
    "matched": _matched,
    "new_product": _taken_up,
    "refused": _refused,
    "pending": _waiting,
}
