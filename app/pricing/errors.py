"""What pricing refuses."""

from app.kernel.errors import Conflict, Forbidden, NotFound, Rejected


class PriceListNotFound(NotFound):
    """There is no such price list, or the caller may not know of it."""

    code = "pricing.price_list_not_found"
    title = "There is no such price list"


class AssignmentNotFound(NotFound):
    """There is no such assignment, or the caller may not know of it."""

    code = "pricing.assignment_not_found"
    title = "There is no such assignment"


class NotASeller(Forbidden):
    """Only organizations that sell set prices."""

    code = "pricing.not_a_seller"
    title = "Only sellers have price lists"


class EntriesUnknown(Rejected):
    """Some entries name a variant that the caller may not know of; ``errors`` points at each."""

    code = "pricing.entries_unknown"
    title = "Some entries name a variant that you may not sell"


class EntriesOverlap(Conflict):
    """Two prices would hold at the same time; ``errors`` points at each."""

    code = "pricing.entries_overlap"
    title = "Some entries hold at the same time as others of the same variant and quantity"


class OnlySaleListsAreAssigned(Rejected):
    """Transfer, list and floor prices are found by their purpose, not by assignment."""

    code = "pricing.only_sale_lists_are_assigned"
    title = "Only sale lists are assigned to somebody"


class AssigneeUnknown(Rejected):
    """The storefront or buyer is none that the caller deals with."""

    code = "pricing.assignee_unknown"
    title = "You do not deal with this storefront or buyer"


class PricesNotYours(NotFound):
    """Some of the prices are not the caller's to ask; ``errors`` points at each."""

    code = "pricing.prices_not_yours"
    title = "Some of these prices are not yours to ask for"


class EntriesEndTooSoon(Rejected):
    """Some entries end before they begin; ``errors`` points at each."""

    code = "pricing.entries_end_too_soon"
    title = "Some entries end before they begin"


class ListEndsTooSoon(Rejected):
    """A list ends before it begins."""

    code = "pricing.list_ends_too_soon"
    title = "The list would end before it begins"
