"""What will change with the next publication, and what changed with an earlier one.

A change is the whole of what becomes of one thing: whether it is new, phased out, withdrawn,
reinstated or otherwise changed, and every field with its old and its new value.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from app.catalog.queries.problems import problems_of
from app.catalog.rules import DRAFT, SUBJECTS, Problem, outside_value
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of

ADDED, CHANGED = "added", "changed"
_BECOMES = {"active": "reinstated", "phase_out": "phased_out", "withdrawn": "withdrawn"}
_NOTHING: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A column's old and new value, ids as integrations see them."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one thing."""

    subject: str
    id: uuid.UUID
    label: str
    name: str
    change: str
    fields: Sequence[FieldChange]
    problems: Sequence[Problem] = field(default_factory=tuple)


_NOWHERE = uuid.UUID(int=0)

# Each branch reads its own partial index of drafts in the order of ids, no further than the page.
_DRAFTS_OF_ALL = " UNION ALL ".join(
    f"(SELECT '{each.kind}' AS subject, id, {each.label} AS label, name, status,"  # noqa: S608
    " to_jsonb(t) AS before, draft AS after"
    f" FROM {each.table} t WHERE manufacturer_id = :manufacturer_id AND draft IS NOT NULL"
    " AND id > :after ORDER BY id LIMIT :rows)"
    for each in SUBJECTS.values()
)
_DRAFTS = text(_DRAFTS_OF_ALL + " ORDER BY id LIMIT :rows")
_COUNTS = text(
    " UNION ALL ".join(
        f"SELECT '{each.kind}' AS subject, count(*) AS changes FROM {each.table}"  # noqa: S608
        " WHERE manufacturer_id = :manufacturer_id AND draft IS NOT NULL"
        for each in SUBJECTS.values()
    )
)
_PUBLISHED = text("""
SELECT n.subject_kind AS subject, n.subject_id AS id, n.change, n.fields, o.content AS before,
       n.content AS after, COALESCE(n.content->>'sku', n.content->>'code') AS label,
       n.content->>'name' AS name
FROM catalog_versions n
LEFT JOIN catalog_versions o ON o.subject_id = n.subject_id AND o.to_number = n.from_number
WHERE n.manufacturer_id = :manufacturer_id AND n.from_number = :number AND n.subject_id > :after
ORDER BY n.subject_id LIMIT :rows
""")


def list_changes(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Change]:
    """What the caller collected for its next publication, with what is wrong with it."""
    own = caller.organization_id
    rows = session.execute(_DRAFTS, _binds(own, page)).all()
    cut = page_of(rows, limit=page.limit, key=lambda row: row.id)
    problems: dict[uuid.UUID, list[Problem]] = {}
    for kind in SUBJECTS:
        ids = [row.id for row in cut.items if row.subject == kind]
        if ids:
            problems |= problems_of(session, manufacturer_id=own, kind=kind, ids=ids)
    return Page([_pending(row, problems.get(row.id, ())) for row in cut.items], cut.next_cursor)


def count_changes(session: DbSession, *, manufacturer_id: uuid.UUID) -> Mapping[str, int]:
    """How many things of each kind the next publication changes."""
    rows = session.execute(_COUNTS, {"manufacturer_id": manufacturer_id})
    return {row.subject: row.changes for row in rows}


def list_published_changes(
    session: DbSession, *, manufacturer_id: uuid.UUID, number: int, page: PageRequest
) -> Page[Change]:
    """What one publication changed."""
    rows = session.execute(_PUBLISHED, {**_binds(manufacturer_id, page), "number": number}).all()
    cut = page_of(rows, limit=page.limit, key=lambda row: row.id)
    return Page([_published(row) for row in cut.items], cut.next_cursor)


def _binds(manufacturer_id: uuid.UUID, page: PageRequest) -> dict[str, Any]:
    after = page.after or _NOWHERE
    return {"manufacturer_id": manufacturer_id, "after": after, "rows": page.limit + 1}


def _pending(row: Any, problems: Sequence[Problem]) -> Change:  # noqa: ANN401 - a row
    name = row.after.get("name", row.name)
    if row.status == DRAFT:
        after = row.before | row.after
        return Change(
            row.subject, row.id, row.label, name, ADDED, _additions(row.subject, after), problems
        )
    fields = _differences(row.before, row.after, row.after)
    change = _BECOMES[row.after["status"]] if "status" in row.after else CHANGED
    return Change(row.subject, row.id, row.label, name, change, fields, problems)


def _published(row: Any) -> Change:  # noqa: ANN401 - a row
    fields = (
        _differences(row.before, row.after, row.fields)
        if row.before
        else _additions(row.subject, row.after)
    )
    return Change(row.subject, row.id, row.label, row.name, row.change, fields)


def _additions(kind: str, after: Mapping[str, Any]) -> list[FieldChange]:
    return [
        FieldChange(name, None, outside_value(name, after[name]))
        for name in SUBJECTS[kind].fields
        if after.get(name) not in _NOTHING
    ]


def _differences(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Iterable[str]
) -> list[FieldChange]:
    return [
        FieldChange(
            name, outside_value(name, before.get(name)), outside_value(name, after.get(name))
        )
        for name in sorted(names)
    ]
