"""A seller suggests articles; what is certain is matched at once, the rest waits for a person.

Suggesting an article again replaces what was said of it while nothing was decided, or after it was
refused. A batch is matched in as many statements as a single one.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select, text

from app.catalog import queries
from app.catalog.errors import (
    SellersSuggest,
    SuggestionDecided,
    SuggestionNotFound,
    SuggestionsInvalid,
)
from app.catalog.models import Suggestion
from app.catalog.operations.telling import tell_outcomes
from app.catalog.rules.matching import Known, Scored, judge, rank
from app.catalog.rules.suggesting import SuggestionDraft, repeated, thresholds_for
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.errors import PreconditionFailed
from app.kernel.ids import new_id
from app.network import queries as network_queries
from app.network.rules import SELLING_KINDS

_STATUS = {"auto": "matched", "review": "pending", "refuse": "refused"}
_COLUMNS = (
    "manufacturer_id", "reviewer_id", "name", "brand", "gtin", "part_number", "category_hint",
    "attributes",
    "weight_g", "status", "reason", "score", "candidates", "variant_id", "decided_at", "decided_by",
)  # fmt: skip
_SAID = tuple(each.name for each in fields(SuggestionDraft))

_PUT = text(f"""
INSERT INTO catalog_suggestions AS s (id, seller_id, seller_sku, created_at, {", ".join(_COLUMNS)})
SELECT id, seller_id, seller_sku, created_at, {", ".join(_COLUMNS)}
FROM jsonb_populate_recordset(CAST(NULL AS catalog_suggestions), CAST(:rows AS jsonb))
ON CONFLICT (seller_id, seller_sku) DO UPDATE SET version = s.version + 1,
    {", ".join(f"{name} = EXCLUDED.{name}" for name in _COLUMNS)}
