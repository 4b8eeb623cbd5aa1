"""What offers refuse."""

from app.kernel.errors import Conflict, Forbidden, NotFound, Rejected


class OfferNotFound(NotFound):
    """There is no such offer, or the caller may not know of it."""

    code = "offers.offer_not_found"
    title = "There is no such offer"


class OfferExists(Conflict):
    """The seller offers the variant already."""

    code = "offers.offer_exists"
    title = "You offer this variant already: change that offer"


class NotASeller(Forbidden):
    """Only organizations that sell make offers."""

    code = "offers.not_a_seller"
    title = "Only sellers make offers"


class QuantitiesDisagree(Rejected):
    """The greatest quantity would be below the least."""

    code = "offers.quantities_disagree"
    title = "The greatest quantity is below the least"
