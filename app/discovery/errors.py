"""Refusals of discovery."""

from app.kernel.errors import Malformed, NotFound, Rejected


class NotOnShow(NotFound):
    """There is no such product here, or none that this buyer may see."""

    code = "discovery.not_on_show"
    title = "There is no such product in this storefront"


class BuyerWithoutAccount(NotFound):
    """The storefront's owner has no active account with that buyer."""

    code = "discovery.buyer_without_account"
    title = "There is no active trading account with this buyer"


class BuyerNotNamed(Rejected):
    """A closed storefront shows nothing but what a buyer may see."""

    code = "discovery.buyer_not_named"
    title = "The storefront is not open: say for which buyer (buyer_id)"


class CursorOfAnother(Malformed):
    """A cursor goes on with the question that it was an answer to, in the same order."""

    code = "discovery.cursor_of_another"
    title = "This cursor belongs to another order of sorting: start without one"