WHERE s.status IN ('pending', 'refused')
""")  # noqa: S608 - composed of constants only


def suggest(
    session: DbSession, *, caller: Caller, drafts: Sequence[SuggestionDraft], now: datetime
) -> list[Suggestion]:
    """Suggest articles to sell, at most 500, in the seller's own words.

    Raises:
        SellersSuggest: the caller sells nothing.
        SuggestionsInvalid: an unknown manufacturer, or one article twice.
        SuggestionDecided: one of them was matched, or taken into the catalog.
    """
    if not SELLING_KINDS & caller.kinds:
        raise SellersSuggest
    known = queries.known_manufacturers(session, caller=caller)
    _require_sound(drafts, known)
    _require_open(session, caller, drafts)
    rows = _judged(session, caller, drafts, known, now)
    session.execute(_PUT, {"rows": orjson.dumps(rows).decode()})
    kept = _kept(session, caller, [draft.seller_sku for draft in drafts])
    tell_outcomes(session, suggestions=kept, now=now)
    return kept


def edit_suggestion(
    session: DbSession,
    *,
    caller: Caller,
    suggestion_id: uuid.UUID,
    expected_version: int,
    changes: Mapping[str, Any],
    now: datetime,
) -> Suggestion:
    """Say something else of an article while nothing was decided; it is matched anew.

    Raises:
        SuggestionNotFound: the caller has no such suggestion.
        PreconditionFailed: somebody changed it since the caller read it.
        SuggestionDecided: it was decided.
        SuggestionsInvalid: an unknown manufacturer.
    """
    found = queries.get_suggestion(session, caller=caller, suggestion_id=suggestion_id)
    if found.seller_id != caller.organization_id:
        raise SuggestionNotFound
    session.refresh(found, with_for_update=True)
    if found.version != expected_version:
        raise PreconditionFailed
    if found.status != "pending":
        raise SuggestionDecided
    said = {name: getattr(found, name) for name in _SAID} | dict(changes)
    [edited] = suggest(session, caller=caller, drafts=[SuggestionDraft(**said)], now=now)
    return edited


def _require_sound(drafts: Sequence[SuggestionDraft], known: frozenset[uuid.UUID]) -> None:
    problems = [
        {"pointer": f"/{index}/seller_sku", "message": "Suggested twice"}
        for index in repeated([draft.seller_sku for draft in drafts])
    ]
    problems += [
        {"pointer": f"/{index}/manufacturer_id", "message": "You know of no such manufacturer"}
        for index, draft in enumerate(drafts)
        if draft.manufacturer_id is not None and draft.manufacturer_id not in known
    ]
    if problems:
        raise SuggestionsInvalid(problems[0]["message"], errors=problems)


def _require_open(session: DbSession, caller: Caller, drafts: Sequence[SuggestionDraft]) -> None:
    skus = [draft.seller_sku for draft in drafts]
    rows = session.execute(
        select(Suggestion.seller_sku, Suggestion.status)
        .where(Suggestion.seller_id == caller.organization_id, Suggestion.seller_sku.in_(skus))
        .order_by(Suggestion.id)
        .with_for_update()
    )
    decided = {row.seller_sku for row in rows if row.status in {"matched", "new_product"}}
    if decided:
        raise SuggestionDecided(
            errors=[
                {"pointer": f"/{index}", "message": SuggestionDecided.title}
                for index, sku in enumerate(skus)
                if sku in decided
            ]
        )


def _judged(
    session: DbSession,
    caller: Caller,
    drafts: Sequence[SuggestionDraft],
    known: frozenset[uuid.UUID],
    now: datetime,
) -> list[dict[str, Any]]:
    """The rows to keep: what was said, what it may be, and what becomes of it."""
    candidates = queries.candidates_of(session, drafts=drafts, known=known)
    operator_id = network_queries.operator_id(session)
    policies = queries.policies_for(
        session, owner_ids=[*known, operator_id], seller_id=caller.organization_id
    )
    only = next(iter(known)) if len(known) == 1 else None
    rows = []
    for draft, among in zip(drafts, candidates, strict=True):
        ranked = rank(draft.described(), among)
        best = ranked[0] if ranked else None
        reviewer = draft.manufacturer_id or (best.manufacturer_id if best else only)
        thresholds = thresholds_for(
            policies, manufacturer_id=reviewer, seller_id=caller.organization_id
        )
        judged = judge(draft.described(), among, ranked, thresholds)
        facts = asdict(draft) | {"reviewer_id": reviewer, "reason": judged.reason}
        rows.append(facts | _outcome(caller, judged.outcome, ranked, among, now))
    return rows


def _outcome(
    caller: Caller, outcome: str, ranked: Sequence[Scored], among: Sequence[Known], now: datetime
) -> dict[str, Any]:
    by_id = {each.variant_id: each for each in among}
    open_still = outcome == "review"
    return {
        "id": new_id(),
        "seller_id": caller.organization_id,
        "created_at": now,
        "status": _STATUS[outcome],
        "score": ranked[0].score if ranked else 0,
        "candidates": [_document(each, by_id[each.variant_id]) for each in ranked],
        "variant_id": ranked[0].variant_id if outcome == "auto" else None,
        "decided_at": None if open_still else now,
        "decided_by": None if open_still else "auto",
    }


def _document(scored: Scored, known: Known) -> dict[str, Any]:
    named = {"sku": known.sku, "name": known.name, "gtin": known.gtin, "brand": known.brand}
    return asdict(scored) | named


def _kept(session: DbSession, caller: Caller, skus: Sequence[str]) -> list[Suggestion]:
    """The suggestions in the order in which they were made."""
    rows = session.scalars(
        select(Suggestion)
        .where(Suggestion.seller_id == caller.organization_id, Suggestion.seller_sku.in_(skus))
        .execution_options(populate_existing=True)
    )
    by_sku = {each.seller_sku: each for each in rows}
    return [by_sku[sku] for sku in skus]
