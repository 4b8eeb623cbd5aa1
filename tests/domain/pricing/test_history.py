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
from tests.support.price_market import RandomMarket, clock, expected_of
from tests.support.statements import count_statements

_BEGUN_LATER = {"no_entry", "entry_not_valid_now"}

# Before an edit of an existing row: the n-th row of its table, counted in the order of its key.
_NTH = """
WITH nth AS (
    SELECT ctid AS place, * FROM {table} ORDER BY {key} LIMIT 1
    OFFSET CAST(:pick AS integer) % GREATEST(1, (SELECT count(*) FROM {table}))
)
"""
_ENTRY = _NTH.format(
    table="pricing_entries", key="variant_id, price_list_id, from_quantity, valid_from"
)
_ASSIGNMENT = _NTH.format(table="pricing_assignments", key="id")
_FORMULA = _NTH.format(table="pricing_formulas", key="id")
_LIST = _NTH.format(table="pricing_price_lists", key="id")

EDITS = (
    (_ENTRY, """
        UPDATE pricing_entries e SET amount_minor = :number FROM nth n WHERE e.ctid = n.place"""),
    (_ENTRY, """
        UPDATE pricing_entries e SET valid_to = clock_timestamp() + make_interval(hours => :hours)
        FROM nth n WHERE e.ctid = n.place"""),
    (_ENTRY, """
        DELETE FROM pricing_entries e USING nth n WHERE e.ctid = n.place"""),
    # as people change prices: the old one ends where the new one begins
    (_ENTRY, """,
        instant AS (SELECT clock_timestamp() AS at),
        ended AS (
            UPDATE pricing_entries e SET valid_to = at FROM nth n, instant WHERE e.ctid = n.place
        )
        INSERT INTO pricing_entries (
            variant_id, price_list_id, from_quantity, valid_from, amount_minor, per_quantity)
        SELECT variant_id, price_list_id, from_quantity, at, :number, per_quantity
        FROM nth, instant"""),
    (_LIST, """
        INSERT INTO pricing_entries (
            variant_id, price_list_id, from_quantity, valid_from, amount_minor, per_quantity)
        SELECT :variant_id, id, 1 + :number % 10, clock_timestamp(), :number, 1 FROM nth"""),
    (_ASSIGNMENT, """
        UPDATE pricing_assignments a SET priority = :number, stops = :number % 5 = 0
        FROM nth n WHERE a.ctid = n.place"""),
    (_ASSIGNMENT, """
        DELETE FROM pricing_assignments a USING nth n WHERE a.ctid = n.place"""),
    (_LIST, """
        INSERT INTO pricing_assignments (id, price_list_id, priority, stops)
        SELECT uuidv7(), id, 5, :number % 5 = 0 FROM nth WHERE purpose = 'sale'"""),
    (_FORMULA, """,
        gone AS (
            DELETE FROM pricing_formulas f USING nth n WHERE f.price_list_id = n.price_list_id
            RETURNING f.position
        )
        INSERT INTO pricing_formulas (id, price_list_id, position, factor_bps)
        SELECT uuidv7(), price_list_id, 100 + (SELECT max(position) FROM gone), 20 * :number
        FROM nth"""),
    (_FORMULA, """
        UPDATE pricing_formulas f SET add_minor = :number FROM nth n WHERE f.ctid = n.place"""),
    (_LIST, """
        UPDATE pricing_price_lists l SET base_list_id = :base, version = l.version + 1
        FROM nth n WHERE l.ctid = n.place"""),
    (_LIST, """
        UPDATE pricing_price_lists l
        SET valid_to = clock_timestamp() + make_interval(hours => :hours)
        FROM nth n WHERE l.ctid = n.place"""),
    ("", """
        INSERT INTO pricing_settings (owner_id, strategy) VALUES (:owner_id, :strategy)
        ON CONFLICT (owner_id) DO UPDATE SET strategy = EXCLUDED.strategy"""),
)  # fmt: skip


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
        # A third of all that can be asked, another one each time: every question is asked of
        # every instant again.
        self.request = rules.Request(asks=self.story.asks()[seed % 3 :: 3], **where)
        self.seen: list[tuple[datetime, Mapping[int, tuple]]] = []
        self.look()

    def said(self, at: datetime, now: datetime) -> Mapping[int, tuple]:
        found = queries.explain(self.session, request=self.request, at=at, now=now)
        return {line_no: told(choice) for line_no, choice in found.items()}

    def write(self, statement: str, binds: Mapping[str, Any]) -> None:
        """Edit, if the database allows it."""
        savepoint = self.session.begin_nested()
        try:
            self.session.execute(text(statement), binds)
        except DBAPIError:
            savepoint.rollback()
        else:
            savepoint.commit()

    def look(self) -> None:
        at = clock(self.session)
        self.seen.append((at, self.said(at, at)))

    @rule(
        edit=st.sampled_from(EDITS),
        pick=st.integers(0, 2**16),
        other=st.integers(0, 2**16),
        number=st.integers(0, 999),
        hours=st.sampled_from([None, -30, 0, 30]),
        strategy=st.sampled_from(rules.STRATEGIES),
    )
    def edit(self, edit: tuple[str, str], other: int, **binds: Any) -> None:
        market = self.story.market
        some = {
            "variant_id": list(market.variants), "owner_id": market.owners,
            "base": [*market.by_id, None],
        }  # fmt: skip
        binds |= {name: among[other % len(among)] for name, among in some.items()}
        self.write("".join(edit), binds)
        self.look()

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
                max_examples=12,
                stateful_step_count=15,
                deadline=None,
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
