"""The formulas of derived lists, and how owners' lists decide between them."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.pricing.errors import PriceListNotFound
from app.pricing.models import PriceFormula, PricingSettings
from app.pricing.queries.lists import get_price_list
from app.pricing.rules import FIRST


def list_formulas(
    session: DbSession, *, caller: Caller, price_list_id: uuid.UUID
) -> Sequence[PriceFormula]:
    """The formulas of a list of the caller's, in their order.

    Raises:
        PriceListNotFound: there is none that is the caller's.
    """
    found = get_price_list(session, caller=caller, price_list_id=price_list_id)
    if not caller.is_operator and found.owner_id != caller.organization_id:
        raise PriceListNotFound
    query = select(PriceFormula).where(PriceFormula.price_list_id == price_list_id)
    return session.scalars(query.order_by(PriceFormula.position)).all()


def get_settings(session: DbSession, *, caller: Caller) -> PricingSettings:
    """How the caller's lists decide between them."""
    found = session.get(PricingSettings, caller.organization_id)
    if found is None:
        return PricingSettings(owner_id=caller.organization_id, strategy=FIRST, version=0)
    return found
