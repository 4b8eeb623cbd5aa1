"""All of it in order: generate up to a size, measure, grow, measure again, and tell.

The network grows in one database, so the same questions are asked of the same goods at every size.
Run again with the same folder (``--keep``), it goes on where it stopped.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.discovery import operations as discovery_operations
from app.infra.db import db
from bench.market import (
    changing,
    clocks,
    goods,
    importing,
    listing,
    network,
    prices,
    report,
    resolving,
)
from bench.market.home import Home, at_home
from bench.market.plan import FULL, SMALL, Plan
from bench.market.resolving import NOW
from bench.market.stages import Generator

PLANS = {"full": FULL, "small": SMALL}
# For how many variants there are prices: some 50 entries each.
STEPS = {"full": (20_000, 200_000, 1_000_000), "small": (1_000, 4_000)}
CHECKED = "SELECT 1"  # every rule of the database in force
BASE = (
    network.ORGANIZATIONS, goods.CATEGORIES, network.TERRITORIES, goods.PRODUCTS, goods.VARIANTS,
    goods.OFFERS, goods.STOCK, prices.LISTS, prices.FORMULAS, prices.ASSIGNMENTS,
    network.AGREEMENTS, network.SHOPS,
)  # fmt: skip
_BY_PRICE = "ix_pricing_entries_by_price"


def run(*, size: str, var: Path, kept: bool, out: Path, pages: int, checked: int) -> int:
    """Measure a size and all before it; figures go to ``out`` as they come."""
    plan, figures = PLANS[size], {}
    with at_home(var, kept=kept) as home, home.connect() as connection:
        for name, figure in _measured(home, connection, plan, STEPS[size], pages, checked):
            figures[name] = figure
            report.write(out, figures)
    print(report.tell(figures))
    return 0


def _measured(
    home: Home, connection: psycopg.Connection, plan: Plan, steps: tuple[int, ...], pages: int,
    checked: int,
) -> Iterator[tuple[str, dict[str, Any]]]:  # fmt: skip
    generator = Generator(connection, plan)
    yield "generating", {stage.name: _rate(generator.make(stage)) for stage in BASE}
    connection.execute("VACUUM (ANALYZE)")
    for number, below in enumerate(steps):
        written = _grow(connection, generator, below, checked)
        entries = _count(connection)
        with home.app.app_context():
            cases = resolving.measure(db.session, plan, below=below, runs=pages, seed=1)
            db.session.remove()
        yield f"resolving, {entries:,} entries", {"written": written, "cases": cases}
        if not number:
            long_list = generator.make(prices.LONG_LIST_ENTRIES, checked=CHECKED)
            yield "writing the long list", {"entries": _rate(long_list)}
    _index(home)
    connection.execute("VACUUM (ANALYZE)")
    with home.app.app_context(), Session(db.engine) as writer, Session(db.engine) as reader:
        yield "changing", changing.measure(writer, reader, plan, runs=50)
    yield "listing", listing.measure(home)
    many = plan.variants // 2
    yield "importing", importing.measure(home, home.var, prices=many, variants=many * 2 // 5)


def _grow(
    connection: psycopg.Connection, generator: Generator, below: int, checked: int
) -> dict[str, Any]:
    """Entries for the goods below a number: the first with every rule and index, told apart.

    The rest is taken on trust, and the index by price is made afterwards: it lies in another order.
    """
    done = generator.done(prices.ENTRIES)
    told = {"checked": generator.make(prices.ENTRIES, up_to=min(below, done + checked),
                                      checked=CHECKED)}  # fmt: skip
    if below > done + checked:
        made = _definition(connection, _BY_PRICE)
        connection.execute(f"DROP INDEX {_BY_PRICE}")
        told["on trust"] = generator.make(prices.ENTRIES, up_to=below)
        connection.execute(made)
    connection.execute("VACUUM (ANALYZE) pricing_entries")
    connection.execute("CHECKPOINT")
    return {name: _rate(written) for name, written in told.items()}


def _definition(connection: psycopg.Connection, index: str) -> str:
    found = connection.execute("SELECT pg_get_indexdef(%s::regclass)", [index]).fetchone()
    assert found is not None
    return str(found[0])


def _count(connection: psycopg.Connection) -> int:
    found = connection.execute("SELECT count(*) FROM pricing_entries").fetchone()
    assert found is not None
    return int(found[0])


def _index(home: Home) -> None:
    """Make search documents and shelves, batch by batch, as the sweeps do."""
    with home.app.app_context():
        if not db.session.scalar(text("SELECT EXISTS (SELECT FROM discovery_documents)")):
            discovery_operations.queue_all(db.session)
            db.session.commit()
        while discovery_operations.index_waiting(db.session, limit=discovery_operations.BATCH):
            db.session.commit()
        discovery_operations.mark_all(db.session)
        while discovery_operations.shelve_waiting(
            db.session, limit=discovery_operations.BATCH, now=NOW
        ):
            db.session.commit()
        db.session.remove()


def _rate(made: Any) -> dict[str, Any]:  # noqa: ANN401 - stages.Made
    rate = round(made.rows / made.seconds) if made.seconds else 0
    return {
        "rows": made.rows,
        "seconds": round(made.seconds, 1),
        "rows_a_second": rate,
        "load": clocks.load(),
    }
