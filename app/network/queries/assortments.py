"""Whose an assortment is: that table lies layers up, and only its owner is read of it."""

import uuid

from sqlalchemy import Uuid, column, select, table

from app.infra.db import DbSession
from app.network.errors import AssortmentUnfit

_assortments = table("assortments_assortments", column("id", Uuid()), column("owner_id", Uuid()))


def require_assortment(
    session: DbSession, *, assortment_id: uuid.UUID, owner_id: uuid.UUID
) -> None:
    """Refuse an assortment that is not this organization's.

    Raises:
        AssortmentUnfit: it has none such.
    """
    query = select(_assortments.c.id).where(
        _assortments.c.id == assortment_id, _assortments.c.owner_id == owner_id
    )
    if session.scalar(query) is None:
        raise AssortmentUnfit
