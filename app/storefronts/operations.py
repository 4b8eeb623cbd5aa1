"""Open, edit and stock a storefront with sellers."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.assortments import queries as assortments_queries
from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.kernel.errors import NotFound, PreconditionFailed
from app.network import queries as network_queries
from app.network.rules import SELLING_KINDS
from app.storefronts import queries
from app.storefronts.errors import AssortmentUnfit, SellerUnfit, SlugTaken
from app.storefronts.events import PoolChanged, StorefrontOpened
from app.storefronts.models import PoolSeller, Storefront


def create_storefront(
    session: DbSession, *, caller: Caller, facts: Mapping[str, Any], now: datetime
) -> Storefront:
    """Open a storefront of the caller's organization.

    Raises:
        SlugTaken: another storefront has the slug.
        SellerUnfit: the organization does not sell.
        AssortmentUnfit: the assortment is not the owner's.
    """
    if not caller.kinds & SELLING_KINDS:
        raise SellerUnfit("Storefronts belong to organizations that sell")
    if queries.find_by_slug(session, slug=facts["slug"]) is not None:
        raise SlugTaken
    _require_assortment(session, caller.organization_id, facts)
    storefront = Storefront(owner_id=caller.organization_id, created_at=now, **facts)
    session.add(storefront)
    session.flush()
    session.refresh(storefront)
    record(
        session,
        StorefrontOpened(
            happened_at=now,
            audience=(storefront.owner_id,),
            storefront_id=storefront.id,
            slug=storefront.slug,
        ),
    )
    _note(session, caller, "storefront.created", storefront.id, now)
    return storefront


def edit_storefront(
    session: DbSession,
    *,
    caller: Caller,
    storefront_id: uuid.UUID,
    version: int,
    changes: Mapping[str, Any],
    now: datetime,
) -> Storefront:
    """Change what is given, of the version that was read.

    Raises:
        StorefrontNotFound, Forbidden: it is not the caller's.
        PreconditionFailed: it was changed since.
        AssortmentUnfit: the assortment is not the owner's.
    """
    storefront = _own(session, caller, storefront_id)
    if storefront.version != version:
        raise PreconditionFailed
    _require_assortment(session, storefront.owner_id, changes)
    for name, value in changes.items():
        setattr(storefront, name, value)
    storefront.version += 1
    session.flush()
    _note(session, caller, "storefront.edited", storefront_id, now, {"changed": sorted(changes)})
    return storefront


def set_pool(
    session: DbSession,
    *,
    caller: Caller,
    storefront_id: uuid.UUID,
    seller_ids: Collection[uuid.UUID],
    now: datetime,
) -> None:
    """Say which sellers may fulfil the storefront's orders; others leave.

    Raises:
        StorefrontNotFound, Forbidden: it is not the caller's.
        SellerUnfit: an organization that does not sell, or does not exist.
    """
    storefront = _own(session, caller, storefront_id)
    wanted, present = set(seller_ids), set(queries.list_pool(session, storefront_id=storefront_id))
    added, removed = sorted(wanted - present), sorted(present - wanted)
    _require_sellers(session, added)
    if added:
        rows = [{"storefront_id": storefront_id, "seller_id": each} for each in added]
        session.execute(insert(PoolSeller).on_conflict_do_nothing(), rows)
    session.execute(
        delete(PoolSeller).where(
            PoolSeller.storefront_id == storefront_id, PoolSeller.seller_id.in_(removed)
        )
    )
    record(
        session,
        PoolChanged(
            happened_at=now,
            audience=(storefront.owner_id, *added, *removed),
            storefront_id=storefront_id,
            added=tuple(added),
            removed=tuple(removed),
        ),
    )
    sellers = {"added": [str(each) for each in added], "removed": [str(each) for each in removed]}
    _note(session, caller, "storefront.pool_changed", storefront_id, now, sellers)


def _require_assortment(session: DbSession, owner_id: uuid.UUID, facts: Mapping[str, Any]) -> None:
    assortment_id = facts.get("assortment_id")
    if assortment_id is None:
        return
    try:
        assortments_queries.require_owned(session, assortment_id=assortment_id, owner_id=owner_id)
    except NotFound as unknown:
        raise AssortmentUnfit from unknown


def _require_sellers(session: DbSession, organization_ids: Collection[uuid.UUID]) -> None:
    found = network_queries.kinds_of(session, organization_ids=organization_ids)
    unfit = [each for each in organization_ids if not SELLING_KINDS & set(found.get(each, ()))]
    if unfit:
        raise SellerUnfit(sellers=[str(each) for each in unfit])


def _own(session: DbSession, caller: Caller, storefront_id: uuid.UUID) -> Storefront:
    """The storefront under its row lock, when it is the caller's to change."""
    storefront = queries.see_storefront(session, caller=caller, storefront_id=storefront_id)
    caller.require_one_of(storefront.owner_id)
    session.refresh(storefront, with_for_update=True)
    return storefront


def _note(
    session: DbSession,
    caller: Caller,
    action: str,
    storefront_id: uuid.UUID,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    audit.note(
        session,
        caller=caller,
        action=action,
        subject_type="shop",
        subject_id=storefront_id,
        now=now,
        details=details,
    )
