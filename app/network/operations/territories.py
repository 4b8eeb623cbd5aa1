"""Territories: named sets of areas. What an agreement speaks of is not redrawn."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Exists, delete, exists, insert, or_, select

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.ids import new_id
from app.network import queries
from app.network.errors import TerritoryInUse
from app.network.models import Agreement, AgreementTerms, Exclusivity, Territory, TerritoryArea
from app.network.rules import Area, require_areas


def create_territory(
    session: DbSession, *, caller: Caller, name: str, areas: Sequence[Area], now: datetime
) -> Territory:
    """Draw a territory of the caller's organization.

    Raises:
        AreaInvalid: something that is no place.
    """
    require_areas(areas)
    territory = Territory(owner_id=caller.organization_id, name=name)
    session.add(territory)
    session.flush()
    _draw(session, territory.id, areas)
    _note(session, caller, "territory.created", territory.id, now)
    return territory


def redraw_territory(
    session: DbSession,
    *,
    caller: Caller,
    territory_id: uuid.UUID,
    name: str,
    areas: Sequence[Area],
    now: datetime,
) -> Territory:
    """Replace the name and areas of a territory that only drafts speak of.

    Raises:
        TerritoryNotFound, Forbidden: it is not the caller's.
        TerritoryInUse: the other party relies on it.
        AreaInvalid: something that is no place.
    """
    territory = queries.get_territory(session, caller=caller, territory_id=territory_id)
    caller.require_one_of(territory.owner_id)
    require_areas(areas)
    if session.scalar(select(_is_agreed(territory_id))):
        raise TerritoryInUse
    territory.name = name
    session.execute(delete(TerritoryArea).where(TerritoryArea.territory_id == territory_id))
    _draw(session, territory_id, areas)
    _note(session, caller, "territory.redrawn", territory_id, now)
    return territory


def _is_agreed(territory_id: uuid.UUID) -> Exists:
    return exists().where(
        AgreementTerms.agreement_id == Agreement.id,
        Agreement.status != "draft",
        or_(
            AgreementTerms.territory_id == territory_id,
            exists().where(
                Exclusivity.terms_id == AgreementTerms.id,
                Exclusivity.territory_id == territory_id,
            ),
        ),
    )


def _draw(session: DbSession, territory_id: uuid.UUID, areas: Sequence[Area]) -> None:
    rows = [{"id": new_id(), "territory_id": territory_id, **asdict(area)} for area in areas]
    session.execute(insert(TerritoryArea), rows)


def _note(
    session: DbSession, caller: Caller, action: str, territory_id: uuid.UUID, now: datetime
) -> None:
    audit.note(
        session,
        caller=caller,
        action=action,
        subject_type="terr",
        subject_id=territory_id,
        now=now,
    )
