"""A seller keeps its price lists and says to whom they apply."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select, text

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import edit, refusing
from app.kernel.ids import new_id
from app.network.rules import SELLING_KINDS
from app.pricing.errors import (
    AssigneeUnknown,
    AssignmentNotFound,
    CorridorUnfit,
    DerivesTooDeep,
    ListEndsTooSoon,
    NotASeller,
    OnlySaleListsAreAssigned,
    PriceListNotFound,
)
from app.pricing.models import PriceAssignment, PriceList
from app.pricing.rules import SALE

_DEALT_WITH = ("storefront_id", "buyer_id", "unit_id", "territory_id")
_REFUSALS = {
    "ck_pricing_price_lists_period": ListEndsTooSoon(),
    "ck_pricing_price_lists_corridor": CorridorUnfit(),
    "ck_pricing_price_lists_derivation": DerivesTooDeep(),
}

# A seller deals with storefronts that it owns or sells in, with the buyers of their owners and with
# these buyers' units; it knows the territories that it drew or that its agreements speak of.
_DEALS_WITH = text("""
WITH shop AS (
    SELECT s.id, s.owner_id FROM storefronts_storefronts s
    WHERE s.owner_id = :seller_id OR EXISTS (
        SELECT FROM storefronts_pool_sellers p
        WHERE p.storefront_id = s.id AND p.seller_id = :seller_id
    )
)
SELECT (CAST(:storefront_id AS uuid) IS NULL OR EXISTS (
           SELECT FROM shop WHERE id = CAST(:storefront_id AS uuid)
       ))
   AND (CAST(:buyer_id AS uuid) IS NULL OR EXISTS (
           SELECT FROM network_trading_accounts a
           WHERE a.buyer_id = CAST(:buyer_id AS uuid)
             AND (a.seller_id = :seller_id OR a.seller_id IN (SELECT owner_id FROM shop))
       ))
   AND (CAST(:unit_id AS uuid) IS NULL OR EXISTS (
           SELECT FROM network_units u
           JOIN network_trading_accounts a ON a.buyer_id = u.organization_id
           WHERE u.id = CAST(:unit_id AS uuid)
             AND u.organization_id = COALESCE(CAST(:buyer_id AS uuid), u.organization_id)
             AND (a.seller_id = :seller_id OR a.seller_id IN (SELECT owner_id FROM shop))
       ))
   AND (CAST(:territory_id AS uuid) IS NULL OR EXISTS (
           SELECT FROM network_territories t
           WHERE t.id = CAST(:territory_id AS uuid) AND (
               t.owner_id = :seller_id
               OR t.id IN (
                   SELECT at.territory_id FROM network_agreements ag
                   JOIN network_agreement_terms at ON at.agreement_id = ag.id
                   WHERE :seller_id IN (ag.grantee_id, ag.grantor_id) AND ag.status = 'active'
               ))
       ))
""")


def create_price_list(
    session: DbSession, *, caller: Caller, facts: Mapping[str, Any], now: datetime
) -> PriceList:
    """Open a price list of the caller's.

    Raises:
        NotASeller: the caller sells nothing.
        ListEndsTooSoon: it would end before it begins.
    """
    if not SELLING_KINDS & caller.kinds:
        raise NotASeller
    price_list = PriceList(owner_id=caller.organization_id, created_at=now, version=1, **facts)
    with refusing(session, _REFUSALS):
        session.add(price_list)
    _note(session, caller, "price_list.created", price_list.id, now)
    return price_list


def update_price_list(
    session: DbSession,
    *,
    caller: Caller,
    price_list_id: uuid.UUID,
    expected_version: int,
    changes: Mapping[str, Any],
    now: datetime,
) -> PriceList:
    """Change the name or the validity of a list of the caller's.

    Raises:
        PriceListNotFound: the caller has no such list.
        PreconditionFailed: somebody changed it since the caller read it.
        ListEndsTooSoon: it would end before it begins.
    """
    price_list = lock_own_list(session, caller=caller, price_list_id=price_list_id)
    with refusing(session, _REFUSALS):
        edit(price_list, expected_version=expected_version, changes=changes)
    _note(session, caller, "price_list.changed", price_list_id, now)
    return price_list


def create_assignment(
    session: DbSession,
    *,
    caller: Caller,
    price_list_id: uuid.UUID,
    facts: Mapping[str, Any],
    now: datetime,
) -> PriceAssignment:
    """Say to whom a sale list of the caller's applies.

    Raises:
        PriceListNotFound: the caller has no such list.
        OnlySaleListsAreAssigned: it is another kind of list.
        AssigneeUnknown: the caller does not deal with the storefront, buyer, unit or territory.
    """
    price_list = lock_own_list(session, caller=caller, price_list_id=price_list_id)
    if price_list.purpose != SALE:
        raise OnlySaleListsAreAssigned
    _require_dealings(session, caller, facts)
    assignment = PriceAssignment(id=new_id(), price_list_id=price_list_id, **facts)
    session.add(assignment)
    session.flush()
    _note(session, caller, "price_list.assigned", price_list_id, now)
    return assignment


def delete_assignment(
    session: DbSession, *, caller: Caller, assignment_id: uuid.UUID, now: datetime
) -> None:
    """End an assignment of a list of the caller's.

    Raises:
        AssignmentNotFound: the caller has none such.
    """
    gone = session.execute(
        delete(PriceAssignment)
        .where(
            PriceAssignment.id == assignment_id,
            PriceAssignment.owner_id == caller.organization_id,
        )
        .returning(PriceAssignment.price_list_id)
    ).scalar_one_or_none()
    if gone is None:
        raise AssignmentNotFound
    _note(session, caller, "price_list.unassigned", gone, now)


def lock_own_list(session: DbSession, *, caller: Caller, price_list_id: uuid.UUID) -> PriceList:
    """A list of the caller's, held until the end of the transaction.

    Raises:
        PriceListNotFound: the caller has no such list.
    """
    return _hold(session, _own(caller, price_list_id).with_for_update())


def share_own_list(session: DbSession, *, caller: Caller, price_list_id: uuid.UUID) -> PriceList:
    """A list of the caller's that nobody changes until the end of the transaction.

    Others may write entries of it; those that could contradict each other wait for each other.

    Raises:
        PriceListNotFound: the caller has no such list.
    """
    return _hold(session, _own(caller, price_list_id).with_for_update(read=True))


def _own(caller: Caller, price_list_id: uuid.UUID) -> Select[PriceList]:
    return select(PriceList).where(
        PriceList.id == price_list_id, PriceList.owner_id == caller.organization_id
    )


def _hold(session: DbSession, query: Select[PriceList]) -> PriceList:
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise PriceListNotFound
    return found


def _require_dealings(session: DbSession, caller: Caller, facts: Mapping[str, Any]) -> None:
    named = {name: facts.get(name) for name in _DEALT_WITH}
    if not any(named.values()):
        return
    if not session.scalar(_DEALS_WITH, {"seller_id": caller.organization_id, **named}):
        raise AssigneeUnknown


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
