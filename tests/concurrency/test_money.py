"""Many hands on the same money: credit is shared once, a payment counts once, a hold ends once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.kernel.errors import AppError
from app.ordering import operations as ordering
from app.payments import operations as payments
from app.payments.errors import CreditLimitExceeded, MoreThanOpen
from app.settlement import operations as settlement
from app.settlement import queries
from tests.support.till import Till

THREADS = 8


@pytest.fixture
def till(committed, now):
    return Till(db.session(), now)


def at_once(sessions, work, times=THREADS):
    """Run ``work(session, n)`` in threads; each answers with its result or its refusal."""

    def one(number):
        with sessions() as session:
            try:
                with transaction(session):
                    return work(session, number)
            except AppError as refusal:
                return type(refusal)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.fixture
def tap(till):
    tap = till.world.add_variant(dieter=800, wanda=None, rosa=1200, stock=(1000, 0))
    till.session.commit()
    return tap


def test_parallel_orders_share_the_credit_of_a_buyer(till, sessions, tap):
    till.session.execute(
        text("UPDATE network_trading_accounts SET credit_limit_minor = 3 * 12900 + 12899")
    )
    till.session.commit()
    caller, placement = till.world.caller(till.world.berta), till.world.placement([(tap, 10)])
    answers = at_once(
        sessions,
        lambda session, _: ordering.place_order(
            session, caller=caller, placement=placement, now=till.now
        ),
    )
    assert answers.count(CreditLimitExceeded) == THREADS - 3
    assert till.check()[9200, "Berta"] == -3 * 12_900


@pytest.fixture
def invoice(till, tap):
    order = till.place((tap, 10))
    till.accept(order)
    shipment = till.ship(order, "dieter")
    till.deliver(shipment)
    return till.invoice(shipment)["id"]


def pay(till, session, invoice, reference, amount):
    return payments.record_payment(
        session,
        caller=till.operator,
        invoice_id=invoice,
        amount_minor=amount,
        method="bank_transfer",
        reference=reference,
        now=till.now,
    )


def test_a_payment_told_by_many_at_once_counts_once(till, sessions, invoice):
    ids = at_once(sessions, lambda session, _: pay(till, session, invoice, "same", 12_900))
    assert len(set(ids)) == 1
    assert till.check()[1200, ""] == -12_900


def test_parallel_payments_never_exceed_the_invoice(till, sessions, invoice):
    answers = at_once(sessions, lambda session, n: pay(till, session, invoice, str(n), 5_000))
    assert answers.count(MoreThanOpen) == THREADS - 2
    assert till.check()[1300, "Berta"] == -2_900


def test_parallel_runs_release_every_shipment_once(till, sessions, tap):
    for _ in range(6):
        order = till.place((tap, 1))
        till.accept(order)
        shipment = till.ship(order, "dieter")
        till.deliver(shipment)
        till.pay(shipment)
    till.after(days=15)
    released = at_once(
        sessions, lambda session, _: settlement.release_due(session, now=till.now, limit=2)
    )
    assert sum(released) + till.release() == 6
    books = till.check()
    assert not any(code == 2200 for code, _ in books)
    assert books[4110, "Operator"] == 6 * 12


def test_parallel_closings_make_each_statement_once(till, sessions, invoice):
    start = till.now.replace(day=1)
    till.after(days=40)
    made = at_once(
        sessions,
        lambda session, _: settlement.close_period(
            session, period_from=start, period_to=start.replace(month=4), now=till.now
        ),
    )
    assert sorted(made) == [0] * (THREADS - 1) + [5]
    assert all(proof.holds for proof in queries.verify(till.session))
