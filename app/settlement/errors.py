"""Refusals of settlement."""

from app.kernel.errors import Conflict, NotFound, Rejected


class ChainBroken(Conflict):
    """A resold allocation names no chain of tiers: it cannot be split."""

    code = "settlement.chain_broken"
    title = "The resale chain of the goods is not known"


class PeriodNotNext(Conflict):
    """Periods follow each other without gaps and are closed in order."""

    code = "settlement.period_not_next"
    title = "Another period has to be closed first"


class PeriodMalformed(Rejected):
    """A period ends after it begins, and not in the future."""

    code = "settlement.period_malformed"
    title = "This is no period that could be closed"


class StatementNotFound(NotFound):
    """No such statement, or the caller may not know of it."""

    code = "settlement.statement_not_found"
    title = "There is no such statement"


class OrderNotFound(NotFound):
    """No such order, or the caller may not know of it."""

    code = "settlement.order_not_found"
    title = "There is no such order"
