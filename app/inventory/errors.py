"""What inventory refuses."""

from app.kernel.errors import Conflict, Forbidden, NotFound, Rejected


class StockTaken(Conflict):
    """Less is available than was wanted; ``taken`` names the rows."""

    code = "inventory.stock_taken"
    title = "Some of this stock was taken meanwhile"


class ReservationTooSmall(Conflict):
    """An allocation does not hold as much as should be given back or shipped."""

    code = "inventory.reservation_too_small"
    title = "Less is reserved than this needs"


class StockBelowReserved(Conflict):
    """Stock may not be set below what orders hold of it; ``errors`` points at the rows."""

    code = "inventory.stock_below_reserved"
    title = "Orders hold more of this stock than that"


class StockRowsUnknown(Rejected):
    """Some rows name a location or variant that the caller does not have."""

    code = "inventory.stock_rows_unknown"
    title = "Some rows name a location or a variant that you do not have"


class LocationNotFound(NotFound):
    """There is no such location, or it is not the caller's to know of."""

    code = "inventory.location_not_found"
    title = "There is no such location"


class LocationCodeTaken(Conflict):
    """Another location of the seller has the code."""

    code = "inventory.location_code_taken"
    title = "Another location of yours has this code"


class NotASeller(Forbidden):
    """Only organizations that sell have locations and stock."""

    code = "inventory.not_a_seller"
    title = "Only sellers have locations"


class StockQueryTooWide(Rejected):
    """Stock is listed at one location or of one variant."""

    code = "inventory.stock_query_too_wide"
    title = "Name a location or a variant, one of both"


class NothingToPromise(Conflict):
    """Fewer units may be back-ordered than were wanted; ``short`` names the rows."""

    code = "inventory.nothing_to_promise"
    title = "So much cannot be promised of what is still to come"


class ClosureNotFound(NotFound):
    """The location has no such closure."""

    code = "inventory.closure_not_found"
    title = "There is no such closure"


class SameLocation(Rejected):
    """A transfer needs two locations."""

    code = "inventory.same_location"
    title = "A transfer goes from one location to another"


class LotNotFound(Rejected):
    """There is no such lot there, or less in it than would leave; ``errors`` points at the rows."""

    code = "inventory.lot_not_found"
    title = "There is no such lot, or less in it than this"


class FeedNotFound(NotFound):
    """The caller has no such feed."""

    code = "inventory.feed_not_found"
    title = "There is no such feed"


class FeedSequenceReused(Conflict):
    """The number belongs to a message that said something else."""

    code = "inventory.feed_sequence_reused"
    title = "Another message of this feed had this number"


class FeedTooFarAhead(Conflict):
    """So many messages wait for missing ones that no more are kept; ``missing`` names those."""

    code = "inventory.feed_too_far_ahead"
    title = "Too many messages wait for missing ones: send those, or an absolute one"


class FeedCodeMalformed(Rejected):
    """A feed's name is 1 to 64 of A-Z, 0-9, dot, underscore, hyphen."""

    code = "inventory.feed_code_malformed"
    title = "A feed is called by 1 to 64 of A-Z 0-9 . _ -"


class VariantUnclear(Rejected):
    """A SKU or GTIN means none of the seller's variants, or several."""

    code = "inventory.variant_unclear"
    title = "This means none of your variants, or several"
