"""Refusals of the ledger."""

from app.kernel.errors import Conflict, NotFound, Rejected


class JournalUnbalanced(Rejected):
    """Debits and credits differ, or there are no lines."""

    code = "ledger.journal_unbalanced"
    title = "The journal does not balance"


class FloorBreached(Conflict):
    """An account would cross zero: money that is not there cannot be moved."""

    code = "ledger.floor_breached"
    title = "The account does not hold that much"


class AlreadyReversed(Conflict):
    """A journal is reversed at most once."""

    code = "ledger.already_reversed"
    title = "The journal was reversed already"


class JournalNotFound(NotFound):
    """No such journal, or the caller may not know of it."""

    code = "ledger.journal_not_found"
    title = "There is no such journal"
