"""What assortments refuse."""

from app.kernel.errors import Conflict, NotFound, Rejected


class AssortmentNotFound(NotFound):
    """There is no such assortment of the caller's."""

    code = "assortments.assortment_not_found"
    title = "There is no such assortment"


class NameTaken(Conflict):
    """An owner's assortments have names of their own."""

    code = "assortments.name_taken"
    title = "Another assortment of yours has this name"


class AssortmentInUse(Conflict):
    """Agreements, storefronts or accounts name it."""

    code = "assortments.in_use"
    title = "Agreements, storefronts or trading accounts use this assortment"


class SelectionUnknown(Rejected):
    """A rule or a list names what the caller does not know; ``errors`` says where."""

    code = "assortments.selection_unknown"
    title = "Things that you do not know of cannot be selected"


class ListTooLong(Rejected):
    """The lists of one assortment hold a bounded number of variants."""

    code = "assortments.list_too_long"
    title = "An assortment lists at most 100,000 variants: use a rule"
