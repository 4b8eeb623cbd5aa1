"""What was promised for units that lost their seller, handed out unit by unit.

Laws: parts of a promise sum to it exactly, buyer's amounts, bargained cost and dues alike; so a
replacement inherits what the buyer pays, and whoever owes towards the old units owes on.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from app.infra.db import DbSession
from app.inventory import operations as inventory_operations
from app.kernel.ids import public_id
from app.kernel.money import portion
from app.ordering.models import Allocation
from app.ordering.rules import Amounts, Due, dues_of


@dataclass
class Refused:
    """Refused units, and the reservations that hold them: to give back, or to write off."""

    rows: list[Allocation] = field(default_factory=list)
    back: dict[uuid.UUID, int] = field(default_factory=dict)
    gone: dict[uuid.UUID, int] = field(default_factory=dict)

    @property
    def places(self) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """The stock rows that are let go."""
        held = self.back.keys() | self.gone.keys()
        return [(row.location_id, row.variant_id) for row in self.rows] if held else []

    def let_go(self, session: DbSession, *, order_id: uuid.UUID, now: datetime) -> None:
        """Give back what is still there; take what is gone out of stock."""
        if self.back:
            inventory_operations.release(session, quantities=self.back)
        if self.gone:
            cause = inventory_operations.Cause(
                reason="loss", code="lost", reference=public_id("order", order_id), at=now
            )
            inventory_operations.write_off(session, quantities=self.gone, cause=cause)


class Promised(NamedTuple):
    """Of some units: the buyer's amounts, what they cost the storefront, who owes towards that."""

    buyer_goods: int
    buyer_freight: int
    landed_goods: int
    landed_freight: int
    dues: tuple[Due, ...]

    @property
    def buyer_minor(self) -> int:
        """What the buyer pays for them."""
        return self.buyer_goods + self.buyer_freight

    def replaced_by(self, *, landed_minor: int, payer_id: uuid.UUID | None) -> list[Due]:
        """Who owes what when units that cost so much replace these."""
        return dues_of(
            landed_minor=landed_minor,
            replaced_minor=self.landed_goods + self.landed_freight,
            dues=self.dues,
            payer_id=payer_id,
        )


@dataclass
class Promise:
    """What was promised for the refused units of one line."""

    rows: list[Allocation]
    taken: int = 0

    @property
    def quantity(self) -> int:
        """Units in all."""
        return sum(row.quantity for row in self.rows)

    @property
    def rest(self) -> int:
        """Units that nobody has taken over."""
        return self.quantity - self.taken

    def take(self, units: int) -> Promised:
        """What was promised for the next units."""
        before, self.taken = self.taken, self.taken + units
        return self._part(before, self.taken)

    def _part(self, before: int, after: int) -> Promised:
        whole = self.quantity

        def part(amount: int) -> int:
            return portion(amount, whole=whole, before=before, after=after)

        owed: dict[str, int] = {}
        for row in self.rows:
            for due in row.dues:
                owed[due["payer_id"]] = owed.get(due["payer_id"], 0) + due["amount_minor"]
        return Promised(
            part(sum(row.buyer_goods_minor for row in self.rows)),
            part(sum(row.buyer_freight_minor for row in self.rows)),
            part(sum(landed_goods(row) for row in self.rows)),
            part(sum(row.seller_freight_minor for row in self.rows)),
            tuple(Due(uuid.UUID(payer), part(amount)) for payer, amount in owed.items()),
        )


def landed_goods(row: Allocation) -> int:
    """What the storefront's owner pays for an allocation's goods: its last link, or the seller."""
    if row.hops:
        last: int = row.hops[-1]["amount_minor"]
        return last
    return row.seller_goods_minor


def promises_of(rows: list[Allocation]) -> dict[uuid.UUID, Promise]:
    """Promises by order line."""
    promises: dict[uuid.UUID, Promise] = {}
    for row in rows:
        promises.setdefault(row.order_line_id, Promise([])).rows.append(row)
    return promises


def amounts_of(promised: Promised, *, seller_goods: int, seller_freight: int) -> Amounts:
    """The four amounts of a replacement."""
    return Amounts(promised.buyer_goods, promised.buyer_freight, seller_goods, seller_freight)
