"""An organization keeps its assortments; whoever is bound by one is told when it changes."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text

from app.assortments import queries
from app.assortments.errors import (
    AssortmentInUse,
    AssortmentNotFound,
    ListTooLong,
    NameTaken,
    SelectionUnknown,
)
from app.assortments.events import AssortmentChanged
from app.assortments.models import Assortment, AssortmentRule
from app.assortments.rules import LISTS, MAX_LISTED, Lists, RuleDraft, problems_of_lists
from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.infra.editing import edit, refusing
from app.infra.unit_of_work import record
from app.kernel.ids import new_id
from app.kernel.paging import PageRequest

SAMPLE = 50
_REFUSALS = {"uq_assortments_assortments_owner_id_name": NameTaken()}
_NAMED = (
    ("manufacturer_ids", queries.unknown_manufacturers),
    ("category_ids", queries.unknown_categories),
)

_PUT = text("""
INSERT INTO assortments_items AS i (assortment_id, variant_id, included)
SELECT :assortment_id, variant_id, included
FROM unnest(CAST(:variant_ids AS uuid[]), CAST(:included AS boolean[])) AS w (variant_id, included)
ON CONFLICT (assortment_id, variant_id) DO UPDATE SET included = EXCLUDED.included
WHERE i.included <> EXCLUDED.included
""")

_REMOVE = text("""
DELETE FROM assortments_items
WHERE assortment_id = :assortment_id AND variant_id = ANY (CAST(:variant_ids AS uuid[]))
""")


def create_assortment(
    session: DbSession,
    *,
    caller: Caller,
    name: str,
    description: str,
    rules: Sequence[RuleDraft],
    lists: Lists,
    now: datetime,
) -> Assortment:
    """Make an assortment of the caller's.

    Raises:
        NameTaken: another one of the caller's has the name.
        SelectionUnknown: it names what the caller does not know of.
    """
    made = _written(session, caller, name, description, rules, lists, now)
    _note(session, caller, "created", made.id, now)
    return made


def update_assortment(
    session: DbSession,
    *,
    caller: Caller,
    assortment_id: uuid.UUID,
    expected_version: int,
    changes: Mapping[str, Any],
    now: datetime,
) -> Assortment:
    """Change the name, the description or all rules, of the version that was read.

    Raises:
        AssortmentNotFound: the caller has no such assortment.
        PreconditionFailed: somebody changed it since the caller read it.
        NameTaken: another one of the caller's has the name.
        SelectionUnknown: it names what the caller does not know of.
    """
    assortment = _locked(session, caller, assortment_id)
    facts = dict(changes) | {"changed_at": now}
    rules = facts.pop("rules", None)
    with refusing(session, _REFUSALS):
        edit(assortment, expected_version=expected_version, changes=facts)
    if rules is not None:
        _require_known_rules(session, caller, rules)
        session.execute(delete(AssortmentRule).where(AssortmentRule.assortment_id == assortment_id))
        _write_rules(session, assortment_id, rules)
        _tell(session, assortment, now)
    _note(session, caller, "changed", assortment_id, now, {"changed": sorted(changes)})
    return assortment


def edit_items(
    session: DbSession,
    *,
    caller: Caller,
    assortment_id: uuid.UUID,
    expected_version: int,
    lists: Lists,
    now: datetime,
) -> Assortment:
    """Include, exclude or forget variants by name, of the version that was read.

    Raises:
        AssortmentNotFound: the caller has no such assortment.
        PreconditionFailed: somebody changed it since the caller read it.
        SelectionUnknown: a variant that the caller does not know of, or one named twice.
        ListTooLong: more variants than an assortment lists.
    """
    assortment = _locked(session, caller, assortment_id)
    edit(assortment, expected_version=expected_version, changes={"changed_at": now})
    session.flush()
    _write_lists(session, caller, assortment_id, lists)
    _tell(session, assortment, now)
    counts = {name: len(getattr(lists, name)) for name in LISTS}
    _note(session, caller, "items_changed", assortment_id, now, counts)
    return assortment


def delete_assortment(
    session: DbSession, *, caller: Caller, assortment_id: uuid.UUID, now: datetime
) -> None:
    """Forget an assortment that nothing uses.

    Raises:
        AssortmentNotFound: the caller has no such assortment.
        AssortmentInUse: agreements, storefronts or accounts name it.
    """
    assortment = _locked(session, caller, assortment_id)
    uses = queries.uses_of(session, assortment_id=assortment_id)
    if any(uses.values()):
        raise AssortmentInUse(uses=dict(uses))
    session.delete(assortment)
    session.flush()
    _note(session, caller, "deleted", assortment_id, now)


def preview(
    session: DbSession,
    *,
    caller: Caller,
    rules: Sequence[RuleDraft],
    lists: Lists,
    now: datetime,
) -> queries.Preview:
    """What an assortment would select, without keeping it.

    It is written and taken back, so that the same function answers as for a kept one.

    Raises:
        SelectionUnknown: it names what the caller does not know of.
        ListTooLong: more variants than an assortment lists.
    """
    kept = session.begin_nested()
    try:
        draft = _written(session, caller, f"preview {new_id()}", "", rules, lists, now)
        return look(session, caller=caller, assortment_id=draft.id)
    finally:
        kept.rollback()


def look(session: DbSession, *, caller: Caller, assortment_id: uuid.UUID) -> queries.Preview:
    """How many variants an assortment selects, and the first of them."""
    page = PageRequest(limit=SAMPLE)
    found = queries.list_members(session, caller=caller, assortment_id=assortment_id, page=page)
    if found.next_cursor is None:
        return queries.Preview(count=len(found.items), sample=found.items)
    count = queries.count_members(session, caller=caller, assortment_id=assortment_id)
    return queries.Preview(count=count, sample=found.items)


def _written(
    session: DbSession,
    caller: Caller,
    name: str,
    description: str,
    rules: Sequence[RuleDraft],
    lists: Lists,
    now: datetime,
) -> Assortment:
    _require_known_rules(session, caller, rules)
    assortment = Assortment(
        owner_id=caller.organization_id,
        name=name,
        description=description,
        created_at=now,
        changed_at=now,
        version=1,
    )
    with refusing(session, _REFUSALS):
        session.add(assortment)
    _write_rules(session, assortment.id, rules)
    _write_lists(session, caller, assortment.id, lists)
    return assortment


def _write_rules(session: DbSession, assortment_id: uuid.UUID, rules: Sequence[RuleDraft]) -> None:
    session.add_all(
        AssortmentRule(
            assortment_id=assortment_id,
            position=position,
            manufacturer_ids=list(rule.manufacturer_ids),
            category_ids=list(rule.category_ids),
            brands=list(rule.brands),
            attributes={name: list(among) for name, among in rule.attributes.items()},
            statuses=list(rule.statuses),
        )
        for position, rule in enumerate(rules)
    )
    session.flush()


def _write_lists(
    session: DbSession, caller: Caller, assortment_id: uuid.UUID, lists: Lists
) -> None:
    _require_known_lists(session, caller, lists)
    if lists.remove_ids:
        removed = {"assortment_id": assortment_id, "variant_ids": array_of(lists.remove_ids)}
        session.execute(_REMOVE, removed)
    wanted = [*lists.include_ids, *lists.exclude_ids]
    if not wanted:
        return
    included = ["true"] * len(lists.include_ids) + ["false"] * len(lists.exclude_ids)
    session.execute(
        _PUT,
        {
            "assortment_id": assortment_id,
            "variant_ids": array_of(wanted),
            "included": array_of(included),
        },
    )
    listed = queries.listed_of(session, assortment_ids=[assortment_id]).get(assortment_id, (0, 0))
    if sum(listed) > MAX_LISTED:
        raise ListTooLong(listed=sum(listed), limit=MAX_LISTED)


def _require_known_lists(session: DbSession, caller: Caller, lists: Lists) -> None:
    problems = problems_of_lists(lists)
    wanted = {"include_ids": lists.include_ids, "exclude_ids": lists.exclude_ids}
    named = [each for among in wanted.values() for each in among]
    unknown = queries.unknown_variants(session, caller=caller, variant_ids=named)
    for name, among in wanted.items():
        problems += _located(f"/{name}", among, unknown)
    _refuse(problems)


def _require_known_rules(session: DbSession, caller: Caller, rules: Sequence[RuleDraft]) -> None:
    problems: list[dict[str, str]] = []
    for name, ask in _NAMED:
        named = {each for rule in rules for each in getattr(rule, name)}
        unknown = _ask(session, caller, name, list(named), ask)
        for index, rule in enumerate(rules):
            problems += _located(f"/rules/{index}/{name}", getattr(rule, name), unknown)
    _refuse(problems)


def _ask(
    session: DbSession,
    caller: Caller,
    name: str,
    ids: list[uuid.UUID],
    ask: Callable[..., set[uuid.UUID]],
) -> set[uuid.UUID]:
    return ask(session, caller=caller, **{name: ids})


def _located(
    pointer: str, ids: Sequence[uuid.UUID], unknown: set[uuid.UUID]
) -> list[dict[str, str]]:
    return [
        {"pointer": f"{pointer}/{index}", "message": "You know of no such thing"}
        for index, each in enumerate(ids)
        if each in unknown
    ]


def _refuse(problems: list[dict[str, str]]) -> None:
    if problems:
        where = problems[0]
        raise SelectionUnknown(f"{where['pointer']}: {where['message']}", errors=problems[:100])


def _locked(session: DbSession, caller: Caller, assortment_id: uuid.UUID) -> Assortment:
    query = select(Assortment).where(
        Assortment.id == assortment_id, Assortment.owner_id == caller.organization_id
    )
    options = {"populate_existing": True}
    found = session.scalars(query.with_for_update(), execution_options=options).one_or_none()
    if found is None:
        raise AssortmentNotFound
    return found


def _tell(session: DbSession, assortment: Assortment, now: datetime) -> None:
    concerned = queries.concerned_by(session, assortment_id=assortment.id)
    record(
        session,
        AssortmentChanged(
            happened_at=now,
            audience=(assortment.owner_id, *concerned),
            assortment_id=assortment.id,
            version=assortment.version,
        ),
    )


def _note(
    session: DbSession,
    caller: Caller,
    action: str,
    assortment_id: uuid.UUID,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    audit.note(
        session,
        caller=caller,
        action=f"assortment.{action}",
        subject_type="asmt",
        subject_id=assortment_id,
        now=now,
        details=details,
    )
