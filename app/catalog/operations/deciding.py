"""A manufacturer (or the operator) decides what sellers' suggestions are, up to 100 at once.

All of the decisions are taken or none; those that cannot be are named with their place.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from app.catalog.errors import DecisionsInvalid, SuggestionDecided, SuggestionNotFound
from app.catalog.models import MatchPolicy, Suggestion, Variant
from app.catalog.operations.products import create_product, create_variant
from app.catalog.operations.telling import tell_matches, tell_outcomes
from app.catalog.rules import SELLABLE
from app.catalog.rules.matching import Thresholds
from app.catalog.rules.suggesting import Decision, problem_of_decision
from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.kernel.ids import new_id

_NOT_IN_A_CODE = re.compile(r"[^A-Za-z0-9._/-]+")
_MAX_CODE = 64

# What was taken into the catalog is a match as soon as it is live.
_LIVE = text("""
UPDATE catalog_suggestions s SET status = 'matched', version = s.version + 1
FROM catalog_variants v
WHERE s.status = 'new_product' AND s.reviewer_id = ANY (CAST(:manufacturer_ids AS uuid[]))
  AND v.id = s.variant_id AND v.status IN ('active', 'phase_out')
RETURNING s.seller_id, s.id, s.variant_id, s.seller_sku
""")


def decide(
    session: DbSession, *, caller: Caller, decisions: Sequence[Decision], now: datetime
) -> list[Suggestion]:
    """Decide suggestions that the caller reviews.

    Raises:
        SuggestionNotFound: one that the caller does not review.
        SuggestionDecided: one that was decided before.
        DecisionsInvalid: one that says too little, or names what it may not.
        CategoryNotFound, ProductNotFound, SkuTaken, GtinTaken: a new product that cannot be.
    """
    found = _locked(session, caller, decisions)
    _require_sound(session, caller, decisions, found)
    taken = []
    for decision in decisions:
        suggestion = found[decision.suggestion_id]
        _take(session, caller, suggestion, decision, now)
        taken.append(suggestion)
    session.flush()
    tell_outcomes(session, suggestions=taken, now=now)
    _note(session, caller, taken, now)
    return taken


def settle_published(
    session: DbSession, *, manufacturer_ids: Sequence[uuid.UUID], now: datetime
) -> None:
    """Match what was taken into these catalogs and is live now."""
    rows = session.execute(_LIVE, {"manufacturer_ids": array_of(manufacturer_ids)}).all()
    matches = [(row.seller_id, row.id, row.variant_id, row.seller_sku) for row in rows]
    tell_matches(session, rows=matches, decided_by="manual", now=now)


def set_match_policy(
    session: DbSession,
    *,
    caller: Caller,
    seller_id: uuid.UUID | None,
    thresholds: Thresholds,
    now: datetime,
) -> MatchPolicy:
    """Say from which scores a seller's suggestions (or all sellers') are taken."""
    facts = {
        "auto_at": thresholds.auto_at,
        "review_at": thresholds.review_at,
        "unmatched": thresholds.unmatched,
        "changed_at": now,
    }
    owner = {"owner_id": caller.organization_id, "seller_id": seller_id}
    kept = session.scalars(
        insert(MatchPolicy)
        .values(id=new_id(), **owner, **facts)
        .on_conflict_do_update(
            constraint="uq_catalog_match_policies_owner_id_seller_id", set_=facts
        )
        .returning(MatchPolicy),
        execution_options={"populate_existing": True},
    ).one()
    audit.note(
        session,
        caller=caller,
        action="match_policy.set",
        subject_type="mpol",
        subject_id=kept.id,
        now=now,
        details={name: facts[name] for name in ("auto_at", "review_at", "unmatched")},
    )
    return kept


def _locked(
    session: DbSession, caller: Caller, decisions: Sequence[Decision]
) -> dict[uuid.UUID, Suggestion]:
    """The suggestions, held in the order of their ids."""
    ids = [each.suggestion_id for each in decisions]
    query = select(Suggestion).where(Suggestion.id.in_(ids))
    if not caller.is_operator:
        query = query.where(Suggestion.reviewer_id == caller.organization_id)
    rows = session.scalars(
        query.order_by(Suggestion.id).with_for_update(),
        execution_options={"populate_existing": True},
    )
    found = {each.id: each for each in rows}
    unknown = [index for index, each in enumerate(ids) if each not in found]
    if unknown:
        raise SuggestionNotFound(errors=_places(unknown, SuggestionNotFound.title))
    decided = [index for index, each in enumerate(ids) if found[each].status != "pending"]
    decided += [index for index, each in enumerate(ids) if each in ids[:index]]
    if decided:
        raise SuggestionDecided(errors=_places(decided, SuggestionDecided.title))
    return found


def _places(indexes: Sequence[int], message: str) -> list[dict[str, str]]:
    return [{"pointer": f"/{index}", "message": message} for index in sorted(set(indexes))]


def _require_sound(
    session: DbSession,
    caller: Caller,
    decisions: Sequence[Decision],
    found: Mapping[uuid.UUID, Suggestion],
) -> None:
    owners = _owners(session, [each.variant_id for each in decisions if each.variant_id])
    problems = []
    for index, decision in enumerate(decisions):
        suggestion = found[decision.suggestion_id]
        problem = problem_of_decision(decision)
        if problem is None and decision.action == "match":
            problem = _problem_of_match(suggestion, decision, owners)
        if problem is None and decision.action == "new_product":
            problem = _problem_of_new(caller, suggestion)
        if problem is not None:
            pointer, message = problem
            problems.append({"pointer": f"/{index}{pointer}", "message": message})
    if problems:
        raise DecisionsInvalid(problems[0]["message"], errors=problems)


def _owners(session: DbSession, variant_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Who makes each of the variants that are on sale."""
    rows = session.execute(
        select(Variant.id, Variant.manufacturer_id).where(
            Variant.id.in_(variant_ids), Variant.status.in_(SELLABLE)
        )
    )
    return {row.id: row.manufacturer_id for row in rows}


