"""Who looks into which storefront, as which buyer, from where: the beginning of every answer.

A visitor without a key looks into open storefronts. A buyer with an active account sees what that
account entitles it to; without one it is a visitor. The storefront's owner (and the operator) look
as any buyer with an account. Whoever may not look does not find the storefront.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.discovery.errors import BuyerNotNamed, BuyerWithoutAccount
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.storefronts.errors import StorefrontNotFound

# Whose goods can be seen here at all: everything else need not be looked at. A superset of what
# is entitled, for speed alone.
_LOOK = text(
    """
SELECT s.id, s.owner_id, s.name, s.slug, s.currency, s.access,
       a.customer_group, a.id IS NOT NULL AS has_account,
       p.country, p.subdivision, p.postal_code, p.latitude, p.longitude,
       ARRAY(
           SELECT CAST(id AS text) FROM (
               SELECT g.manufacturer_id AS id FROM network_agreements g
               WHERE g.status = 'active' AND g.grantee_id = ANY (sellers.ids)
               UNION SELECT unnest(sellers.ids)
           ) makers
       ) AS reach,
       CAST(sellers.ids AS text[]) AS seller_ids,
       (SELECT CAST(EXTRACT(epoch FROM clock_timestamp() - min(since)) * 1000 AS bigint)
        FROM discovery_waiting) AS lag_ms
FROM storefronts_storefronts s
LEFT JOIN network_trading_accounts a
  ON a.seller_id = s.owner_id AND a.buyer_id = CAST(:buyer_id AS uuid) AND a.status = 'active'
LEFT JOIN LATERAL (
    SELECT country, subdivision, postal_code, latitude, longitude FROM network_addresses
    WHERE organization_id = a.buyer_id ORDER BY id LIMIT 1
) p ON true
CROSS JOIN LATERAL (
    SELECT array_agg(seller_id) || s.owner_id AS ids
    FROM storefronts_pool_sellers WHERE storefront_id = s.id
) sellers
WHERE s.is_active AND (s.id = CAST(:storefront_id AS uuid) OR s.slug = CAST(:slug AS text))
""".replace("::bigint", "\\:\\:bigint")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where goods shall go; what is not known stays open."""

    country: str | None = None
    subdivision: str | None = None
    postal_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None


_PLACE = ("country", "subdivision", "postal_code", "latitude", "longitude")
NOWHERE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """One pair of eyes: a storefront, the buyer that looks (None: a visitor), and the place."""

    storefront_id: uuid.UUID
    owner_id: uuid.UUID
    name: str
    slug: str
    currency: str
    buyer_id: uuid.UUID | None
    customer_group: str | None
    place: Place
    reach: tuple[str, ...]
    seller_ids: tuple[str, ...]  # the pool's, and the owner
    lag_ms: int

    def binds(self, now: datetime) -> dict[str, Any]:
        """What the entitlement expects."""
        return {
            "storefront_id": self.storefront_id,
            "buyer_id": self.buyer_id,
            "country": self.place.country,
            "subdivision": self.place.subdivision,
            "postal_code": self.place.postal_code,
            "latitude": self.place.latitude,
            "longitude": self.place.longitude,
            "now": now,
        }

    def price_context(self) -> dict[str, Any]:
        """What price resolution expects."""
        return {
            "storefront_id": self.storefront_id,
            "buyer_id": self.buyer_id,
            "customer_group": self.customer_group,
            "country": self.place.country,
            "subdivision": self.place.subdivision,
            "postal_code": self.place.postal_code,
            "latitude": self.place.latitude,
            "longitude": self.place.longitude,
            "currency": self.currency,
        }


def look(
    session: DbSession,
    *,
    caller: Caller | None,
    storefront: uuid.UUID | str,
    buyer_id: uuid.UUID | None = None,
    place: Place = NOWHERE,
) -> Viewer:
    """The caller (None: nobody in particular) in front of a storefront, by its id or its slug.

    Raises:
        StorefrontNotFound: there is none that the caller may look into.
        BuyerWithoutAccount: the owner named a buyer that it has no active account with.
        BuyerNotNamed: the owner must say whose eyes to use, as the storefront is not open.
    """
    asked = buyer_id or (caller.organization_id if caller else None)
    row = session.execute(_LOOK, {"buyer_id": asked, **_named(storefront)}).one_or_none()
    if row is None:
        raise StorefrontNotFound
    is_keeper = caller is not None and (
        caller.is_operator or caller.organization_id == row.owner_id
    )
    _require_sight(row, caller, buyer_id, is_keeper=is_keeper)
    known = Place(**{name: getattr(row, name) for name in _PLACE})
    return Viewer(
        storefront_id=row.id,
        owner_id=row.owner_id,
        name=row.name,
        slug=row.slug,
        currency=row.currency,
        buyer_id=asked if row.has_account else None,
        customer_group=row.customer_group,
        place=place if place.country else known,
        reach=tuple(row.reach),
        seller_ids=tuple(dict.fromkeys(row.seller_ids)),
        lag_ms=max(0, row.lag_ms or 0),
    )


def _named(storefront: uuid.UUID | str) -> Mapping[str, Any]:
    by_slug = isinstance(storefront, str)
    return {
        "storefront_id": None if by_slug else storefront,
        "slug": storefront if by_slug else None,
    }


def _require_sight(
    row: Any,  # noqa: ANN401 - a row
    caller: Caller | None,
    buyer_id: uuid.UUID | None,
    *,
    is_keeper: bool,
) -> None:
    if buyer_id is not None:
        is_itself = caller is not None and caller.organization_id == buyer_id
        if not (is_keeper or is_itself):
            raise StorefrontNotFound
        if is_keeper and not row.has_account:
            raise BuyerWithoutAccount
    if row.access == "open" or row.has_account:
        return
    raise BuyerNotNamed if is_keeper else StorefrontNotFound
