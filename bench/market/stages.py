"""The generator's machinery: stages of SQL that go on where they stopped.

A stage's ``once`` statements run in one transaction; its ``batch`` runs for ranges of variants,
each range in a transaction of its own that also notes how far it came. ``$names`` stand for the
numbers of the plan, ``$lo`` and ``$hi`` for the range.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from bench.market.plan import ID, OWNER_LISTS, SELLER_LISTS, Plan

SINCE = "CAST('2026-01-01T00:00:00Z' AS timestamptz)"
# A range of variants: number, product, manufacturer, group.
NUMBERED = """(
    SELECT n, n / 4 AS p, n / $a_maker AS m, n / $a_maker * 10 + n / 4 % 10 AS g
    FROM generate_series(CAST($lo AS bigint), $hi - 1) AS n
) AS numbered"""

_NOTES = """
CREATE TABLE IF NOT EXISTS bench_stages (
    name text PRIMARY KEY, done bigint NOT NULL, rows bigint NOT NULL, seconds float NOT NULL
)
"""
_NOTE = """
INSERT INTO bench_stages (name, done, rows, seconds) VALUES (%s, %s, %s, %s)
ON CONFLICT (name) DO UPDATE SET done = EXCLUDED.done,
    rows = bench_stages.rows + EXCLUDED.rows, seconds = bench_stages.seconds + EXCLUDED.seconds
"""
# Nothing that is generated breaks a rule; what is measured runs with every rule in force.
TRUSTED = "SET LOCAL session_replication_role = replica"


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the network; ``size`` is how many variants a batch is made for."""

    name: str
    once: tuple[str, ...] = ()
    batch: str = ""
    size: int = 100_000


@dataclass(frozen=True, slots=True)
class Made:
    """What a stage wrote now, and how long it took."""

    rows: int
    seconds: float


def names_of(plan: Plan) -> Mapping[str, int]:
    """The numbers that the statements name."""
    owners = plan.sellers * SELLER_LISTS
    transfers = owners + plan.shops * OWNER_LISTS
    return {
        "makers": plan.makers,
        "sellers": plan.sellers,
        "shops": plan.shops,
        "buyers": plan.buyers,
        "market_groups": plan.market_groups,
        "a_maker": plan.variants_a_maker,
        "owners": owners,
        "transfers": transfers,
        "recommended": transfers + plan.sellers,
    }


class Generator:
    """Writes stages through one connection in autocommit mode."""

    def __init__(self, connection: psycopg.Connection, plan: Plan) -> None:
        self._connection = connection
        self._plan = plan
        connection.execute(_NOTES)
        connection.execute(ID)
        connection.execute("SET work_mem = '256MB'")
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute("SET synchronous_commit = off")

    def make(self, stage: Stage, *, up_to: int | None = None, checked: str = TRUSTED) -> Made:
        """Write what is missing of a stage, for the variants below a number.

        ``checked`` is run first in each transaction: by default it takes the rows on trust.
        """
        up_to = self._plan.variants if up_to is None else up_to
        done = self._done(stage)
        made = Made(0, 0.0)
        if done is None:
            made = self._once(stage, checked)
            done = 0
        while stage.batch and done < up_to:
            hi = min(done + stage.size, up_to)
            made = _sum(made, self._batch(stage, done, hi, checked))
            done = hi
        return made

    def analyze(self, *tables: str) -> None:
        """Refresh the planner's statistics and the visibility map."""
        for table in tables:
            self._connection.execute(f"VACUUM (ANALYZE) {table}")

    def done(self, stage: Stage) -> int:
        """For how many variants a stage is written already."""
        return self._done(stage) or 0

    def _done(self, stage: Stage) -> int | None:
        found = self._connection.execute(
            "SELECT done FROM bench_stages WHERE name = %s", [stage.name]
        ).fetchone()
        return None if found is None else int(found[0])

    def _once(self, stage: Stage, checked: str) -> Made:
        return self._run(stage, stage.once, 0, 0, checked)

    def _batch(self, stage: Stage, lo: int, hi: int, checked: str) -> Made:
        made = self._run(stage, (stage.batch,), lo, hi, checked)
        rate = made.rows / max(made.seconds, 1e-9)
        print(f"  {stage.name}: to variant {hi:,}, {rate:,.0f} rows/s", flush=True)
        return made

    def _run(
        self, stage: Stage, statements: tuple[str, ...], lo: int, hi: int, checked: str
    ) -> Made:
        names = {**names_of(self._plan), "lo": lo, "hi": hi}
        began, rows = time.perf_counter(), 0
        with self._connection.transaction():
            self._connection.execute(checked)
            for statement in statements:
                rows += self._connection.execute(_filled(statement, names)).rowcount
            seconds = time.perf_counter() - began
            self._connection.execute(_NOTE, [stage.name, hi, rows, seconds])
        return Made(rows, time.perf_counter() - began)


def _filled(statement: str, names: Mapping[str, int]) -> str:
    return re.sub(r"\$([a-z_]+)", lambda found: str(names[found[1]]), statement)


def _sum(one: Made, other: Made) -> Made:
    return Made(one.rows + other.rows, one.seconds + other.seconds)
