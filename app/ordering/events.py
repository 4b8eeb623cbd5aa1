"""Facts of ordering."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(Event):
    """A buyer bought; stock is reserved and prices are frozen."""

    name: ClassVar[str] = "order.placed"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerOrderOffered(Event):
    """A seller is asked to fulfil a part, until a deadline."""

    name: ClassVar[str] = "seller_order.offered"
    order_id: uuid.UUID
    seller_order_id: uuid.UUID
    accept_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerOrderAnswered(Event):
    """A seller accepted or rejected, line by line."""

    name: ClassVar[str] = "seller_order.answered"
    order_id: uuid.UUID
    seller_order_id: uuid.UUID
    accepted_units: int
    rejected_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerOrderExpired(Event):
    """A seller did not answer in time."""

    name: ClassVar[str] = "seller_order.expired"
    order_id: uuid.UUID
    seller_order_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRerouted(Event):
    """Units found other sellers, at the buyer's unchanged price: refused ones, or all of them.

    For both sides of the order, who had the units, and who has them now.
    """

    name: ClassVar[str] = "order.rerouted"
    order_id: uuid.UUID
    attempt: int
    units: int
    trigger: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsCancelled(Event):
    """Units will not come: cancelled by the buyer, or nobody could serve them any more.

    ``amount_minor`` is what the buyer no longer owes for them, goods and freight.
    """

    name: ClassVar[str] = "order.units_cancelled"
    order_id: uuid.UUID
    allocation_ids: tuple[uuid.UUID, ...]
    units: int
    amount_minor: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsGivenUp(Event):
    """Nobody else delivers what a seller had been asked for; told to it, so without amounts."""

    name: ClassVar[str] = "order.units_given_up"
    order_id: uuid.UUID
    units: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsTakenBack(Event):
    """Units are a seller's no more, though it refused none: cancelled, or planned again."""

    name: ClassVar[str] = "seller_order.units_taken_back"
    order_id: uuid.UUID
    seller_order_id: uuid.UUID
    units: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsWithdrawn(Event):
    """A seller takes back units that it had accepted and not sent."""

    name: ClassVar[str] = "seller_order.units_withdrawn"
    order_id: uuid.UUID
    seller_order_id: uuid.UUID
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseBroken(Event):
    """Goods that a seller had announced do not come (``not_coming``) or come ``late``.

    The units are routed anew at once.
    """

    name: ClassVar[str] = "seller_order.promise_broken"
    order_id: uuid.UUID
    seller_order_id: uuid.UUID
    units: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceOpened(Event):
    """Nobody can serve units now: the buyer may wait, cancel or take something else, until then."""

    name: ClassVar[str] = "order.choice_opened"
    order_id: uuid.UUID
    choice_id: uuid.UUID
    units: int
    reason: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceWaits(Event):
    """The buyer chose to wait, until then."""

    name: ClassVar[str] = "order.choice_waits"
    order_id: uuid.UUID
    choice_id: uuid.UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceEnded(Event):
    """What became of units that waited: served, substituted, cancelled, or expired."""

    name: ClassVar[str] = "order.choice_ended"
    order_id: uuid.UUID
    choice_id: uuid.UUID
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersReoptimized(Event):
    """Open orders were planned again, together, and cost the storefront so much less."""

    name: ClassVar[str] = "orders.reoptimized"
    storefront_id: uuid.UUID
    order_ids: tuple[uuid.UUID, ...]
    saved_minor: int
