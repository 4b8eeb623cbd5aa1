"""Backtests as jobs on a database of their own: progress, cancellation, a report with the job."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.backtest import operations, tasks
from app.backtest.models import Backtest
from app.backtest.operations import Choice, running
from app.backtest.rules import Scenario
from app.infra import jobs
from app.infra.db import db
from app.infra.models import Job
from app.infra.unit_of_work import transaction
from tests.conftest import NOW
from tests.factories.world import build_world


class _Clock:
    def now(self):
        return NOW


@pytest.fixture
def backtest_id(committed, monkeypatch):
    """A backtest of three orders that waits for its job, a page an order."""
    monkeypatch.setattr(running, "PAGE", 1)
    world = build_world(db.session(), NOW)
    tap = world.add_variant()
    for n in range(3):
        world.place((tap, 1), now=NOW - timedelta(days=3 - n))
    db.session.commit()
    with transaction(db.session):
        made = operations.start_backtest(
            db.session, caller=world.caller(world.rosa), scenario=Scenario(), now=NOW,
            choice=Choice(storefront_id=world.storefront.id),
        )  # fmt: skip
        return made.id


def run(backtest_id, function=tasks.work_on_backtest):
    job_id = db.session.get_one(Backtest, backtest_id).job_id
    db.session.commit()
    jobs.run(db.session(), job_id=job_id, clock=_Clock(), functions={operations.KIND: function})
    db.session.expire_all()
    return db.session.get_one(Backtest, backtest_id), db.session.get_one(Job, job_id)


class TestABacktestAsAJob:
    def test_is_done_and_says_so(self, backtest_id):
        found, job = run(backtest_id)
        assert (found.status, found.done, found.state) == ("done", 3, None)
        assert (job.status, job.done, job.total, job.result) == ("done", 3, 3, {"orders": 3})
        assert found.report["contenders"]["supposed"]["orders"] == 3

    def test_that_is_cancelled_keeps_what_it_has_seen_and_reports_nothing(self, backtest_id):
        def cancel_soon(session, job, progress):
            def told(*, done, total=None):
                if done == 1:
                    with db.engine.begin() as other:
                        other.execute(text("UPDATE infra_jobs SET status = 'cancelling'"))
                progress(done=done, total=total)

            return tasks.work_on_backtest(session, job, told)

        found, job = run(backtest_id, cancel_soon)
        assert (found.status, found.done, found.report) == ("cancelled", 1, {})
        assert job.status == "cancelled"

    def test_whose_worker_died_goes_on_under_the_same_job(self, backtest_id):
        class Died(BaseException):
            """The process is gone."""

        def die(session, job, progress):
            def told(*, done, total=None):
                progress(done=done, total=total)
                if done == 2:
                    raise Died

            return tasks.work_on_backtest(session, job, told)

        with pytest.raises(Died):
            run(backtest_id, die)
        db.session.rollback()
        half = db.session.get_one(Backtest, backtest_id, populate_existing=True)
        assert (half.status, half.done) == ("running", 2)

        found, job = run(backtest_id)

        assert (found.status, job.status, job.attempts) == ("done", "done", 2)
        assert found.report["contenders"]["actual"]["orders"] == 3
