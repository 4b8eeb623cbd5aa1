"""What an order would get now: asked as it is placed, and nothing is written.

Who asks, for whom and where to is one statement of a few columns: a simulation is asked with every
change of a cart.
"""

from datetime import datetime

from app.infra.auth import Caller
from app.infra.db import DbSession, answering
from app.network.errors import AddressNotFound, UnitNotFound
from app.ordering.errors import NoTradingAccount
from app.ordering.operations.placing import Placement, request_of, wanted_of
from app.routing import operations as routing_operations
from app.routing.rules import Decision, RoutingRequest, ShipTo
from app.storefronts.errors import StorefrontNotFound

_WHO_AND_WHERE = answering(
    """
SELECT s.owner_id, t.status = 'active',
       EXISTS (
           SELECT FROM network_units u WHERE u.id = :unit_id AND u.organization_id = :buyer_id
       ),
       a.country, a.subdivision, a.postal_code, a.latitude, a.longitude
FROM storefronts_storefronts s
LEFT JOIN network_trading_accounts t ON t.seller_id = s.owner_id AND t.buyer_id = :buyer_id
LEFT JOIN network_addresses a ON a.id = :address_id AND a.organization_id = :buyer_id
WHERE s.id = :storefront_id
""",
    *("owner_id", "is_active", "has_unit"),
    *("country", "subdivision", "postal_code", "latitude", "longitude"),
)


def simulate(
    session: DbSession, *, caller: Caller, placement: Placement, now: datetime
) -> Decision:
    """The decision that an order would get now. Writes nothing.

    Raises:
        Forbidden, NoTradingAccount, StorefrontNotFound, AddressNotFound, UnitNotFound,
        UnknownVariant.
    """
    request = simulated_request(session, caller=caller, placement=placement)
    return routing_operations.decide(session, request=request, now=now)


def simulated_request(
    session: DbSession, *, caller: Caller, placement: Placement
) -> RoutingRequest:
    """What an order would ask of routing, for who may ask it.

    Raises:
        Forbidden, NoTradingAccount, StorefrontNotFound, AddressNotFound, UnitNotFound.
    """
    binds = {
        "storefront_id": placement.storefront_id,
        "buyer_id": placement.buyer_id,
        "address_id": placement.address_id,
        "unit_id": placement.unit_id,
    }
    row = session.execute(_WHO_AND_WHERE, binds).first()
    if row is None:
        raise StorefrontNotFound
    owner_id, is_active, has_unit, *where = row
    caller.require_one_of(placement.buyer_id, owner_id)
    if not is_active:
        raise NoTradingAccount
    wanted = wanted_of(placement)
    if where[0] is None:
        raise AddressNotFound
    if placement.unit_id is not None and not has_unit:
        raise UnitNotFound
    return request_of(placement, wanted, ShipTo(*where))
