"""A list derives its prices from another's, by formulas; an owner says how its lists decide.

Nothing is computed here and nothing rebuilt: formulas are evaluated when somebody asks for a price.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession, insert_rows
from app.infra.editing import refusing
from app.kernel.errors import PreconditionFailed
from app.kernel.ids import new_id
from app.pricing.errors import (
    BaseUnfit,
    BaseUnknown,
    DerivesTooDeep,
    FormulaUnfit,
    NotDerived,
)
from app.pricing.models import PriceFormula, PriceList, PricingSettings
from app.pricing.operations.lists import lock_own_list
from app.pricing.queries.lists import visible

MAX_FORMULAS = 200
_REFUSALS = {"ck_pricing_price_lists_derivation": DerivesTooDeep()}
_DEFAULTS: Mapping[str, Any] = {
    "category_id": None, "brand": None, "attribute": None, "attribute_value": None,
    "factor_bps": 10_000, "add_minor": 0, "round_to_minor": 1, "round_ending_minor": 0,
    "rounding": "nearest", "margin_list_id": None, "minimum_margin_bps": 0,
}  # fmt: skip


def derive_list(
    session: DbSession,
    *,
    caller: Caller,
    price_list_id: uuid.UUID,
    base_list_id: uuid.UUID,
    formulas: Sequence[Mapping[str, Any]],
    now: datetime,
) -> Sequence[PriceFormula]:
    """Have a list of the caller's derive from another one, by these formulas in this order.

    The list keeps entries of its own: they beat what is derived.

    Raises:
        PriceListNotFound: the caller has no such list.
        BaseUnknown: the base, or a margin's list, is none that the caller may read.
        BaseUnfit: it is in another currency, or a margin's list derives itself.
        DerivesTooDeep: the list would derive from itself, or over too many others.
        FormulaUnfit: some formulas do not go together.
    """
    price_list = lock_own_list(session, caller=caller, price_list_id=price_list_id)
    _require_fitting(formulas)
    margins = {each["margin_list_id"] for each in formulas if each.get("margin_list_id")}
    _require_bases(session, caller, price_list, base_list_id, margins)
    with refusing(session, _REFUSALS):
        price_list.base_list_id = base_list_id
        price_list.version += 1
    _replace(session, price_list_id, formulas)
    _note(session, caller, "price_list.derived", price_list_id, now)
    query = select(PriceFormula).where(PriceFormula.price_list_id == price_list_id)
    return session.scalars(query.order_by(PriceFormula.position)).all()


def end_derivation(
    session: DbSession, *, caller: Caller, price_list_id: uuid.UUID, now: datetime
) -> None:
    """Leave a list of the caller's with its own entries alone.

    Raises:
        PriceListNotFound: the caller has no such list.
        NotDerived: it derives from no other.
    """
    price_list = lock_own_list(session, caller=caller, price_list_id=price_list_id)
    if price_list.base_list_id is None:
        raise NotDerived
    price_list.base_list_id = None
    price_list.version += 1
    _replace(session, price_list_id, ())
    _note(session, caller, "price_list.derivation_ended", price_list_id, now)


def choose_strategy(
    session: DbSession, *, caller: Caller, strategy: str, expected_version: int, now: datetime
) -> PricingSettings:
    """Say how the caller's lists decide between them: the first with a price, or the lowest.

    Raises:
        PreconditionFailed: somebody changed it since the caller read it.
    """
    statement = insert(PricingSettings).values(
        owner_id=caller.organization_id, strategy=strategy, version=1
    )
    changed = session.scalars(
        statement.on_conflict_do_update(
            index_elements=[PricingSettings.owner_id],
            set_={"strategy": strategy, "version": PricingSettings.version + 1},
            where=PricingSettings.version == expected_version,
        )
        .returning(PricingSettings)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if changed is None or changed.version != expected_version + 1:
        raise PreconditionFailed
    audit.note(
        session,
        caller=caller,
        action="pricing.strategy_chosen",
        subject_type="org",
        subject_id=caller.organization_id,
        now=now,
        details={"strategy": strategy},
    )
    return changed


def _replace(
    session: DbSession, price_list_id: uuid.UUID, formulas: Sequence[Mapping[str, Any]]
) -> None:
    session.execute(delete(PriceFormula).where(PriceFormula.price_list_id == price_list_id))
    rows = [
        {
            **_DEFAULTS,
            **formula,
            "id": new_id(),
            "price_list_id": price_list_id,
            "position": position,
        }
        for position, formula in enumerate(formulas, start=1)
    ]
    insert_rows(session, PriceFormula, rows)


def _require_fitting(formulas: Sequence[Mapping[str, Any]]) -> None:
    problems = []
    for row, each in enumerate(formulas):
        if (each.get("attribute") is None) != (each.get("attribute_value") is None):
            problems.append(_pointed(row, "attribute_value", "Goes with an attribute"))
        if each.get("round_ending_minor", 0) >= each.get("round_to_minor", 1):
            problems.append(_pointed(row, "round_ending_minor", "Must be less than round_to_minor"))
        if each.get("minimum_margin_bps", 0) and not each.get("margin_list_id"):
            problems.append(
                _pointed(row, "margin_list_id", "Name the list that the margin is kept above")
            )
    if problems:
        raise FormulaUnfit(errors=problems)


def _require_bases(
    session: DbSession,
    caller: Caller,
    price_list: PriceList,
    base_list_id: uuid.UUID,
    margins: set[uuid.UUID],
) -> None:
    wanted = {base_list_id, *margins}
    query = select(PriceList).where(PriceList.id.in_(wanted), visible(caller))
    found = {each.id: each for each in session.scalars(query)}
    if wanted - found.keys():
        raise BaseUnknown
    if any(each.currency != price_list.currency for each in found.values()):
        raise BaseUnfit(f"Both lists must be in {price_list.currency}")
    if any(found[each].base_list_id is not None for each in margins):
        raise BaseUnfit("A margin is kept above a list with entries of its own")


def _pointed(row: int, field: str, message: str) -> dict[str, str]:
    return {"in": "json", "pointer": f"/formulas/{row}/{field}", "message": message}


def _note(
    session: DbSession, caller: Caller, action: str, list_id: uuid.UUID, now: datetime
) -> None:
    audit.note(
        session,
        caller=caller,
        action=action,
        subject_type="price_list",
        subject_id=list_id,
        now=now,
    )
