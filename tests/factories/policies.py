"""Policies that decide at once, and what sellers say of themselves."""

import uuid
from datetime import date
from typing import Any

from app.routing import operations as routing
from app.routing.models import LocationAbility, RoutingPolicy, SellerCapacity, SellerClosure
from tests.factories.world import World


def hold(world: World, now, scope: routing.PolicyScope | None = None, **document: Any):
    """Let a policy decide from now on: of the network, or of a scope."""
    return routing.create_policy(
        world.session, scope=scope or routing.PolicyScope(), document=document, valid_from=now
    )


def hold_terms(world: World, now, **terms: Any) -> RoutingPolicy:
    """Let the network's policy have these terms."""
    return hold(world, now, terms=terms)


def hold_rules(world: World, now, **rules: Any) -> RoutingPolicy:
    """Let the network's policy have these rules on."""
    return hold(world, now, rules={name: {"on": True, **more} for name, more in rules.items()})


def takes_a_day(world: World, seller_id: uuid.UUID, **amounts: int) -> None:
    world.session.add(SellerCapacity(seller_id=seller_id, **amounts))
    world.session.flush()


def is_closed(world: World, seller_id: uuid.UUID, from_on: date, to_on: date) -> None:
    world.session.add(SellerClosure(seller_id=seller_id, from_on=from_on, to_on=to_on))
    world.session.flush()


def handles(world: World, place: str, **abilities: bool) -> None:
    world.session.add(LocationAbility(location_id=world.places[place], **abilities))
    world.session.flush()
