"""A buyer company draws its tree of units; what hangs on a unit holds for all below it."""

import uuid
from datetime import datetime

from sqlalchemy import select

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import refusing
from app.kernel.ids import new_id
from app.network import queries
from app.network.errors import UnitCodeTaken, UnitNotFound, UnitTooDeep
from app.network.models import Unit

MAX_DEPTH = 10
_REFUSALS = {"uq_network_units_organization_id_code": UnitCodeTaken()}


def create_unit(
    session: DbSession,
    *,
    caller: Caller,
    code: str,
    name: str,
    now: datetime,
    parent_id: uuid.UUID | None = None,
) -> Unit:
    """Add a unit at the root of the caller's tree, or below one of its own.

    Raises:
        UnitNotFound: the parent is none of the caller's.
        UnitTooDeep: the tree would be too deep.
        UnitCodeTaken: another unit has the code.
    """
    above: list[uuid.UUID] = []
    if parent_id is not None:
        parent = queries.get_unit_of(
            session, organization_id=caller.organization_id, unit_id=parent_id
        )
        above = list(parent.path)
    if len(above) >= MAX_DEPTH:
        raise UnitTooDeep
    unit_id = new_id()
    unit = Unit(
        id=unit_id,
        organization_id=caller.organization_id,
        parent_id=parent_id,
        code=code,
        name=name,
        path=[*above, unit_id],
        created_at=now,
    )
    with refusing(session, _REFUSALS):
        session.add(unit)
    _note(session, caller, "unit.created", unit_id, now)
    return unit


def rename_unit(
    session: DbSession, *, caller: Caller, unit_id: uuid.UUID, name: str, now: datetime
) -> Unit:
    """Call a unit of the caller's otherwise.

    Raises:
        UnitNotFound: the caller has none such.
    """
    query = select(Unit).where(Unit.id == unit_id, Unit.organization_id == caller.organization_id)
    unit = session.scalars(query.with_for_update()).one_or_none()
    if unit is None:
        raise UnitNotFound
    unit.name = name
    session.flush()
    _note(session, caller, "unit.renamed", unit_id, now)
    return unit


def _note(
    session: DbSession, caller: Caller, action: str, unit_id: uuid.UUID, now: datetime
) -> None:
    audit.note(
        session, caller=caller, action=action, subject_type="unit", subject_id=unit_id, now=now
    )
