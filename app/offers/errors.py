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
    """Minimum, maximum, step and pack leave nothing to order; ``errors`` says where."""

    code = "offers.quantities_disagree"
    title = "Minimum, maximum, step and pack of the offer do not agree"


class PeriodEmpty(Rejected):
    """An offer that would end before it begins."""

    code = "offers.period_empty"
    title = "The offer would end before it begins"


class BackorderIncomplete(Rejected):
    """To be ordered always, an offer says up to how many units and how many days later."""

    code = "offers.backorder_incomplete"
    title = "Say up to how many units may be back-ordered, and how many days later they leave"


class TooManyOffers(Rejected):
    """More offers than one edit changes."""

    code = "offers.too_many"
    title = "At most 100,000 offers are changed at once: narrow the filter"


class SellerNeeded(Rejected):
    """The operator asks of one seller's offers at a time."""

    code = "offers.seller_needed"
    title = "Name the seller whose offers you mean (seller_id)"


class EditRefused(Rejected):
    """All or nothing, and some offers cannot be changed so; ``errors`` says which and why."""

    code = "offers.edit_refused"
    title = "Some offers cannot be changed like this: nothing was changed"
