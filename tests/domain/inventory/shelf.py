"""A seller with locations and variants, and what is on its shelves."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.infra.auth import Caller
from app.inventory import operations, queries
from app.inventory.operations import Adjusted, Announced, Level, Message, Received, Wanted
from app.inventory.queries import MovementFilter
from app.kernel.ids import new_id
from app.kernel.paging import PageRequest
from tests.factories.catalog import LocationFactory, VariantFactory
from tests.factories.network import OrganizationFactory, caller_of

ROW = text("""
SELECT on_hand, reserved, promised, safety, is_low, is_lotted FROM inventory_stock
WHERE location_id = :location AND variant_id = :variant
""")


@dataclass
class Shelf:
    """One seller's shelves; ``here`` and ``there`` are two of its locations."""

    session: Session
    now: datetime
    seller: Any = None
    maker: Any = None

    def __post_init__(self) -> None:
        self.maker = OrganizationFactory(manufacturer=True)
        self.seller = self.maker
        self.caller: Caller = caller_of(self.seller)
        self.here: uuid.UUID = LocationFactory(seller_id=self.seller.id).id
        self.there: uuid.UUID = LocationFactory(seller_id=self.seller.id).id
        self.tap = self.variant()

    def variant(self) -> uuid.UUID:
        return VariantFactory(manufacturer_id=self.maker.id).id

    def row(self, location: uuid.UUID | None = None, variant: uuid.UUID | None = None) -> Any:
        binds = {"location": location or self.here, "variant": variant or self.tap}
        return self.session.execute(ROW, binds).one()

    def count(self, units: int, *, safety: int = 0, variant: uuid.UUID | None = None) -> None:
        level = Level(
            location_id=self.here, variant_id=variant or self.tap, on_hand=units, safety=safety
        )
        operations.set_stock(self.session, caller=self.caller, levels=[level], now=self.now)

    def receive(self, *goods: tuple[int, str | None, date | None], reference: str = "D-1") -> None:
        operations.receive(
            self.session,
            caller=self.caller,
            location_id=self.here,
            reference=reference,
            goods=[
                Received(variant_id=self.tap, quantity=units, lot=lot, expires_on=expires)
                for units, lot, expires in goods
            ],
            now=self.now,
        )

    def adjust(self, units: int, code: str = "damaged", lot: str | None = None) -> None:
        row = Adjusted(
            location_id=self.here, variant_id=self.tap, quantity=units, code=code, lot=lot
        )
        operations.adjust(
            self.session, caller=self.caller, rows=[row], reference="note", now=self.now
        )

    def announce(self, reference: str, due_on: date, units: int) -> None:
        row = Announced(
            location_id=self.here,
            variant_id=self.tap,
            reference=reference,
            due_on=due_on,
            quantity=units,
        )
        operations.announce(self.session, caller=self.caller, rows=[row], now=self.now)

    def wants(self, units: int, variant: uuid.UUID | None = None) -> Wanted:
        return Wanted(
            allocation_id=new_id(),
            location_id=self.here,
            variant_id=variant or self.tap,
            quantity=units,
        )

    def reserve(self, units: int) -> uuid.UUID:
        wanted = self.wants(units)
        operations.reserve(self.session, order_id=new_id(), wanted=[wanted], now=self.now)
        return wanted.allocation_id

    def promise(self, units: int) -> uuid.UUID:
        wanted = self.wants(units)
        operations.promise(self.session, order_id=new_id(), wanted=[wanted], now=self.now)
        return wanted.allocation_id

    def feed(self, sequence: int, kind: str, *lines: tuple[uuid.UUID, int]) -> dict[str, Any]:
        message = Message(
            sequence=sequence,
            kind=kind,
            lines=[
                {"location_id": self.here, "variant_id": variant, "quantity": units}
                for variant, units in lines
            ],
        )
        told = operations.put_feed(
            self.session, caller=self.caller, code="wms", message=message, now=self.now
        )
        return dict(told)

    def movements(self, location: uuid.UUID | None = None) -> list[tuple[int, str]]:
        """Units and reasons, the oldest first."""
        page = queries.list_movements(
            self.session,
            caller=self.caller,
            location_id=location or self.here,
            wanted=MovementFilter(),
            page=PageRequest(limit=200),
        )
        return [(row.quantity, row.reason) for row in reversed(page.items)]

    def lots(self) -> dict[str, int]:
        rows = self.session.execute(
            text("SELECT code, on_hand FROM inventory_lots WHERE location_id = :here"),
            {"here": self.here},
        )
        return {row.code: row.on_hand for row in rows}

    def broken(self) -> list[str]:
        """The laws of stock that do not hold."""
        self.session.flush()
        return [proof.name for proof in queries.verify(self.session) if not proof.holds]
