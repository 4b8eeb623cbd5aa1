"""How everything of a catalog is made and changed: directly, or collected for a publication.

What was never published is edited directly; changes of what is published are collected in its
``draft``. Whoever edits holds the manufacturer's catalog together with other editors; whoever
publishes holds it alone (:func:`hold`, :func:`hold_alone`), so that what was validated is what is
published. These locks come before those of rows.
"""

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import select, text

from app.catalog.errors import (
    ChangesInvalid,
    CodeTaken,
    GtinTaken,
    NotAManufacturer,
    NotTheManufacturer,
    SkuTaken,
)
from app.catalog.models import Attribute, Category, Product, Publication, Variant
from app.catalog.queries import problems_of
from app.catalog.rules import ACTIVE, DRAFT, ERROR, SUBJECTS, Problem, require_step
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import edit, refusing
from app.kernel.errors import NotFound
from app.kernel.states import TransitionNotAllowed

Kept = TypeVar("Kept", Attribute, Category, Product, Variant)

_PREMATURE = Problem("successor_premature", "/successor_id")
REFUSALS = {
    "uq_catalog_attributes_manufacturer_id_code": CodeTaken(),
    "uq_catalog_categories_manufacturer_id_code": CodeTaken(),
    "uq_catalog_products_manufacturer_id_code": CodeTaken(),
    "uq_catalog_variants_manufacturer_id_sku": SkuTaken(),
    "uq_catalog_variants_gtin": GtinTaken(),
    "ck_catalog_variants_successor": ChangesInvalid(
        _PREMATURE.message, errors=[{"in": "json", **_PREMATURE.document()}]
    ),
}
# What another collected change may still mend: it is looked at when all are published.
_MENDABLE = frozenset(
    {
        "category_unpublished", "category_in_use", "product_unpublished", "variants_in_sale",
        "option_in_use",
    }
)  # fmt: skip
_SPACE = 0x63617461  # "cata"
_TOGETHER = text("SELECT pg_advisory_xact_lock_shared(:space, hashtext(CAST(:id AS text)))")
_ALONE = text("SELECT pg_advisory_xact_lock(:space, hashtext(CAST(:id AS text)))")


def hold(session: DbSession, *, manufacturer_id: uuid.UUID) -> None:
    """Keep the manufacturer's catalog from being published until the end of the transaction."""
    session.execute(_TOGETHER, {"space": _SPACE, "id": str(manufacturer_id)})


def hold_alone(session: DbSession, *, manufacturer_id: uuid.UUID) -> None:
    """Keep everybody else from editing and publishing until the end of the transaction."""
    session.execute(_ALONE, {"space": _SPACE, "id": str(manufacturer_id)})


def require_manufacturer(caller: Caller) -> None:
    """Refuse who keeps no catalog.

    Raises:
        NotAManufacturer: the caller makes nothing.
    """
    if "manufacturer" not in caller.kinds:
        raise NotAManufacturer


def require_owner(
    caller: Caller, thing: Attribute | Category | Product | Variant | Publication
) -> None:
    """Refuse who is not its manufacturer.

    Raises:
        NotTheManufacturer: it is another's.
    """
    if thing.manufacturer_id != caller.organization_id:
        raise NotTheManufacturer


def own(
    session: DbSession,
    caller: Caller,
    kind: type[Kept],
    thing_id: uuid.UUID,
    missing: type[NotFound],
) -> Kept:
    """A thing of the caller's own catalog.

    Raises:
        NotFound: of the given class, when it is not the caller's.
    """
    thing = session.get(kind, thing_id)
    if thing is None or thing.manufacturer_id != caller.organization_id:
        raise missing
    return thing


def locked(session: DbSession, kind: type[Kept], thing_id: uuid.UUID) -> Kept:
    """A thing, held until the end of the transaction."""
    query = select(kind).where(kind.id == thing_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def beginning(facts: Mapping[str, Any]) -> dict[str, Any]:
    """How a new thing begins: a draft, published with the next publication unless held back."""
    kept_back = facts.get("status") == DRAFT
    return {**facts, "status": DRAFT, "draft": None if kept_back else {"status": ACTIVE}}


def added(session: DbSession, caller: Caller, thing: Kept) -> Kept:
    """Take a new thing into the caller's catalog.

    Raises:
        CodeTaken, SkuTaken, GtinTaken: its identifier is in use.
        ChangesInvalid: its values do not fit.
    """
    hold(session, manufacturer_id=caller.organization_id)
    with refusing(session, REFUSALS):
        session.add(thing)
    _require_fit(session, thing, None)
    return thing


def change(
    session: DbSession, thing: Kept, *, expected_version: int, changes: Mapping[str, Any]
) -> None:
    """Change a thing that was read under lock: directly when never published, else its draft.

    Raises:
        PreconditionFailed: somebody changed it since the caller read it.
        TransitionNotAllowed: its life has no such step.
        ChangesInvalid: its values do not fit.
    """
    columns = _direct(changes) if thing.status == DRAFT else _collected(thing, changes)
    with refusing(session, REFUSALS):
        edit(thing, expected_version=expected_version, changes=columns)
    _require_fit(session, thing, changes)


def _direct(changes: Mapping[str, Any]) -> dict[str, Any]:
    columns = dict(changes)
    target = columns.pop("status", None)
    if target not in {None, DRAFT, ACTIVE}:
        raise TransitionNotAllowed(f"It was never published: it cannot be {target}")
    if target is not None:
        columns["draft"] = None if target == DRAFT else {"status": ACTIVE}
    return columns


def _collected(thing: Kept, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The draft with the changes; what becomes as it is again leaves it."""
    target = changes.get("status", thing.status)
    if target != thing.status:
        require_step(thing.status, target)
    draft = dict(thing.draft or {}) | _plain(changes)
    if target == ACTIVE and getattr(thing, "successor_id", None):
        draft.setdefault("successor_id", None)
    differing = {
        name: value
        for name, value in draft.items()
        if value != _plain({name: getattr(thing, name)})[name]
    }
    return {"draft": differing or None}


def _plain(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, uuid.UUID) else value
        for name, value in columns.items()
    }


def _require_fit(session: DbSession, thing: Kept, changed: Mapping[str, Any] | None) -> None:
    kind = next(name for name, each in SUBJECTS.items() if each.table == thing.__tablename__)
    found = problems_of(
        session, manufacturer_id=thing.manufacturer_id, kind=kind, ids=[thing.id]
    ).get(thing.id, [])
    wrong = [
        problem
        for problem in found
        if problem.severity == ERROR
        and problem.code not in _MENDABLE
        and _concerns(problem, changed)
    ]
    if wrong:
        raise ChangesInvalid(
            "; ".join(f"{each.pointer}: {each.message}" for each in wrong[:3]),
            errors=[{"in": "json", **each.document()} for each in wrong],
        )


def _concerns(problem: Problem, changed: Mapping[str, Any] | None) -> bool:
    """What was wrong before does not keep anybody from mending something else."""
    if changed is None:
        return True
    field = problem.pointer.split("/")[1]
    return field in changed or (field == "successor_id" and "status" in changed)
