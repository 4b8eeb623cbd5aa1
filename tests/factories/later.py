"""What is announced, and who may be ordered from beyond stock."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.inventory import operations as inventory
from app.inventory.models import Location
from app.network.models import Organization
from app.offers.models import Offer
from tests.factories.network import caller_of
from tests.factories.world import World


def allows_backorders(
    world: World, seller: Organization, variant: uuid.UUID, backorder: str = "incoming", **more: Any
) -> None:
    """Let a seller's offer be ordered beyond stock."""
    statement = update(Offer).where(Offer.seller_id == seller.id, Offer.variant_id == variant)
    world.session.execute(statement.values(backorder=backorder, **more))
    world.session.expire_all()


def announces(
    world: World, name: str, variant: uuid.UUID, due_on: date, units: int, now: datetime,
    reference: str = "PO-1",
) -> None:  # fmt: skip
    """Let Dieter or Wanda expect a delivery, or say anew what comes with it."""
    inventory.announce(
        world.session,
        caller=caller_of(getattr(world, name)),
        rows=[
            inventory.Announced(
                location_id=world.places[name], variant_id=variant, reference=reference,
                due_on=due_on, quantity=units,
            )
        ],
        now=now,
    )  # fmt: skip


def receives(
    world: World, name: str, variant: uuid.UUID, units: int, now: datetime, reference: str = "PO-1"
) -> None:
    """Let a delivery come."""
    inventory.receive(
        world.session,
        caller=caller_of(getattr(world, name)),
        location_id=world.places[name],
        goods=[inventory.Received(variant_id=variant, quantity=units)],
        reference=reference,
        now=now,
    )


def works(session: Session, location_id: uuid.UUID, **calendar: Any) -> None:
    """Let a location have another calendar."""
    location = session.scalars(select(Location).where(Location.id == location_id)).one()
    for name, value in calendar.items():
        setattr(location, name, value)
    session.flush()
