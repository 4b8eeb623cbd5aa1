"""A manufacturer publishes what it collected, goes back to an earlier version, or discards.

Laws: one publication of a manufacturer at a time, numbered without gaps; what is published was
valid as a whole; every version stays readable; whoever sells the goods is told of each change.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text

from app.catalog import queries
from app.catalog.errors import ChangeNotFound, ChangesInvalid, NothingToPublish
from app.catalog.events import CatalogChanged, CatalogPublished
from app.catalog.models import Publication
from app.catalog.operations.applying import applying
from app.catalog.operations.editing import (
    REFUSALS,
    hold,
    hold_alone,
    require_manufacturer,
    require_owner,
)
from app.catalog.rules import ERROR, SUBJECTS, Problem, outside_id
from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import refusing
from app.infra.unit_of_work import record
from app.kernel.ids import new_id

CHANGES_AN_EVENT = 500

_COUNTS = text("""
SELECT subject_kind AS subject, change, count(*) AS changes FROM catalog_versions
WHERE manufacturer_id = :manufacturer_id AND from_number = :number
GROUP BY subject_kind, change ORDER BY subject_kind, change
""")
_PARTS = text("""
SELECT jsonb_agg(
    jsonb_build_object('subject', subject_kind, 'id', subject_id, 'change', change,
                       'fields', to_jsonb(fields)) ORDER BY subject_id
) AS changes
FROM (
    SELECT *, (row_number() OVER (ORDER BY subject_id) - 1) / :size AS part
    FROM catalog_versions WHERE manufacturer_id = :manufacturer_id AND from_number = :number
) numbered
GROUP BY part ORDER BY part
""")
# Storefronts lie a layer up; only who sells in whose storefront is read of them.
_AUDIENCE = text("""
WITH seller AS (
    SELECT grantee_id AS id FROM network_agreements
    WHERE manufacturer_id = :manufacturer_id AND status = 'active'
)
SELECT CAST(:manufacturer_id AS uuid) AS id
UNION SELECT id FROM seller
UNION SELECT s.owner_id FROM seller
JOIN storefronts_pool_sellers p ON p.seller_id = seller.id
JOIN storefronts_storefronts s ON s.id = p.storefront_id
""")
_DISCARD = {
    kind: text(
        f"UPDATE {subject.table} SET draft = NULL, version = version + 1"  # noqa: S608
        " WHERE manufacturer_id = :manufacturer_id AND draft IS NOT NULL"
        " AND (CAST(:id AS uuid) IS NULL OR id = CAST(:id AS uuid)) RETURNING id"
    )
    for kind, subject in SUBJECTS.items()
}


def publish(session: DbSession, *, caller: Caller, note: str, now: datetime) -> Publication:
    """Make everything live that the caller collected.

    Raises:
        NotAManufacturer: the caller is none.
        NothingToPublish: nothing was collected.
        ChangesInvalid: some of it cannot be published; nothing was.
    """
    require_manufacturer(caller)
    hold_alone(session, manufacturer_id=caller.organization_id)
    session.flush()
    counts = queries.count_changes(session, manufacturer_id=caller.organization_id)
    kinds = [kind for kind in SUBJECTS if counts[kind]]
    if not kinds:
        raise NothingToPublish
    _require_valid(session, caller.organization_id, kinds)
    publication = _numbered(session, caller, note, now)
    return _go_live(session, caller, publication, "collected")


def roll_back(
    session: DbSession, *, caller: Caller, publication_id: uuid.UUID, note: str, now: datetime
) -> Publication:
    """Make the caller's catalog again what it was, as a new version; what was added is withdrawn.

    What is collected for the next publication stays collected.

    Raises:
        PublicationNotFound: there is none that the caller may know of.
        NotTheManufacturer: it is another's.
        NothingToPublish: nothing changed since.
        SkuTaken, GtinTaken, CodeTaken: an identifier of then is another's now.
    """
    found = queries.get_publication(session, caller=caller, publication_id=publication_id)
    require_owner(caller, found)
    hold_alone(session, manufacturer_id=caller.organization_id)
    session.flush()
    publication = _numbered(session, caller, note, now)
    publication.restores_number = found.number
    return _go_live(session, caller, publication, "restored")


def discard_changes(session: DbSession, *, caller: Caller) -> int:
    """Forget everything that the caller collected; how many things that were.

    What was never published stays the caller's own draft and leaves the next publication.
    """
    hold(session, manufacturer_id=caller.organization_id)
    return sum(_discarded(session, caller, kind, None) for kind in SUBJECTS)


def discard_change(session: DbSession, *, caller: Caller, kind: str, subject_id: uuid.UUID) -> int:
    """Forget what the caller collected for one thing.

    Raises:
        ChangeNotFound: nothing was.
    """
    hold(session, manufacturer_id=caller.organization_id)
    count = _discarded(session, caller, kind, subject_id)
    if not count:
        raise ChangeNotFound
    return count


def _discarded(session: DbSession, caller: Caller, kind: str, subject_id: uuid.UUID | None) -> int:
    binds = {"manufacturer_id": caller.organization_id, "id": subject_id}
    session.flush()
    count = len(session.execute(_DISCARD[kind], binds).all())
    session.expire_all()
    return count


def _require_valid(session: DbSession, manufacturer_id: uuid.UUID, kinds: Sequence[str]) -> None:
    wrong = [
        {"in": "changes", "subject": outside_id(kind, subject_id), **problem.document()}
        for kind in kinds
        for subject_id, problems in queries.problems_of(
            session, manufacturer_id=manufacturer_id, kind=kind
        ).items()
        for problem in _errors(problems)
    ]
    if wrong:
        said = "; ".join(
            f"{each['subject']}{each['pointer']}: {each['message']}" for each in wrong[:3]
        )
        raise ChangesInvalid(said, errors=wrong)


def _errors(problems: Sequence[Problem]) -> Iterator[Problem]:
    return (problem for problem in problems if problem.severity == ERROR)


def _numbered(session: DbSession, caller: Caller, note: str, now: datetime) -> Publication:
    """The next publication; before the first, the one that stands for what was there already."""
    query = select(func.max(Publication.number)).where(
        Publication.manufacturer_id == caller.organization_id
    )
    last = session.scalar(query)
    numbers = [0, 1] if last is None else [last + 1]
    made = [
        Publication(
            id=new_id(),
            manufacturer_id=caller.organization_id,
            number=number,
            note=note if number else "",
            counts={},
            published_at=now,
            actor_id=caller.actor_id,
        )
        for number in numbers
    ]
    session.add_all(made)
    session.flush()
    return made[-1]


def _go_live(
    session: DbSession, caller: Caller, publication: Publication, source: str
) -> Publication:
    scope = {"manufacturer_id": publication.manufacturer_id, "number": publication.number}
    binds = scope | ({"restored": publication.restores_number} if source == "restored" else {})
    with refusing(session, REFUSALS):
        for kind in SUBJECTS:
            session.execute(applying(kind, source), binds)
    publication.counts = _counted(session, scope)
    if not publication.counts:
        raise NothingToPublish
    session.flush()
    _tell(session, publication)
    _note(session, caller, publication)
    session.expire_all()
    return publication


def _counted(session: DbSession, scope: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for row in session.execute(_COUNTS, scope):
        counts[row.subject][row.change] = row.changes
    return dict(counts)


def _tell(session: DbSession, publication: Publication) -> None:
    """One event for all of it, and one for every few hundred changes, to whom they concern."""
    binds = {"manufacturer_id": publication.manufacturer_id, "number": publication.number}
    audience = tuple(session.scalars(_AUDIENCE, binds))
    common: dict[str, Any] = {
        "happened_at": publication.published_at,
        "audience": audience,
        "publication_id": publication.id,
        "manufacturer_id": publication.manufacturer_id,
        "number": publication.number,
    }
    record(session, CatalogPublished(counts=publication.counts, **common))
    parts = session.scalars(_PARTS, {**binds, "size": CHANGES_AN_EVENT}).all()
    for number, changes in enumerate(parts, start=1):
        itemised = [
            {**each, "id": outside_id(each["subject"], uuid.UUID(each["id"]))} for each in changes
        ]
        record(session, CatalogChanged(part=number, parts=len(parts), changes=itemised, **common))


def _note(session: DbSession, caller: Caller, publication: Publication) -> None:
    restored = publication.restores_number
    audit.note(
        session,
        caller=caller,
        action="catalog.published" if restored is None else "catalog.rolled_back",
        subject_type="catalog_publication",
        subject_id=publication.id,
        now=publication.published_at,
        details={"number": publication.number, "counts": publication.counts},
    )
