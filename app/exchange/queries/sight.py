"""What an import needs to know of others: whose variants its rows may name, and how they are told.

Who may read whose catalog is the catalog's to say; here it is only asked for all manufacturers.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Uuid, column, func, select, table, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from app.catalog import queries as catalog_queries
from app.infra.auth import Caller
from app.infra.db import DbSession

_organizations = table(
    "network_organizations", column("id", Uuid()), column("kinds", ARRAY(Text()))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Which variants rows may name: those of these manufacturers, drafts of their own only."""

    manufacturer_ids: Sequence[uuid.UUID]
    organization_id: uuid.UUID


def sight_of(session: DbSession, *, caller: Caller) -> Sight:
    """The manufacturers whose catalogs the caller may read."""
    maker_id: Any = cast("Any", _organizations.c.id)
    query = select(maker_id).where(
        func.array_position(_organizations.c.kinds, "manufacturer").isnot(None),
        catalog_queries.visible_manufacturers(caller, maker_id),
    )
    return Sight(
        manufacturer_ids=session.scalars(query).all(), organization_id=caller.organization_id
    )


def attribute_codes(session: DbSession, *, caller: Caller) -> Sequence[str]:
    """The codes of the caller's attributes."""
    query = text("SELECT code FROM catalog_attributes WHERE manufacturer_id = :id ORDER BY code")
    return session.scalars(query, {"id": caller.organization_id}).all()


def currency_of(session: DbSession, *, price_list_id: uuid.UUID | None) -> str:
    """The currency of a price list; any with two decimals where there is none."""
    query = text("SELECT currency FROM pricing_price_lists WHERE id = :id")
    return session.scalar(query, {"id": price_list_id}) or "XXX"
