"""Policies, for whom they concern: the operator all; others the network's and their own."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, text, true

from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.infra.listing import page_by_id
from app.kernel.paging import Page, PageRequest
from app.routing.errors import NoRoutingPolicy, PolicyNotFound, ScopeUnknown
from app.routing.models import NETWORK, RoutingPolicy
from app.routing.queries.context import IN_FORCE, SCOPE, known_policy
from app.routing.rules import Policy
from app.routing.rules.policies import PolicyScope
from app.storefronts.errors import StorefrontNotFound
from app.storefronts.models import Storefront

# Who answers for a scope: the shop's owner, the maker of the goods; nobody for a buyer's.
_OWNER = text("""
SELECT owner_id FROM storefronts_storefronts WHERE id = :storefront_id
UNION ALL SELECT id FROM network_organizations
WHERE id = :manufacturer_id AND 'manufacturer' = ANY (kinds)
UNION ALL SELECT manufacturer_id FROM catalog_categories WHERE id = :category_id
UNION ALL SELECT id FROM network_organizations WHERE id = :buyer_id AND 'buyer' = ANY (kinds)
""")
_SUBJECTS = text("""
SELECT id, name FROM storefronts_storefronts WHERE id = ANY (CAST(:ids AS uuid[]))
UNION ALL SELECT id, name FROM network_organizations WHERE id = ANY (CAST(:ids AS uuid[]))
UNION ALL SELECT id, name FROM catalog_categories WHERE id = ANY (CAST(:ids AS uuid[]))
""")
_UNKNOWN = text("""
SELECT w.id FROM unnest(CAST(:ids AS uuid[])) AS w (id)
WHERE NOT EXISTS (SELECT FROM network_organizations o WHERE o.id = w.id)
""")


def list_policies(
    session: DbSession, *, caller: Caller, page: PageRequest, scope: PolicyScope | None = None
) -> Page[RoutingPolicy]:
    """The policies that concern the caller, in all versions; of one scope, when it is named."""
    query = select(RoutingPolicy).where(_seen_by(caller))
    if scope is not None:
        column = getattr(RoutingPolicy, f"{scope.kind}_id", None)
        query = query.where(
            column == scope.subject_id if column is not None else RoutingPolicy.scope_id == NETWORK
        )
    return page_by_id(session, query, key=RoutingPolicy.id, page=page)


def get_policy(session: DbSession, *, caller: Caller, policy_id: uuid.UUID) -> RoutingPolicy:
    """A version.

    Raises:
        PolicyNotFound: there is none that concerns the caller.
    """
    query = select(RoutingPolicy).where(RoutingPolicy.id == policy_id, _seen_by(caller))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise PolicyNotFound
    return found


def require_policy_owner(session: DbSession, *, caller: Caller, scope: PolicyScope) -> None:
    """Refuse to set another's policy: a shop's is its owner's, all others are the operator's.

    Raises:
        StorefrontNotFound, ScopeUnknown, Forbidden.
    """
    if scope.storefront_id is not None:
        owner_id = owner_of_scope(session, scope=scope)
        if owner_id is None or not (caller.is_operator or owner_id == caller.organization_id):
            raise StorefrontNotFound
        return
    caller.require_one_of()
    if scope.subject_id is not None and not _exists(session, scope):
        raise ScopeUnknown(f"There is no such {scope.kind}", scope=scope.kind)


def owner_of_scope(session: DbSession, *, scope: PolicyScope) -> uuid.UUID | None:
    """Whose shop or goods a policy is for; none for the network's and buyers'."""
    if scope.kind in {"network", "buyer"}:
        return None
    return _owner_row(session, scope)


def _exists(session: DbSession, scope: PolicyScope) -> bool:
    return _owner_row(session, scope) is not None


def _owner_row(session: DbSession, scope: PolicyScope) -> uuid.UUID | None:
    found: uuid.UUID | None = session.scalar(
        _OWNER,
        {
            "storefront_id": scope.storefront_id,
            "manufacturer_id": scope.manufacturer_id,
            "category_id": scope.category_id,
            "buyer_id": scope.buyer_id,
        },
    )
    return found


def unknown_organizations(session: DbSession, *, ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Which of these are no organizations."""
    if not ids:
        return []
    return list(session.scalars(_UNKNOWN, {"ids": array_of(ids)}))


def names_of_subjects(session: DbSession, *, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What storefronts, organizations and categories are called."""
    rows = session.execute(_SUBJECTS, {"ids": array_of(ids)})
    return {row.id: row.name for row in rows}


# The version that decided an order first, else the one in force for its shop and buyer.
_OF_ORDER = text(f"""
SELECT * FROM (
    SELECT 0 AS rank, p.id, p.number, p.document, {SCOPE} AS scope
    FROM routing_decisions d JOIN routing_policies p ON p.id = d.policy_id
    WHERE d.order_id = :order_id AND d.attempt = 1
    UNION ALL
    SELECT 1 + (p.buyer_id IS NULL)::integer + (p.storefront_id IS NULL)::integer,
           p.id, p.number, p.document, {SCOPE}
    FROM routing_policies p
    WHERE p.scope_id IN (:buyer_id, :storefront_id, CAST(:network AS uuid)) AND {IN_FORCE}
) found ORDER BY rank LIMIT 1
""")  # noqa: S608 - composed of constants only


def policy_of_order(
    session: DbSession,
    *,
    order_id: uuid.UUID,
    storefront_id: uuid.UUID,
    buyer_id: uuid.UUID,
    now: datetime,
) -> Policy:
    """The version that decided an order when it was placed; of one that none decided, what is now.

    Raises:
        NoRoutingPolicy: none decided it, and none is in force.
    """
    binds = {
        "order_id": order_id,
        "storefront_id": storefront_id,
        "buyer_id": buyer_id,
        "network": NETWORK,
        "now": now,
    }
    row = session.execute(_OF_ORDER, binds).one_or_none()
    if row is None:
        raise NoRoutingPolicy
    return known_policy(row.id, row.number, row.scope, row.document)


def _seen_by(caller: Caller) -> ColumnElement[bool]:
    if caller.is_operator:
        return true()
    own = select(Storefront.id).where(Storefront.owner_id == caller.organization_id)
    return or_(
        RoutingPolicy.scope_id == NETWORK,
        RoutingPolicy.storefront_id.in_(own),
        RoutingPolicy.manufacturer_id == caller.organization_id,
    )
