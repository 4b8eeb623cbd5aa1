"""Refusals of payments."""

from app.kernel.errors import Conflict, NotFound, Rejected


class CreditLimitExceeded(Conflict):
    """What the buyer owes and has ordered on account would exceed its limit."""

    code = "payments.credit_limit_exceeded"
    title = "The order exceeds the buyer's credit"


class OrderNotPaid(Conflict):
    """A prepaid order ships only as far as it is paid."""

    code = "payments.order_not_paid"
    title = "The order is not paid yet"


class OrderNotPrepaid(Rejected):
    """The order is bought on account: its invoices are paid, not the order."""

    code = "payments.order_not_prepaid"
    title = "The order is not prepaid"


class MoreThanOpen(Conflict):
    """A payment is never larger than what is open."""

    code = "payments.more_than_open"
    title = "The payment is larger than what is open"


class ReferenceReused(Conflict):
    """A reference names one payment: another amount or purpose needs another reference."""

    code = "payments.reference_reused"
    title = "This reference was used for another payment"


class InvoiceNotFound(NotFound):
    """No such invoice, or the caller may not know of it."""

    code = "payments.invoice_not_found"
    title = "There is no such invoice"


class OrderNotFound(NotFound):
    """No such order, or the caller may not know of it."""

    code = "payments.order_not_found"
    title = "There is no such order"


class TradingAccountNotFound(NotFound):
    """No such trading account, or the caller may not know of it."""

    code = "payments.trading_account_not_found"
    title = "There is no such trading account"


class GatewayFailure(Exception):
    """The root of what a payment gateway may answer instead of success."""


class TemporaryFailure(GatewayFailure):
    """Nothing happened; the same command may be sent again later."""


class PermanentFailure(GatewayFailure):
    """Nothing happened, and the same command will never succeed."""


class UnknownOutcome(GatewayFailure):
    """It may have happened: look it up by the command's id; never send it again blindly."""
