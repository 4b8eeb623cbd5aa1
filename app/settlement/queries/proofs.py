"""Proofs over the orders and the books."""

from app.infra.db import DbSession
from app.ledger import queries as ledger_queries
from app.ledger.queries import Invariant, Proof, prove

INVARIANTS: tuple[Invariant, ...] = ()


def verify(session: DbSession) -> list[Proof]:
    """Prove every invariant of money, orders and stock."""
    return [*ledger_queries.verify(session), *prove(session, INVARIANTS)]
