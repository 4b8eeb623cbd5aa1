"""Refusals of fulfilment."""

from app.kernel.errors import Conflict, NotFound, Rejected


class ShipmentNotFound(NotFound):
    """There is no such shipment, or the caller may not know of it."""

    code = "fulfilment.shipment_not_found"
    title = "There is no such shipment"


class NothingToShip(Conflict):
    """Nothing of this seller order is accepted and still here."""

    code = "fulfilment.nothing_to_ship"
    title = "There is nothing to ship"


class LineDoesNotFit(Rejected):
    """A shipped line is not accepted, not at this location, or more than is open."""

    code = "fulfilment.line_does_not_fit"
    title = "A line does not fit what is to be shipped"


class AlreadyDelivered(Conflict):
    """The shipment has arrived already."""

    code = "fulfilment.already_delivered"
    title = "This shipment was delivered already"
