"""Suggestions as their seller, and whoever reviews them, may see them; what they may mean.

A seller's words are compared only with what the seller may know of: no score tells it more.
"""

import uuid
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Text, Uuid, column, or_, select, table, text, true
from sqlalchemy.dialects.postgresql import ARRAY

from app.catalog.errors import SuggestionNotFound
from app.catalog.models import MatchPolicy, Suggestion
from app.catalog.queries.visibility import visible_manufacturers
from app.catalog.rules.matching import Known, Thresholds, gtin_forms
from app.catalog.rules.suggesting import Policy, SuggestionDraft
from app.catalog.rules.wording import code
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.listing import page_by_id
from app.kernel.paging import Page, PageRequest

_organizations = table(
    "network_organizations", column("id", Uuid()), column("kinds", ARRAY(Text()))
)

_ALIKE = text("SELECT set_config('pg_trgm.similarity_threshold', '0.35', true)")

# Each branch is one index, and bounded: a common code or word brings no flood.
_CANDIDATES = text("""
WITH asked AS (
    SELECT * FROM jsonb_to_recordset(CAST(:asked AS jsonb))
        AS a (no integer, gtins text[], code text, name text, manufacturer_ids uuid[])
),
found AS (
    SELECT a.no, v.id FROM asked a JOIN catalog_variants v ON v.gtin = ANY (a.gtins)
    UNION
    SELECT a.no, v.id FROM asked a CROSS JOIN unnest(a.gtins) AS written
    JOIN catalog_variants v
      ON v.packs @> jsonb_build_array(jsonb_build_object('gtin', written)) AND v.packs <> '[]'
    UNION
    SELECT a.no, v.id FROM asked a CROSS JOIN LATERAL (
        SELECT v.id FROM catalog_variants v
        WHERE catalog_code(v.part_number) = a.code AND v.manufacturer_id = ANY (a.manufacturer_ids)
        LIMIT 20
    ) v WHERE a.code <> ''
    UNION
    SELECT a.no, v.id FROM asked a CROSS JOIN LATERAL (
        SELECT v.id FROM catalog_variants v
        WHERE catalog_code(v.sku) = a.code AND v.manufacturer_id = ANY (a.manufacturer_ids)
        LIMIT 20
    ) v WHERE a.code <> ''
    UNION
    SELECT a.no, v.id FROM asked a CROSS JOIN LATERAL (
        SELECT v.id FROM catalog_variants v
        WHERE v.name % a.name AND v.manufacturer_id = ANY (a.manufacturer_ids)
          AND v.status IN ('active', 'phase_out')
        ORDER BY similarity(v.name, a.name) DESC, v.id LIMIT 20
    ) v
)
SELECT f.no, v.id, v.manufacturer_id, v.sku, v.gtin, v.part_number, v.name, v.weight_g, p.brand,
       ARRAY(SELECT pack ->> 'gtin' FROM jsonb_array_elements(v.packs) AS pack) AS pack_gtins
FROM found f JOIN asked a ON a.no = f.no
JOIN catalog_variants v ON v.id = f.id AND v.status IN ('active', 'phase_out')
 AND v.manufacturer_id = ANY (a.manufacturer_ids)
JOIN catalog_products p ON p.id = v.product_id
ORDER BY f.no, v.id
""")


def known_manufacturers(session: DbSession, *, caller: Caller) -> frozenset[uuid.UUID]:
    """The manufacturers whose catalogs the caller may read."""
    readable = visible_manufacturers(caller, _organizations.c.id)
    makes = _organizations.c.kinds.contains(["manufacturer"])
    return frozenset(session.scalars(select(_organizations.c.id).where(makes, readable)))


def candidates_of(
    session: DbSession, *, drafts: Sequence[SuggestionDraft], known: frozenset[uuid.UUID]
) -> list[list[Known]]:
    """For each suggestion the variants that it may mean, of these manufacturers."""
    asked = [
        {
            "no": number,
            "gtins": gtin_forms(draft.gtin),
            "code": code(draft.part_number),
            "name": draft.name,
            "manufacturer_ids": [draft.manufacturer_id] if draft.manufacturer_id else list(known),
        }
        for number, draft in enumerate(drafts)
    ]
    session.execute(_ALIKE)
    found: list[list[Known]] = [[] for _ in drafts]
    for row in session.execute(_CANDIDATES, {"asked": orjson.dumps(asked).decode()}):
        gtins = {form for each in (row.gtin, *row.pack_gtins) for form in gtin_forms(each)}
        found[row.no].append(
            Known(
                variant_id=row.id,
                manufacturer_id=row.manufacturer_id,
                sku=row.sku,
                name=row.name,
                brand=row.brand,
                gtin=row.gtin,
                gtins=frozenset(gtins),
                part_number=row.part_number,
                weight_g=row.weight_g,
            )
        )
    return found


def policies_for(
    session: DbSession, *, owner_ids: Sequence[uuid.UUID], seller_id: uuid.UUID
) -> list[Policy]:
    """What manufacturers and the operator say of a seller's suggestions."""
    rows = session.scalars(
        select(MatchPolicy).where(
            MatchPolicy.owner_id.in_(owner_ids),
            or_(MatchPolicy.seller_id.is_(None), MatchPolicy.seller_id == seller_id),
        )
    )
    return [
        Policy(
            owner_id=each.owner_id,
            seller_id=each.seller_id,
            thresholds=Thresholds(
                auto_at=each.auto_at, review_at=each.review_at, unmatched=each.unmatched
            ),
        )
        for each in rows
    ]


def list_match_policies(
    session: DbSession, *, caller: Caller, page: PageRequest
) -> Page[MatchPolicy]:
    """The caller's own policies."""
    query = select(MatchPolicy).where(MatchPolicy.owner_id == caller.organization_id)
    return page_by_id(session, query, key=MatchPolicy.id, page=page)


def get_suggestion(session: DbSession, *, caller: Caller, suggestion_id: uuid.UUID) -> Suggestion:
    """A suggestion of the caller's, or one that it reviews.

    Raises:
        SuggestionNotFound: there is none that the caller may know of.
    """
    query = select(Suggestion).where(Suggestion.id == suggestion_id, _concerns(caller))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise SuggestionNotFound
    return found


def list_suggestions(
    session: DbSession, *, caller: Caller, page: PageRequest, status: str | None = None
) -> Page[Suggestion]:
    """The caller's suggestions, and those that it reviews."""
    query = select(Suggestion).where(_concerns(caller))
    if status:
        query = query.where(Suggestion.status == status)
    return page_by_id(session, query, key=Suggestion.id, page=page)


def _concerns(caller: Caller) -> ColumnElement[bool]:
    if caller.is_operator:
        return true()
    own = caller.organization_id
    return or_(Suggestion.seller_id == own, Suggestion.reviewer_id == own)


def readable_by(suggestion: Suggestion, caller: Caller) -> list[dict[str, Any]]:
    """The candidates that the caller may see: a manufacturer sees its own goods only."""
    ids = ("variant_id", "manufacturer_id")
    found = [each | {name: uuid.UUID(each[name]) for name in ids} for each in suggestion.candidates]
    if caller.is_operator or suggestion.seller_id == caller.organization_id:
        return found
    return [each for each in found if each["manufacturer_id"] == caller.organization_id]
