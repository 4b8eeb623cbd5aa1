"""Publications, and the catalog as of any of them.

A thing has version rows only when some publication changed it; without any it always was as it is.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, func, select, text

from app.catalog.errors import PublicationNotFound
from app.catalog.models import Publication
from app.catalog.queries.visibility import visible_manufacturers
from app.catalog.rules import SUBJECTS
from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.infra.listing import page_by_id
from app.kernel.paging import Page, PageRequest, page_of

_NOWHERE = uuid.UUID(int=0)
_HISTORY = text("""
SELECT v.from_number AS number, p.id AS publication_id, p.published_at, v.subject_kind AS subject,
       COALESCE(v.content->>'sku', v.content->>'code') AS label, v.change, v.fields
FROM catalog_versions v
JOIN catalog_publications p ON p.manufacturer_id = v.manufacturer_id AND p.number = v.from_number
WHERE v.subject_id = ANY (CAST(:ids AS uuid[])) AND v.from_number > 0
ORDER BY v.from_number DESC, v.subject_id LIMIT 100
""")
# What a list as of then may be narrowed by; a category is meant with all that lay below it then.
_FILTERS: Mapping[str, str] = {
    "product_id": "r.product_id = :product_id",
    "sku": "r.sku = :sku",
    "gtin": "r.gtin = :gtin",
    "status": "r.status = :status",
    "name": "starts_with(lower(r.name), lower(:name))",
    "category_id": """EXISTS (
        SELECT FROM catalog_categories k
        LEFT JOIN catalog_versions kv ON kv.subject_id = k.id AND kv.from_number <= :number
         AND (kv.to_number IS NULL OR kv.to_number > :number)
        CROSS JOIN LATERAL jsonb_populate_record(k, kv.content) kr
        WHERE k.id = r.category_id AND kr.path @> ARRAY[CAST(:category_id AS uuid)]
    )""",
}


def get_publication(
    session: DbSession, *, caller: Caller, publication_id: uuid.UUID
) -> Publication:
    """A publication of a catalog that the caller may read.

    Raises:
        PublicationNotFound: there is none such.
    """
    readable = visible_manufacturers(caller, Publication.manufacturer_id)
    query = select(Publication).where(Publication.id == publication_id, readable)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise PublicationNotFound
    return found


def list_publications(
    session: DbSession,
    *,
    caller: Caller,
    page: PageRequest,
    manufacturer_id: uuid.UUID | None = None,
) -> Page[Publication]:
    """Publications of the catalogs that the caller may read, the oldest first."""
    query = select(Publication).where(visible_manufacturers(caller, Publication.manufacturer_id))
    if manufacturer_id:
        query = query.where(Publication.manufacturer_id == manufacturer_id)
    return page_by_id(session, query, key=Publication.id, page=page)


def latest_publications(
    session: DbSession, *, manufacturer_id: uuid.UUID, limit: int
) -> Sequence[Publication]:
    """A manufacturer's publications, the newest first."""
    query = select(Publication).where(Publication.manufacturer_id == manufacturer_id)
    return session.scalars(query.order_by(Publication.number.desc()).limit(limit)).all()


def number_at(session: DbSession, *, manufacturer_id: uuid.UUID, instant: datetime) -> int:
    """The number of the publication that held at an instant; 0 before the first."""
    query = select(func.max(Publication.number)).where(
        Publication.manufacturer_id == manufacturer_id, Publication.published_at <= instant
    )
    return session.scalar(query) or 0


def get_as_of(session: DbSession, *, kind: str, subject_id: uuid.UUID, number: int) -> Any | None:  # noqa: ANN401 - a row with the columns of its kind
    """A thing as of a publication; None when it was not published then."""
    return session.execute(_one(kind), {"id": subject_id, "number": number}).one_or_none()


def list_as_of(
    session: DbSession,
    *,
    kind: str,
    manufacturer_id: uuid.UUID,
    number: int,
    page: PageRequest,
    filters: Mapping[str, Any],
) -> Page[Any]:
    """Things of one kind as of a publication of their manufacturer."""
    chosen = {name: value for name, value in filters.items() if value is not None}
    binds = {
        "manufacturer_id": manufacturer_id, "number": number,
        "after": page.after or _NOWHERE, "rows": page.limit + 1,
    }  # fmt: skip
    rows = session.execute(_many(kind, tuple(sorted(chosen))), binds | chosen).all()
    return page_of(rows, limit=page.limit, key=lambda row: row.id)


def history_of(session: DbSession, *, subject_ids: Sequence[uuid.UUID]) -> Sequence[Any]:
    """The versions of some things, the newest first: which, when, how it changed, which fields."""
    return session.execute(_HISTORY, {"ids": array_of(subject_ids)}).all()


def _as_of(kind: str) -> str:
    return f"""
    SELECT r.* FROM {SUBJECTS[kind].table} t
    LEFT JOIN catalog_versions v ON v.subject_id = t.id AND v.from_number <= :number
     AND (v.to_number IS NULL OR v.to_number > :number)
    LEFT JOIN LATERAL (
        SELECT x.subject_id FROM catalog_versions x WHERE x.subject_id = t.id LIMIT 1
    ) x ON true
    CROSS JOIN LATERAL jsonb_populate_record(t, v.content) r
    WHERE t.status <> 'draft' AND (v.subject_id IS NOT NULL OR x.subject_id IS NULL)
    """  # noqa: S608 - names of our own tables


@cache
def _one(kind: str) -> TextClause:
    return text(f"{_as_of(kind)} AND t.id = :id")


@cache
def _many(kind: str, filters: tuple[str, ...]) -> TextClause:
    chosen = "".join(f" AND {_FILTERS[name]}" for name in filters)
    return text(
        f"{_as_of(kind)} AND t.manufacturer_id = :manufacturer_id AND t.id > :after{chosen}"
        " ORDER BY t.id LIMIT :rows"
    )
