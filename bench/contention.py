"""Many buyers, few variants: how fast the same stock rows are sold, and that nothing goes wrong.

``python -m bench contention --hot 1,10,100`` starts servers of its own and lets 64 buyers, each a
thread with a connection of its own, a process a processor, do for some seconds, when all are warm,
of so many hot variants,

- ``update``: one to three of the stock rows, by a bare UPDATE each, in order, and commit;
- ``reserve``: the same by the operation that orders use, and commit;
- ``order``: place an order of them: routed, reserved, credit taken, seller asked, told;

and then order until nothing is left (``last``). Told are transactions a second, their ratio to the
bare updates, how long half and 99 of 100 took, and what one took of the processor (without the
database's part). In the end nothing may be oversold, every law of stock must hold, and the
database must have seen no deadlock.
"""

import os
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from multiprocessing.pool import Pool
from multiprocessing.synchronize import Barrier
from pathlib import Path
from random import Random
from typing import NamedTuple

from flask import Flask
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from app.config import settings_from
from app.infra.db import ENGINE_OPTIONS, db
from app.infra.unit_of_work import transaction
from app.inventory import operations as inventory
from app.inventory import queries as inventory_queries
from app.kernel.errors import AppError
from app.kernel.ids import new_id
from app.ordering import operations as ordering
from app.wiring import create_app
from bench.market.clocks import load
from bench.market.home import Home, at_home
from tests.factories import network as net
from tests.factories.world import World, build_world

BUYERS, PROCESSES = 64, os.cpu_count() or 1
MANY, FEW = 1_000_000, 4
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

_UPDATE = (
    "UPDATE inventory_stock SET reserved = reserved + 1 WHERE location_id = %s"
    " AND variant_id = %s AND on_hand - reserved - safety >= 1"
)
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
_RESERVED = "SELECT sum(reserved) FROM inventory_stock WHERE variant_id = ANY (%s)"


class Buyer(NamedTuple):
    """Who orders, and to where."""

    organization_id: uuid.UUID
    address_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Work:
    """What a process is told to do."""

    what: str
    seconds: float
    storefront_id: uuid.UUID
    location_id: uuid.UUID
    variants: tuple[uuid.UUID, ...]
    buyers: tuple[Buyer, ...]
    seed: int


Step = Callable[[Session, Work, Buyer, Sequence[uuid.UUID]], None]


class Done(NamedTuple):
    """How long what succeeded took, in seconds, what was refused or went wrong, and its work."""

    took: list[float]
    refused: int
    wrong: list[str]
    processor_s: float = 0.0


def run(*, hot: Sequence[int], seconds: float) -> int:
    """Measure each number of hot variants; 1 when something went wrong."""
    wrong = 0
    with (
        tempfile.TemporaryDirectory(prefix="bench-contention-") as folder,
        at_home(Path(folder) / "var", kept=False) as home,
        home.app.app_context(),
    ):
        world, buyers = _world()
        print(f"load {load()}; {BUYERS} buyers in {PROCESSES} processes, {seconds:g} s each")
        print(
            _row("hot", "what", "tx/s", "of bare", "p50 ms", "p99 ms", "cpu ms", "refused", "wrong")
        )
        processes = get_context("spawn")
        settled = (home.environ, processes.Barrier(PROCESSES))
        with processes.Pool(PROCESSES, _settle, settled) as pool:
            for count in hot:
                variants = tuple(
                    world.add_variant(wanda=None, stock=(MANY, 0)) for _ in range(count)
                )
                db.session.commit()
                wrong += _measure(home, pool, world, buyers, variants, seconds)
        wrong += _prove(home)
    return 1 if wrong else 0


def _world() -> tuple[World, tuple[Buyer, ...]]:
    """Rosa's storefront, and buyers with an account there each."""
    world = build_world(db.session(), NOW)
    buyers = []
    for _ in range(BUYERS):
        organization = net.OrganizationFactory(buyer=True)
        net.TradingAccountFactory(seller_id=world.rosa.id, buyer_id=organization.id)
        address = net.AddressFactory(organization_id=organization.id)
        buyers.append(Buyer(organization.id, address.id))
    db.session.commit()
    return world, tuple(buyers)


def _measure(
    home: Home,
    pool: Pool,
    world: World,
    buyers: tuple[Buyer, ...],
    variants: tuple[uuid.UUID, ...],
    seconds: float,
) -> int:
    bare, wrong = 0.0, 0
    for what in ("update", "reserve", "order", "last"):
        if what == "last":
            _leave_few(home, variants)
        before = _reserved(home, variants)
        works = [
            Work(
                what="order" if what == "last" else what,
                seconds=seconds, storefront_id=world.storefront.id,
                location_id=world.places["dieter"], variants=variants,
                buyers=buyers[no::PROCESSES], seed=no,
            )
            for no in range(PROCESSES)
        ]  # fmt: skip
        done = pool.map(_in_process, works, chunksize=1)
        took = sorted(each for part in done for each in part.took)
        rate = len(took) / seconds
        bare = bare or rate
        told = sorted({line for part in done for line in part.wrong})
        wrong += len(told)
        print(
            _row(
                str(len(variants)), what, f"{rate:,.0f}", f"{rate / bare:.2f}",
                f"{1000 * took[len(took) // 2]:.1f}", f"{1000 * took[len(took) * 99 // 100]:.1f}",
                f"{1000 * sum(part.processor_s for part in done) / len(took):.2f}",
                f"{sum(part.refused for part in done):,}", str(len(told)),
            ),
            flush=True,
        )  # fmt: skip
        for line in told:
            print(f"  {line}")
        if what == "update":
            _undo(home, variants)
        if what == "last":
            sold, left = _reserved(home, variants) - before, _few(variants) * len(variants)
            print(f"  {sold} of the last {left} units were sold")
            wrong += sold > left
    return wrong


