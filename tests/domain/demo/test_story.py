"""The story of the demo: acted once, true to the cent, told again for ever."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from app.demo import loading, story
from app.demo.story import acting
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.kernel.clock import FixedClock

NOVEMBER = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def stage(session, now):
    with transaction(session):
        loading.load(session, now=now)
    return session


class TestTheStory:
    def test_is_told_true_to_the_cent(self, stage):
        told = story.read(stage, order_id=story.act(stage, now=NOVEMBER))
        order = told.order
        assert len(told.lines) == 8
        assert {row.sku for row in told.moved} == {acting.DAMAGED}
        assert [row.after_minor for row in told.moved] == [row.before_minor for row in told.moved]
        assert {row.status for row in told.parts} == {"delivered"}
        assert {row.selling_model for row in told.parts} == {"agency", "resale"}
        assert max(row.hops or 0 for row in told.parts) == 2
        assert sum(row.amount_minor for row in told.splits) == order.total_minor
        assert sum(row.amount_minor for row in told.shipments) == order.total_minor
        assert all(row.released_at for row in told.shipments)
        assert sum(row.amount_minor for row in told.entries) == 0
        assert len(told.statements) == len({row.name for row in told.splits}) + 1
        assert [proof.name for proof in told.proofs if not proof.holds] == []
        assert told.order.placed_at == datetime(2026, 10, 2, 8, 12, tzinfo=UTC)
        assert {row.period_to for row in told.statements} == {datetime(2026, 11, 1, tzinfo=UTC)}

    def test_is_acted_once(self, stage):
        first = story.act(stage, now=NOVEMBER)
        before = _rows(stage)
        later = datetime(2027, 3, 1, tzinfo=UTC)
        assert story.act(stage, now=later) == first
        assert _rows(stage) == before

    def test_goes_on_when_it_was_interrupted(self, stage):
        order_id = acting._place(stage, acting._first_morning(NOVEMBER))
        acting._refuse_one_line(stage, order_id)
        assert story.act(stage, now=NOVEMBER) == order_id
        told = story.read(stage, order_id=order_id)
        assert sum(row.amount_minor for row in told.splits) == told.order.total_minor


class TestWithoutAStage:
    def test_says_what_to_do(self, session):
        with pytest.raises(story.NotLoaded, match="demo load"):
            story.act(session, now=NOVEMBER)


def _rows(session) -> dict[str, int]:
    tables = (
        "ordering_orders", "ordering_carts", "ledger_journals", "fulfilment_shipments",
        "payments_payments", "settlement_periods",
    )  # fmt: skip
    counted = {
        table: session.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
        for table in tables
    }
    session.rollback()
    return counted


class TestTheCommand:
    def test_tells_the_same_story_again(self, committed, now):
        with transaction(db.session):
            loading.load(db.session, now=now)
        runner = committed.test_cli_runner()
        committed.extensions["clock"] = FixedClock(NOVEMBER)
        first = runner.invoke(args=["demo", "story"])
        assert first.exit_code == 0, first.output
        assert "finds LL-E27-8W-3000K damaged" in first.stdout
        assert "Yes:" in first.stdout
        assert runner.invoke(args=["demo", "story"]).stdout == first.stdout
