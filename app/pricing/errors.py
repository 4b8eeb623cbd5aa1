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


class BaseUnknown(Rejected):
    """The list to derive from, or to keep a margin above, is none that the caller may read."""

    code = "pricing.base_unknown"
    title = "There is no such list that you may derive from"


class BaseUnfit(Rejected):
    """A list derives from another one of the same currency; a margin's list derives from none."""

    code = "pricing.base_unfit"
    title = "The list cannot be derived from that one"


class DerivesTooDeep(Rejected):
    """A list would derive from itself, or over more than three others."""

    code = "pricing.derives_too_deep"
    title = "A list derives over at most three others, and never from itself"


class FormulaUnfit(Rejected):
    """A formula says something that does not go together; ``errors`` points at each."""

    code = "pricing.formula_unfit"
    title = "Some formulas do not go together with the list"


class NotDerived(Conflict):
    """Only a list that derives from another has formulas."""

    code = "pricing.not_derived"
    title = "The list derives from no other: name its base first"


class MixedPerQuantity(Conflict):
    """The graduated breaks of a variant must be prices for the same number of units."""

    code = "pricing.mixed_per_quantity"
    title = "Graduated breaks of a variant must name the same per_quantity"


class OutsideBounds(Rejected):
    """Prices below the manufacturer's floor or outside its corridor; ``errors`` has each."""

    code = "pricing.outside_bounds"
    title = "Some prices lie outside of what the manufacturer allows"


class CorridorUnfit(Rejected):
    """Only recommended prices have a corridor."""

    code = "pricing.corridor_unfit"
    title = "Only a list of recommended prices has a corridor"
