"""Refusals of ordering."""

from app.kernel.errors import Conflict, Forbidden, NotFound, Rejected


class CartNotFound(NotFound):
    """There is no such cart, or the caller may not know of it."""

    code = "ordering.cart_not_found"
    title = "There is no such cart"


class OrderNotFound(NotFound):
    """There is no such order, or the caller may not know of it."""

    code = "ordering.order_not_found"
    title = "There is no such order"


class SellerOrderNotFound(NotFound):
    """There is no such seller order, or the caller may not know of it."""

    code = "ordering.seller_order_not_found"
    title = "There is no such seller order"


class NoTradingAccount(Forbidden):
    """The buyer has no active trading account with the storefront's owner."""

    code = "ordering.no_trading_account"
    title = "An active trading account with this storefront is needed to order"


class PaymentMethodNotAllowed(Rejected):
    """The trading account does not allow this way to pay."""

    code = "ordering.payment_method_not_allowed"
    title = "This trading account does not allow this payment method"


class OrderAlreadyPlaced(Conflict):
    """The buyer's reference, or the cart, belongs to an order already."""

    code = "ordering.order_already_placed"
    title = "This was ordered already"


class NotFullyAvailable(Conflict):
    """Not every unit can be delivered and the buyer did not accept a shortfall."""

    code = "ordering.not_fully_available"
    title = "Not everything can be delivered: accept the shortfall or lower the quantities"


class TotalChanged(Conflict):
    """The total differs from the one that the buyer saw."""

    code = "ordering.total_changed"
    title = "The total has changed since it was shown"


class StockContended(Conflict):
    """Others took the stock several times while this order was being placed."""

    code = "ordering.stock_contended"
    title = "The stock is being sold faster than it can be planned: repeat"


class KeptTooLong(Rejected):
    """A storefront says how long carts keep stock; ``most_minutes`` is how long."""

    code = "ordering.kept_too_long"
    title = "This storefront does not keep stock for carts for so long"


class EmptyOrder(Rejected):
    """There is nothing to order."""

    code = "ordering.empty"
    title = "There is nothing to order"


class DeadlinePassed(Conflict):
    """The seller did not answer before its deadline."""

    code = "ordering.deadline_passed"
    title = "The deadline for an answer has passed"


class AnswerDoesNotFit(Rejected):
    """An answer names an allocation that is not offered, or more than was offered."""

    code = "ordering.answer_does_not_fit"
    title = "The answer does not fit what was offered"


class AlreadyShipped(Conflict):
    """What has left cannot be cancelled."""

    code = "ordering.already_shipped"
    title = "Everything has been shipped already"


class ChoiceNotFound(NotFound):
    """There is no such choice, or the caller may not know of it."""

    code = "ordering.choice_not_found"
    title = "There is no such choice"


class WaitIsOver(Rejected):
    """Nobody waits until an instant that has passed; the choice is still open."""

    code = "ordering.wait_is_over"
    title = "That instant has passed: name a later one, or none"


class NothingInstead(Conflict):
    """Nobody can deliver the substitute; the choice is still open."""

    code = "ordering.nothing_instead"
    title = "Nobody can deliver that instead now"
