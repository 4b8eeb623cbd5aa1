"""Storefronts, their pools, and who may look inside.

``open``: everybody may look. ``closed`` and ``restricted``: the owner, the pool's sellers and those
with an active trading account; whoever else asks does not find it.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Text, Uuid, column, exists, or_, select, table

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of
from app.storefronts.errors import StorefrontNotFound
from app.storefronts.models import PoolSeller, Storefront

# The network's table, named here only: the question "who may look" must stay one statement.
_accounts = table(
    "network_trading_accounts",
    column("seller_id", Uuid()), column("buyer_id", Uuid()), column("status", Text()),
)  # fmt: skip


def get_storefront(session: DbSession, *, storefront_id: uuid.UUID) -> Storefront:
    """A storefront by id, whoever asks: for rules of other domains.

    Raises:
        StorefrontNotFound: there is none.
    """
    storefront = session.get(Storefront, storefront_id)
    if storefront is None:
        raise StorefrontNotFound
    return storefront


def see_storefront(session: DbSession, *, caller: Caller, storefront_id: uuid.UUID) -> Storefront:
    """A storefront that the caller may look into.

    Raises:
        StorefrontNotFound: there is none, or none that it may know of.
    """
    query = select(Storefront).where(Storefront.id == storefront_id, _visible(caller))
    storefront = session.scalars(query).one_or_none()
    if storefront is None:
        raise StorefrontNotFound
    return storefront


def find_by_slug(session: DbSession, *, slug: str) -> Storefront | None:
    """The storefront with a slug."""
    return session.scalars(select(Storefront).where(Storefront.slug == slug)).one_or_none()


def list_storefronts(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Storefront]:
    """The storefronts that the caller may look into."""
    query = select(Storefront).where(_visible(caller))
    if page.after:
        query = query.where(Storefront.id > page.after)
    rows = session.scalars(query.order_by(Storefront.id).limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda storefront: storefront.id)


def list_open_storefronts(session: DbSession, *, limit: int) -> Sequence[Storefront]:
    """The storefronts that anybody may look into."""
    query = select(Storefront).where(Storefront.is_active, Storefront.access == "open")
    return session.scalars(query.order_by(Storefront.id).limit(limit)).all()


def list_pool(session: DbSession, *, storefront_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """The sellers that may fulfil a storefront's orders."""
    return session.scalars(
        select(PoolSeller.seller_id)
        .where(PoolSeller.storefront_id == storefront_id)
        .order_by(PoolSeller.seller_id)
    ).all()


def _visible(caller: Caller) -> ColumnElement[bool]:
    if caller.is_operator:
        return Storefront.id.is_not(None)
    own = caller.organization_id
    return or_(
        Storefront.owner_id == own,
        Storefront.is_active & (Storefront.access == "open"),
        Storefront.is_active
        & or_(
            exists().where(PoolSeller.storefront_id == Storefront.id, PoolSeller.seller_id == own),
            exists().where(
                _accounts.c.seller_id == Storefront.owner_id,
                _accounts.c.buyer_id == own,
                _accounts.c.status == "active",
            ),
        ),
    )
