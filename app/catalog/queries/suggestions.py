"""Suggestions as their seller, and whoever reviews them, may see them; what they may mean.

A seller's words are compared only with what the seller may know of: no score tells it more.
"""

import uuid
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Text, TextClause, Uuid, column, or_, select, table, text, true
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

# Each branch is one index, and bounded: a common code or word brings no flood. A name is looked for
# by its sizes with any of its words, and by all of its words.
_FOUND = """
WITH asked AS (
    SELECT a.*, said.sized, said.worded
    FROM jsonb_to_recordset(CAST(:asked AS jsonb))
        AS a (no integer, gtins text[], code text, name text, manufacturer_ids uuid[])
    CROSS JOIN LATERAL (
        SELECT CAST(CASE WHEN bool_or(t ~ '[0-9]') THEN concat_ws(' & ',
                   string_agg(quote_literal(t), ' & ') FILTER (WHERE t ~ '[0-9]'),
                   '(' || string_agg(quote_literal(t), ' | ') FILTER (WHERE t !~ '[0-9]'
                       AND length(t) > 2) || ')'
               ) ELSE '' END AS tsquery) AS sized,
               CAST(COALESCE(string_agg(quote_literal(t), ' & ') FILTER (WHERE t !~ '[0-9]'
                   AND length(t) > 2), '') AS tsquery) AS worded
        FROM unnest(tsvector_to_array(catalog_words(a.name))) AS t
    ) said
),
found AS (
    SELECT a.no, v.id FROM asked a JOIN catalog_variants v ON v.gtin = ANY (a.gtins)
    UNION
    SELECT a.no, v.id FROM asked a CROSS JOIN unnest(a.gtins) AS written
    JOIN catalog_variants v
      ON v.packs @> jsonb_build_array(jsonb_build_object('gtin', written)) AND v.packs <> '[]'
     AND v.status IN {sellable}
    UNION
    SELECT a.no, v.id FROM asked a CROSS JOIN LATERAL (
        SELECT v.id FROM catalog_variants v
        WHERE catalog_code(v.part_number) = a.code AND v.manufacturer_id = ANY (a.manufacturer_ids)
          AND v.status IN {sellable}
        LIMIT 20
    ) v WHERE a.code <> ''
    UNION
    SELECT a.no, v.id FROM asked a CROSS JOIN LATERAL (
        SELECT v.id FROM catalog_variants v
        WHERE catalog_code(v.sku) = a.code AND v.manufacturer_id = ANY (a.manufacturer_ids)
          AND v.status IN {sellable}
        LIMIT 20
    ) v WHERE a.code <> ''
    {by_name}
)
SELECT f.no, v.id, v.manufacturer_id, v.sku, v.gtin, v.part_number, v.name, v.weight_g, p.brand,
       ARRAY(SELECT pack ->> 'gtin' FROM jsonb_array_elements(v.packs) AS pack) AS pack_gtins
FROM found f JOIN asked a ON a.no = f.no
JOIN catalog_variants v ON v.id = f.id AND v.status IN {sellable}
 AND v.manufacturer_id = ANY (a.manufacturer_ids)
JOIN catalog_products p ON p.id = v.product_id
ORDER BY f.no, v.id
"""
_BY_WORDS = """
    UNION
    SELECT a.no, v.id FROM asked a CROSS JOIN LATERAL (
        SELECT v.id FROM (
            SELECT v.id, v.name FROM catalog_variants v
            WHERE catalog_words(v.name) @@ a.{query}
              AND v.manufacturer_id = ANY (a.manufacturer_ids) AND v.status IN {sellable}
            LIMIT 500
        ) v
        ORDER BY similarity(v.name, a.name) DESC, v.id LIMIT 10
    ) v WHERE numnode(a.{query}) > 0
"""
_SELLABLE = "('active', 'phase_out')"
_CANDIDATES = text(
    _FOUND.format(
        sellable=_SELLABLE,
        by_name=_BY_WORDS.format(query="sized", sellable=_SELLABLE)
        + _BY_WORDS.format(query="worded", sellable=_SELLABLE),
    )
)

# What nothing was found for may be misspelt; looking for alike names is dear, so for a few only.
ALIKE_AT_ONCE = 10
_ALIKE = text("SELECT set_config('pg_trgm.similarity_threshold', '0.45', true)")
_BY_LIKENESS = """
    UNION
    SELECT a.no, v.id FROM asked a CROSS JOIN LATERAL (
        SELECT v.id FROM catalog_variants v
        WHERE v.name % a.name AND v.manufacturer_id = ANY (a.manufacturer_ids)
          AND v.status IN {sellable}
        ORDER BY similarity(v.name, a.name) DESC, v.id LIMIT 20
    ) v
"""
_MISSPELT = text(_FOUND.format(sellable=_SELLABLE, by_name=_BY_LIKENESS.format(sellable=_SELLABLE)))


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
    found: list[list[Known]] = [[] for _ in drafts]
    _collect(session, _CANDIDATES, asked, found)
    missing = [each for each, known in zip(asked, found, strict=True) if not known]
    if missing:
        session.execute(_ALIKE)
        _collect(session, _MISSPELT, missing[:ALIKE_AT_ONCE], found)
    return found


def _collect(
    session: DbSession,
    statement: TextClause,
    asked: Sequence[dict[str, Any]],
    found: list[list[Known]],
) -> None:
    """Add to each suggestion, by its number, the variants that a statement finds for it."""
    for row in session.execute(statement, {"asked": orjson.dumps(asked).decode()}):
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
