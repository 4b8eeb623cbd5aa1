"""A manufacturer keeps its tree of categories; whatever lies below a category moves with it."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from app.catalog import queries
from app.catalog.errors import CategoryNotFound, ChangesInvalid
from app.catalog.models import Category
from app.catalog.operations.editing import (
    added,
    beginning,
    change,
    hold,
    locked,
    own,
    require_manufacturer,
    require_owner,
)
from app.catalog.rules import DRAFT, Problem
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.ids import new_id

# Paths above the moved category are cut off, the new parent's put before.
_MOVE = text("""
UPDATE catalog_categories SET
    path = CAST(:above AS uuid[]) || path[array_position(path, :id) :],
    parent_id = CASE WHEN id = :id THEN CAST(:parent_id AS uuid) ELSE parent_id END
WHERE path @> ARRAY[CAST(:id AS uuid)]
""")


def create_category(session: DbSession, *, caller: Caller, facts: Mapping[str, Any]) -> Category:
    """Add a category at the root of the caller's tree, or below one of its own.

    Raises:
        NotAManufacturer: the caller is none.
        CategoryNotFound: the parent is none of the caller's.
        CodeTaken: the caller uses the code already.
    """
    require_manufacturer(caller)
    hold(session, manufacturer_id=caller.organization_id)
    category_id = new_id()
    above = _path_of(session, caller, facts.get("parent_id"))
    category = Category(
        id=category_id,
        manufacturer_id=caller.organization_id,
        path=[*above, category_id],
        version=1,
        **beginning(facts),
    )
    return added(session, caller, category)


def update_category(
    session: DbSession,
    *,
    caller: Caller,
    category_id: uuid.UUID,
    expected_version: int,
    changes: Mapping[str, Any],
) -> Category:
    """Rename or move a category of the caller's, with all below it.

    Raises:
        CategoryNotFound: there is none that the caller may know of, or no such parent.
        NotTheManufacturer: it is another's.
        PreconditionFailed: somebody changed it since the caller read it.
        ChangesInvalid: it would lie below itself.
    """
    require_owner(caller, queries.get_category(session, caller=caller, category_id=category_id))
    hold(session, manufacturer_id=caller.organization_id)
    category = locked(session, Category, category_id)
    rest = dict(changes)
    if "parent_id" in changes:
        above = _path_of(session, caller, changes["parent_id"])
        if category.status == DRAFT:
            _move(session, category, rest.pop("parent_id"), above)
    change(session, category, expected_version=expected_version, changes=rest)
    return category


def _path_of(session: DbSession, caller: Caller, category_id: uuid.UUID | None) -> list[uuid.UUID]:
    if category_id is None:
        return []
    return own(session, caller, Category, category_id, CategoryNotFound).path


def _move(
    session: DbSession, category: Category, parent_id: uuid.UUID | None, above: list[uuid.UUID]
) -> None:
    """Move a category that was never published, and what never was below it, at once."""
    if category.id in above:
        cycle = Problem("category_cycle", "/parent_id")
        raise ChangesInvalid(cycle.message, errors=[{"in": "json", **cycle.document()}])
    binds = {"id": category.id, "parent_id": parent_id, "above": above}
    session.execute(_MOVE, binds)
    session.refresh(category)
