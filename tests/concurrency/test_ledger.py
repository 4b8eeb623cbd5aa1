"""Many posts at once: one journal per fact, floors hold, nobody waits in a circle."""

import random
import uuid
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from app.ledger import operations, queries
from app.ledger.errors import FloorBreached
from app.ledger.operations import AccountRef, Code, JournalDraft, transfer
from tests.conftest import NOW

BANK = AccountRef(Code.BANK, "EUR")
THREADS = 32


def purse(number):
    return AccountRef(Code.PAYABLE_AVAILABLE, "EUR", uuid.UUID(int=number))


def draft(event_key, lines):
    return JournalDraft(event_key=event_key, kind="test", occurred_at=NOW, lines=lines)


def run(sessions, work):
    """Run ``work(session, n)`` in 32 threads, each in a transaction of its own."""

    def one(number):
        with sessions() as session:
            try:
                answer = work(session, number)
                session.commit()
            except FloorBreached:
                session.rollback()
                return None
            return answer

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def holds(sessions, account):
    with sessions() as session:
        return session.scalar(
            text("SELECT amount_minor FROM ledger_balances WHERE account_id = :id"),
            {"id": account.id},
        )


def sound(sessions):
    with sessions() as session:
        return all(proof.holds for proof in queries.verify(session))


def test_one_fact_told_32_times_is_one_journal(sessions):
    lines = transfer(500, debit_to=BANK, credit_to=purse(1))
    ids = run(sessions, lambda session, _: operations.post(session, journals=[draft("f", lines)]))
    assert len({journal for [journal] in ids}) == 1
    assert holds(sessions, purse(1)) == -500


def test_parallel_withdrawals_stop_at_the_floor(sessions):
    with sessions() as session:
        paid_in = transfer(10_000, debit_to=BANK, credit_to=purse(1))
        operations.post(session, journals=[draft("in", paid_in)])
        session.commit()

    def withdraw(session, number):
        lines = transfer(700, debit_to=purse(1), credit_to=purse(100 + number))
        return operations.post(session, journals=[draft(f"out {number}", lines)])

    done = [answer for answer in run(sessions, withdraw) if answer]
    assert len(done) == 14
    assert holds(sessions, purse(1)) == -200
    assert sound(sessions)


def test_posts_over_the_same_accounts_in_any_order_never_deadlock(sessions):
    def shuffle(session, number):
        chance = random.Random(number)
        for turn in range(6):
            purses = [purse(n) for n in chance.sample(range(1, 9), 6)]
            lines = [line for p in purses for line in transfer(3, debit_to=BANK, credit_to=p)]
            operations.post(
                session,
                journals=[draft(f"{number} {turn} {n}", lines) for n in range(3)],
            )
            session.commit()
        return True

    assert run(sessions, shuffle) == [True] * THREADS
    total = sum(holds(sessions, purse(n)) for n in range(1, 9))
    assert total == -THREADS * 6 * 3 * 6 * 3
    assert sound(sessions)