class _Here:
    """What a process keeps from one measurement to the next."""

    app: Flask
    engine: Engine
    barrier: Barrier


def _settle(environ: dict[str, str], barrier: Barrier) -> None:
    """Begin a process: the product, its connections, and where processes wait for each other."""
    _Here.app = create_app(settings_from(environ))
    options = {**ENGINE_OPTIONS, "pool_size": BUYERS}
    _Here.engine = create_engine(_Here.app.config["SQLALCHEMY_DATABASE_URI"], **options)
    _Here.barrier = barrier


def _in_process(work: Work) -> Done:
    """All buyers of a process, a thread each; all of all processes begin together."""
    step = {"update": _update, "reserve": _reserve, "order": _order}[work.what]
    everybody = threading.Barrier(len(work.buyers), action=_Here.barrier.wait)
    with _Here.app.app_context(), ThreadPoolExecutor(len(work.buyers)) as threads:
        buy = partial(_buy, work=work, step=step, everybody=everybody)
        done = list(threads.map(buy, range(len(work.buyers))))
    return Done(
        [each for part in done for each in part.took],
        sum(part.refused for part in done),
        [line for part in done for line in part.wrong],
        sum(part.processor_s for part in done),
    )


def _buy(no: int, *, work: Work, step: Step, everybody: threading.Barrier) -> Done:
    """One buyer: warm up, wait for the others, then again and again."""
    dice, done, refused = Random(work.seed * 1000 + no), Done([], 0, []), 0
    with Session(_Here.engine) as session:
        _once(session, work, no, step, dice, done)
        done.took.clear()
        everybody.wait()
        end, processor = time.perf_counter() + work.seconds, time.thread_time()
        while time.perf_counter() < end:
            refused += _once(session, work, no, step, dice, done)
    return done._replace(refused=refused, processor_s=time.thread_time() - processor)


def _once(session: Session, work: Work, no: int, step: Step, dice: Random, done: Done) -> bool:
    """Try once; whether it was refused."""
    wanted = dice.sample(work.variants, min(dice.randint(1, 3), len(work.variants)))
    began = time.perf_counter()
    try:
        step(session, work, work.buyers[no], wanted)
    except AppError:
        return True
    except Exception as error:  # noqa: BLE001 - whatever went wrong is told
        done.wrong.append(f"{type(error).__name__}: {str(error).splitlines()[0]}")
        session.rollback()
    else:
        done.took.append(time.perf_counter() - began)
    return False


def _update(session: Session, work: Work, _buyer: Buyer, wanted: Sequence[uuid.UUID]) -> None:
    connection = session.connection().connection.driver_connection
    for variant in sorted(wanted):
        connection.execute(_UPDATE, (work.location_id, variant))
    session.commit()


def _reserve(session: Session, work: Work, _buyer: Buyer, wanted: Sequence[uuid.UUID]) -> None:
    rows = [
        inventory.Wanted(
            allocation_id=new_id(), location_id=work.location_id, variant_id=variant, quantity=1
        )
        for variant in wanted
    ]
    with transaction(session):
        inventory.reserve(session, order_id=new_id(), wanted=rows, now=NOW)


def _order(session: Session, work: Work, buyer: Buyer, wanted: Sequence[uuid.UUID]) -> None:
    placement = ordering.Placement(
        storefront_id=work.storefront_id, buyer_id=buyer.organization_id,
        address_id=buyer.address_id,
        lines=[ordering.PlacementLine(variant, 1) for variant in wanted],
    )  # fmt: skip
    organization = net.OrganizationFactory.build(id=buyer.organization_id, kinds=["buyer"])
    caller = net.caller_of(organization)
    with transaction(session):
        ordering.place_order(session, caller=caller, placement=placement, now=NOW)


def _undo(home: Home, variants: Sequence[uuid.UUID]) -> None:
    """Forget what was taken by bare updates, which nobody holds."""
    with home.connect() as connection:
        connection.execute(
            "UPDATE inventory_stock SET reserved = 0 WHERE variant_id = ANY (%s)", (list(variants),)
        )


def _few(variants: Sequence[uuid.UUID]) -> int:
    """So many of each that the buyers go on a while after they are gone."""
    return FEW * BUYERS // len(variants) + 1


def _leave_few(home: Home, variants: Sequence[uuid.UUID]) -> None:
    """Leave so few units that they are soon gone."""
    with home.connect() as connection:
        connection.execute(
            "UPDATE inventory_stock SET on_hand = reserved + %s WHERE variant_id = ANY (%s)",
            (_few(variants), list(variants)),
        )


def _reserved(home: Home, variants: Sequence[uuid.UUID]) -> int:
    with home.connect() as connection:
        row = connection.execute(_RESERVED, (list(variants),)).fetchone()
    return int(row[0]) if row else 0


def _prove(home: Home) -> int:
    """Whether every law of stock holds and no deadlock was seen."""
    broken = [proof.name for proof in inventory_queries.verify(db.session) if not proof.holds]
    db.session.rollback()
    with home.connect() as connection:
        row = connection.execute(_DEADLOCKS).fetchone()
    deadlocks = int(row[0]) if row else 0
    log = sum(
        "deadlock detected" in line
        for path in home.var.rglob("postgresql.log")
        for line in path.read_text(errors="replace").splitlines()
    )
    print(f"laws broken: {broken or 'none'}; deadlocks: {deadlocks}, in the log {log}")
    return len(broken) + deadlocks + log


def _row(*cells: str) -> str:
    return "".join(f"{cell:>10}" for cell in cells)
