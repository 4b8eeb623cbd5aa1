"""A replay: every order once, checked by code that shares nothing with it, wherever it stops."""

import csv
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.config import PROJECT
from app.demo import imports, replay
from app.demo.replay import calendar
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.ledger import queries as ledger_queries
from app.settlement import queries as settlement_queries
from connectors.network_files import NetworkFolder
from tests.support import network_files
from tests.support.plan_check import check_plan

ORDERS = 14


def nobody(*_: object) -> None:
    """Hears of progress and does not care."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return network_files.write(tmp_path / "files", network_files.tables(orders=ORDERS))


@pytest.fixture
def network(committed, folder, now):
    content = NetworkFolder(folder).read_network(nobody)
    with transaction(db.session):
        imports.import_network(
            db.session, content=content, model=imports.MIXED, told=nobody, now=now
        )
    return committed


def replay_of(folder: Path, *, orders: int = ORDERS, told=nobody) -> replay.Replay:
    return replay.Replay(db.engine, NetworkFolder(folder).read_demand(nobody), orders, told)


def run(folder: Path) -> replay.Tally:
    return replay_of(folder).run()


def plan_of(path: Path) -> tuple[str, str]:
    atlas = replay.find_atlas(db.session)
    written = replay.write_plan(db.session, atlas=atlas, path=path)
    db.session.rollback()
    return written[0].read_text(), written[1].read_text()


def broken_laws() -> list[str]:
    proofs = [*ledger_queries.verify(db.session), *settlement_queries.verify(db.session)]
    return [proof.name for proof in proofs if not proof.holds]


@pytest.mark.usefixtures("network")
class TestAReplay:
    def test_takes_every_order_to_its_end_once_and_breaks_no_law(self, folder, tmp_path):
        tally = run(folder)
        before = plan_of(tmp_path / "plan.csv")
        verdict = check_plan(folder, tmp_path / "plan.csv")
        assert verdict.violations == []
        assert (tally.placed + tally.unserved, verdict.orders) == (ORDERS, tally.placed)
        report = replay.gather(db.session, atlas=replay.find_atlas(db.session))
        assert dict(report.states) == {"delivered": tally.placed}
        assert report.units_served == verdict.units
        assert (report.goods_minor, report.freight_minor) == (verdict.goods, verdict.freight)
        assert (held(), tally.followed.released > 0, tally.followed.statements > 0) == (
            0,
            True,
            True,
        )
        assert broken_laws() == []
        again = run(folder)
        assert (again.placed, again.followed) == (0, replay.Followed())
        assert plan_of(tmp_path / "plan.csv") == before

    def test_releases_and_states_all_that_it_placed_also_after_an_earlier_one(self, folder):
        placed = 0
        for orders in (5, ORDERS):
            tally = replay_of(folder, orders=orders).run()
            placed += tally.placed
            report = replay.gather(db.session, atlas=replay.find_atlas(db.session))
            assert (report.orders, report.released, untold()) == (placed, report.shipments, 0)
            assert tally.followed.released > 0
            assert tally.followed.statements > 0
        assert len(report.months) > 1
        assert broken_laws() == []

    def test_goes_on_after_any_interruption_as_if_there_was_none(self, folder, tmp_path):
        for after in (2, 5):
            interrupted = replay_of(folder)
            steps = iter(range(after))
            interrupted._check_in = lambda steps=steps: crash_at_the_end_of(steps)
            with pytest.raises(Crash):
                interrupted.run()
        replay_of(folder).place_only()
        for after in (1, 3, 5, 8):
            with pytest.raises(Crash), replay.following_alone(db.engine) as session:
                follower_that_crashes(session, after).follow(session)
        run(folder)
        plan_of(tmp_path / "plan.csv")
        assert check_plan(folder, tmp_path / "plan.csv").violations == []
        assert broken_laws() == []
        doubled = db.session.scalars(
            text("SELECT reference FROM ordering_orders GROUP BY 1 HAVING count(*) > 1")
        ).all()
        assert doubled == []

    def test_leaves_no_order_behind_that_was_placed_behind_later_ones(self, folder):
        tally = replay_of(folder).place_only()
        mixed = "UPDATE ordering_orders SET placed_at = placed_at + interval '1 day' * (number % 3)"
        db.session.execute(text(mixed))
        db.session.commit()
        atlas = replay.find_atlas(db.session)
        with replay.following_alone(db.engine) as session:
            replay.Follower(atlas.storefront_id, replay.CheckIn()).follow(session)
        assert replay.gather(db.session, atlas=atlas).states == [("delivered", tally.placed)]

    def test_stops_politely_and_never_runs_twice_at_once(self, folder):
        def meanwhile(*_: object) -> None:
            with pytest.raises(replay.AlreadyReplaying):
                run(folder)
            asked.ask_to_stop()

        asked = replay_of(folder, told=meanwhile)
        tally = asked.run()
        assert (tally.placed, tally.stopped) == (1, True)


@pytest.fixture
def signals_left_alone() -> Iterator[None]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals_left_alone")
class TestTheCommand:
    def test_tells_what_was_done_and_proves_the_books(self, network, folder):
        told = network.test_cli_runner().invoke(args=["network", "replay", str(folder)])
        assert told.exit_code == 0, told.output
        for fact in ("orders/s", "proved optimal", "shipments, released", "Memory, finishing:"):
            assert fact in told.output
        assert re.search(r"\b(\d+) of \1 invariants hold", told.output)

    def test_fails_when_the_books_do_not_hold(self, network, folder):
        run(folder)
        db.session.execute(text("UPDATE settlement_splits SET amount_minor = amount_minor + 1"))
        db.session.commit()
        told = network.test_cli_runner().invoke(args=["network", "replay", str(folder)])
        assert told.exit_code == 1
        assert not re.search(r"\b(\d+) of \1 invariants hold", told.output)
        assert "Broken:" in told.output


def held() -> int:
    query = text("SELECT count(*) FROM settlement_releases WHERE released_at IS NULL")
    return db.session.scalar(query)


def untold() -> int:
    """Journals that no statement tells of."""
    query = text("""
        SELECT count(*) FROM ledger_journals j
        WHERE NOT EXISTS (SELECT FROM settlement_period_journals c WHERE c.journal_id = j.id)
    """)
    return db.session.scalar(query)


@pytest.mark.usefixtures("committed")
class TestWithoutANetwork:
    def test_says_what_to_do(self, folder):
        with pytest.raises(replay.NotImported, match="network import"):
            run(folder)


class Crash(Exception):
    """The process dies here."""


def follower_that_crashes(session: Session, after: int) -> replay.Follower:
    class Mortal(replay.CheckIn):
        def __call__(self) -> None:
            crash_at_the_end_of(steps)

    steps = iter(range(after))
    return replay.Follower(replay.find_atlas(session).storefront_id, Mortal(), together=2)


def crash_at_the_end_of(steps: Iterator[int]) -> None:
    if next(steps, None) is None:
        raise Crash


class TestAKilledReplay:
    def test_goes_on_where_it_was(self, network, folder, tmp_path):
        settings = network.extensions["settings"]
        environ = {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "SECRET_KEY": settings.secret_key,
            "DISTRIBUTARY_MODE": "test",
            "DISTRIBUTARY_VAR": str(settings.var),
        }
        command = [sys.executable, "-m", "flask", "--app", "wsgi:app", "network", "replay"]
        victim = subprocess.Popen(
            [*command, str(folder)], cwd=PROJECT, env=environ,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for_orders(3)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        wait_for_the_lock()
        run(folder)
        plan_of(tmp_path / "plan.csv")
        assert check_plan(folder, tmp_path / "plan.csv").violations == []
        assert broken_laws() == []


def wait_for_orders(count: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = db.session.scalar(text("SELECT count(*) FROM ordering_orders"))
        db.session.rollback()
        if found >= count:
            return
        time.sleep(0.02)
    raise AssertionError("the replay did not begin")


def wait_for_the_lock() -> None:
    """The server notices the dead client at its next write."""
    deadline = time.monotonic() + 30
    query = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
    while db.session.scalar(query) and time.monotonic() < deadline:
        db.session.rollback()
        time.sleep(0.05)
    db.session.rollback()


SPOILED = [
    ("", "quantity", "100000", "more than was wanted"),
    ("", "unit_price", "0.01", "costs"),
    ("", "location", "S3-1", ""),
    ("", "sku", "P000", ""),
    (".consignments.csv", "weight_g", "1", "sends"),
    (".consignments.csv", "freight", "0.00", "costs"),
]


@pytest.mark.usefixtures("network")
class TestAPlan:
    def test_of_placed_orders_is_sound_and_every_spoiled_one_is_found_out(self, folder, tmp_path):
        plan = tmp_path / "plan.csv"
        replay_of(folder).place_only()
        plan_of(plan)
        states = replay.gather(db.session, atlas=replay.find_atlas(db.session)).states
        assert [status for status, _ in states] == ["placed"]
        assert check_plan(folder, plan).violations == []
        for suffix, column, value, complaint in SPOILED:
            path = plan.with_name(plan.name + suffix)
            whole = path.read_text()
            spoil(path, column, value)
            violations = check_plan(folder, plan).violations
            assert any(complaint in violation for violation in violations), (column, violations)
            path.write_text(whole)
        lines = plan.read_text().splitlines()
        order = lines[1].split(",")[0]
        plan.write_text("\n".join(line for line in lines if not line.startswith(order)) + "\n")
        assert check_plan(folder, plan).violations


def spoil(path: Path, column: str, value: str) -> None:
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    row = next(row for row in rows if row[column] != value)
    row[column] = value
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


class TestTheCalendar:
    def test_pays_before_the_hold_ends(self):
        assert calendar.PAYMENT.days < imports.HOLD_DAYS

    def test_begins_a_day_at_midnight(self):
        assert calendar.next_day(datetime(2010, 12, 31, 23, 59, tzinfo=UTC)) == datetime(
            2011, 1, 1, tzinfo=UTC
        )

    def test_counts_whole_months(self):
        spans = calendar.months(datetime(2010, 12, 5, tzinfo=UTC), datetime(2011, 2, 3, tzinfo=UTC))
        assert [(start.month, end.month) for start, end in spans] == [(12, 1), (1, 2)]
