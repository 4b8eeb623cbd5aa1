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
