"""What a price was: whatever is edited later, an instant in the past says what it said then."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.pricing import queries, rules
from tests.support.price_market import RandomMarket, expected_of
from tests.support.statements import count_statements

_BEGUN_LATER = {"no_entry", "entry_not_valid_now"}

PICK = st.integers(0, 2**16)
AMOUNT = st.integers(0, 999)
# A prefix of every edit: the n-th row of a table, counted in the order of its key.
_NTH = """
WITH nth AS (
    SELECT ctid AS place, * FROM {table} ORDER BY {key} LIMIT 1
    OFFSET CAST(:pick AS integer) % GREATEST(1, (SELECT count(*) FROM {table}))
)
"""
ENTRY = _NTH.format(
    table="pricing_entries", key="variant_id, price_list_id, from_quantity, valid_from"
)
ASSIGNMENT = _NTH.format(table="pricing_assignments", key="id")
FORMULA = _NTH.format(table="pricing_formulas", key="id")
A_LIST = _NTH.format(table="pricing_price_lists", key="id")


def clock(session: Session) -> datetime:
    return session.scalar(text("SELECT clock_timestamp()"))


def told(choice: rules.Choice) -> tuple:
    """What held, how it came about, and every verdict but on what was written to begin later."""
    tiers = [(each.steps, each.entry) for each in choice.asked.tiers] if choice.asked else []
    verdicts = {
        (each.price_list_id, each.reason, each.entry, each.price)
        for each in choice.why
        if each.reason not in _BEGUN_LATER
    }
    return expected_of(choice), tiers, verdicts


class Edits(RuleBasedStateMachine):
    """Edits of a market, and what was said at instants between them."""

    session: Session

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.example = self.session.begin_nested()
        self.story = RandomMarket(self.session, seed=seed, now=clock(self.session))
        _, where = self.story.situation()
        self.request = rules.Request(asks=self.story.asks(), **where)
        self.seen: list[tuple[datetime, Mapping[int, tuple]]] = []

    def said(self, at: datetime, now: datetime) -> Mapping[int, tuple]:
        found = queries.explain(self.session, request=self.request, at=at, now=now)
        return {line_no: told(choice) for line_no, choice in found.items()}

    def write(self, nth: str, statement: str, **binds: Any) -> None:
        """Edit the n-th row, if the database allows it."""
        savepoint = self.session.begin_nested()
        try:
            self.session.execute(text(nth + statement), binds)
        except DBAPIError:
            savepoint.rollback()
        else:
            savepoint.commit()

    @rule()
    def look(self) -> None:
        at = clock(self.session)
        self.seen.append((at, self.said(at, at)))

    @rule(pick=PICK, amount=AMOUNT)
    def change_a_price(self, pick: int, amount: int) -> None:
        self.write(
            ENTRY, "UPDATE pricing_entries e SET amount_minor = :amount FROM nth n"
            " WHERE e.ctid = n.place",
            pick=pick, amount=amount,
        )  # fmt: skip

    @rule(pick=PICK, hours=st.sampled_from([None, -30, 0, 30]))
    def move_an_end(self, pick: int, hours: int | None) -> None:
        self.write(
            ENTRY, "UPDATE pricing_entries e"
            " SET valid_to = clock_timestamp() + make_interval(hours => :hours) FROM nth n"
            " WHERE e.ctid = n.place",
            pick=pick, hours=hours,
        )  # fmt: skip

    @rule(pick=PICK)
    def delete_a_price(self, pick: int) -> None:
        self.write(
            ENTRY, "DELETE FROM pricing_entries e USING nth n WHERE e.ctid = n.place", pick=pick
        )

    @rule(pick=PICK, amount=AMOUNT)
    def replace_a_price_from_now_on(self, pick: int, amount: int) -> None:
        """As operations do: the old one ends where the new one begins."""
        self.write(
            ENTRY, """, instant AS (SELECT clock_timestamp() AS at),
            ended AS (
                UPDATE pricing_entries e SET valid_to = at FROM nth n, instant
                WHERE e.ctid = n.place
            )
            INSERT INTO pricing_entries (
                variant_id, price_list_id, from_quantity, valid_from, amount_minor, per_quantity)
            SELECT variant_id, price_list_id, from_quantity, at, :amount, per_quantity
            FROM nth, instant""",
            pick=pick, amount=amount,
        )  # fmt: skip

    @rule(pick=PICK, other=PICK, amount=AMOUNT, since=st.sampled_from([1, 5, 10]))
    def add_a_price(self, pick: int, other: int, amount: int, since: int) -> None:
        variants = list(self.story.market.variants)
        self.write(
            A_LIST, """INSERT INTO pricing_entries (
                variant_id, price_list_id, from_quantity, valid_from, amount_minor, per_quantity)
            SELECT :variant_id, id, :since, clock_timestamp(), :amount, 1 FROM nth""",
            pick=pick, variant_id=variants[other % len(variants)], since=since, amount=amount,
        )  # fmt: skip

    @rule(pick=PICK, priority=st.integers(0, 9), stops=st.booleans())
    def change_an_assignment(self, pick: int, priority: int, *, stops: bool) -> None:
        self.write(
            ASSIGNMENT, "UPDATE pricing_assignments a SET priority = :priority, stops = :stops"
            " FROM nth n WHERE a.id = n.id",
            pick=pick, priority=priority, stops=stops,
        )  # fmt: skip

    @rule(pick=PICK)
    def assign(self, pick: int) -> None:
        self.write(
            A_LIST, """INSERT INTO pricing_assignments (id, price_list_id, priority, stops)
            SELECT uuidv7(), id, 5, false FROM nth WHERE purpose = 'sale'""",
            pick=pick,
        )  # fmt: skip

    @rule(pick=PICK)
    def end_an_assignment(self, pick: int) -> None:
        self.write(
            ASSIGNMENT,
            "DELETE FROM pricing_assignments a USING nth n WHERE a.id = n.id",
            pick=pick,
        )

    @rule(pick=PICK, factor=st.integers(1, 30_000))
    def replace_the_formulas(self, pick: int, factor: int) -> None:
        self.write(
            FORMULA, """, gone AS (
                DELETE FROM pricing_formulas f USING nth n
                WHERE f.price_list_id = n.price_list_id RETURNING f.position
            )
            INSERT INTO pricing_formulas (id, price_list_id, position, factor_bps)
            SELECT uuidv7(), price_list_id, 100 + (SELECT max(position) FROM gone), :factor
            FROM nth""",
            pick=pick, factor=factor,
        )  # fmt: skip

    @rule(pick=PICK, other=PICK)
    def derive_from_another(self, pick: int, other: int) -> None:
        lists = [*self.story.market.by_id, None]
        self.write(
            A_LIST, """UPDATE pricing_price_lists l
            SET base_list_id = :base, version = version + 1 FROM nth n WHERE l.id = n.id""",
            pick=pick, base=lists[other % len(lists)],
        )  # fmt: skip

    @rule(pick=PICK, hours=st.sampled_from([None, -30, 0, 30]))
    def move_a_list_s_end(self, pick: int, hours: int | None) -> None:
        self.write(
            A_LIST, """UPDATE pricing_price_lists l
            SET valid_to = clock_timestamp() + make_interval(hours => :hours)
            FROM nth n WHERE l.id = n.id""",
            pick=pick, hours=hours,
        )  # fmt: skip

    @rule(pick=PICK, strategy=st.sampled_from(rules.STRATEGIES))
    def choose_a_strategy(self, pick: int, strategy: str) -> None:
        owners = self.story.market.owners
        self.write(
            "", """INSERT INTO pricing_settings (owner_id, strategy) VALUES (:owner_id, :strategy)
            ON CONFLICT (owner_id) DO UPDATE SET strategy = EXCLUDED.strategy""",
            owner_id=owners[pick % len(owners)], strategy=strategy,
        )  # fmt: skip

    def teardown(self) -> None:
        try:
            self.compare()
        finally:
            self.example.rollback()

    def compare(self) -> None:
        now = clock(self.session)
        for at, then in self.seen:
            assert self.said(at, now) == then
            found = queries.resolve_at(self.session, request=self.request, at=at, now=now)
            assert {
                line_no: (each.price_list_id, each.price.amount_minor)
                for line_no, each in found.items()
            } == {
                line_no: (held[0], held[3]) for line_no, (held, _, _) in then.items() if held
            }  # fmt: skip


class TestThePast:
    def test_says_what_it_said_whatever_is_edited_since(self, session: Session) -> None:
        class Run(Edits):
            pass

        Run.session = session
        run_state_machine_as_test(
            Run,
            settings=settings(
                max_examples=40,
                stateful_step_count=25,
                deadline=timedelta(seconds=60),
                suppress_health_check=list(HealthCheck),
            ),
        )

    def test_is_not_read_by_whoever_asks_about_now(self, session: Session, now: datetime) -> None:
        story = RandomMarket(session, seed=3, now=now)
        _, where = story.situation()
        request = rules.Request(asks=story.asks(), **where)
        later = now + timedelta(days=1)
        for at in (now, later):
            with count_statements() as present:
                queries.explain(session, request=request, at=at, now=now)
                queries.resolve_at(session, request=request, at=at, now=now)
            assert present.about("pricing_past") == 0
        with count_statements() as present:
            queries.explain(session, request=request, at=now, now=now)
        with count_statements() as past:
            queries.explain(session, request=request, at=now, now=later)
        assert len(past) <= len(present)

    def test_is_not_written_where_nothing_changed(self, session: Session, now: datetime) -> None:
        RandomMarket(session, seed=3, now=now)
        before = kept(session)
        session.execute(text("UPDATE pricing_entries SET amount_minor = amount_minor"))
        session.execute(text("UPDATE pricing_price_lists SET version = version + 1, name = 'N'"))
        session.execute(text("UPDATE pricing_settings SET strategy = strategy"))
        assert kept(session) == before
        changed = session.execute(
            text("UPDATE pricing_entries SET amount_minor = amount_minor + variant_n FROM ("
                 " SELECT id, (row_number() OVER (ORDER BY id) - 1) % 2 AS variant_n"
                 " FROM catalog_variants) v WHERE v.id = variant_id RETURNING variant_n")
        ).scalars().all()  # fmt: skip
        assert 0 < sum(changed) < len(changed)
        assert kept(session) == (before[0] + sum(changed), before[1])


def kept(session: Session) -> tuple[int, int]:
    return tuple(
        session.execute(
            text("SELECT (SELECT count(*) FROM pricing_past_entries),"
                 " (SELECT count(*) FROM pricing_past)")
        ).one()
    )  # fmt: skip