def _problem_of_match(
    suggestion: Suggestion, decision: Decision, owners: Mapping[uuid.UUID, uuid.UUID]
) -> tuple[str, str] | None:
    """A match is one of the candidates, or of the reviewing manufacturer's goods."""
    assert decision.variant_id is not None
    owner = owners.get(decision.variant_id)
    candidates = {each["variant_id"] for each in suggestion.candidates}
    offered = str(decision.variant_id) in candidates
    if owner is None or not (offered or owner == suggestion.reviewer_id):
        return "/variant_id", "There is no such variant on sale that it may be"
    return None


def _problem_of_new(caller: Caller, suggestion: Suggestion) -> tuple[str, str] | None:
    if suggestion.reviewer_id != caller.organization_id or "manufacturer" not in caller.kinds:
        return "/action", "Only the manufacturer takes an article into its catalog"
    return None


def _take(
    session: DbSession, caller: Caller, suggestion: Suggestion, decision: Decision, now: datetime
) -> None:
    status = {"match": "matched", "new_product": "new_product", "refuse": "refused"}
    if decision.action == "new_product":
        suggestion.variant_id = _new_variant(session, caller, suggestion, decision, now).id
    elif decision.action == "match":
        suggestion.variant_id = decision.variant_id
    suggestion.status = status[decision.action]
    suggestion.reason = decision.reason
    suggestion.decided_at, suggestion.decided_by = now, "manual"
    suggestion.version += 1


def _new_variant(
    session: DbSession, caller: Caller, suggestion: Suggestion, decision: Decision, now: datetime
) -> Variant:
    """A draft of the article in the manufacturer's catalog; its next publication makes it live."""
    sku = decision.sku or _code_of(suggestion.part_number or suggestion.seller_sku)
    product_id = decision.product_id
    if product_id is None:
        assert decision.category_id is not None
        facts = {"code": sku, "name": suggestion.name, "brand": suggestion.brand}
        product_id = create_product(
            session, caller=caller, category_id=decision.category_id, facts=facts, now=now
        ).id
    return create_variant(
        session,
        caller=caller,
        product_id=product_id,
        facts={
            "sku": sku,
            "name": suggestion.name,
            "gtin": suggestion.gtin,
            "part_number": suggestion.part_number,
            "weight_g": suggestion.weight_g or 0,
        },
        now=now,
    )


def _code_of(written: str) -> str:
    return _NOT_IN_A_CODE.sub("-", written).strip("._/-")[:_MAX_CODE] or "NEW"


def _note(session: DbSession, caller: Caller, taken: Sequence[Suggestion], now: datetime) -> None:
    audit.note_each(
        session,
        caller=caller,
        action="suggestion.decided",
        subject_type="sug",
        subjects={each.id: {"status": each.status, "reason": each.reason} for each in taken},
        now=now,
    )
