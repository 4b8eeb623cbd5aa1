"""``python -m bench placements``: orders placed a second, beside the very same rows written bare.

Makes a network (:mod:`bench.bazaar`), notes what rows a placement writes in which tables, and lets
1, 4 and 16 clients, each with a buyer and a connection of its own, a process a processor, do for
some seconds, when all are warm,

- ``rows``: the rows of such placements under new ids, by psycopg alone: one prepared statement a
  table, the stock's rows updated in order, in one transaction each. That is the floor: the rules
  that the database keeps (triggers, checks, keys) are in it, nothing of the product is;
- ``placed``: the orders themselves by the product's operation: routed, reserved, credit taken,
  sellers asked, told, committed;
- ``http``: the same over HTTP, with key and idempotency, at a server of two workers.

Told are transactions a second, their ratio to the floor, how long half and 99 of 100 took, and what
a placement writes.
"""

import http.client
import json
import re
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from http import HTTPStatus
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.config import settings_from
from app.infra.db import db
from app.infra.unit_of_work import publish, transaction
from app.kernel.ids import new_id
from app.ordering import operations as ordering
from app.wiring import create_app
from bench.bazaar import NOW, Bazaar, body_of, open_bazaar
from bench.market.clocks import load, percentile, watching
from bench.market.home import Home, at_home
from bench.market.serving import served

PROCESSES, WARM, TEMPLATES = 2, 12, 24
_COLUMNS = """
SELECT attname FROM pg_attribute a
LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
WHERE attrelid = CAST(%s AS regclass) AND attnum > 0 AND NOT attisdropped AND attidentity = ''
  AND attgenerated = ''
  AND COALESCE(pg_get_expr(d.adbin, d.adrelid), '') !~ 'nextval|now|xact|clock'
ORDER BY attnum
"""
# In the order in which they refer to each other. Stock and balances are updated besides.
_TABLES = (
    "ordering_orders", "ordering_order_lines", "routing_decisions", "ordering_seller_orders",
    "ordering_consignments", "ordering_allocations", "inventory_reservations", "ledger_journals",
    "ledger_entries", "infra_outbox",
)  # fmt: skip
_TAKE = """
UPDATE inventory_stock s SET reserved = s.reserved + w.quantity
FROM (
    SELECT k.location_id, k.variant_id, w.quantity
    FROM jsonb_to_recordset(%s::jsonb) AS w (location_id uuid, variant_id uuid, quantity integer)
    JOIN inventory_stock k ON k.location_id = w.location_id AND k.variant_id = w.variant_id
    ORDER BY k.location_id, k.variant_id FOR UPDATE OF k
) w
WHERE s.location_id = w.location_id AND s.variant_id = w.variant_id
"""
_MOVE = """
UPDATE ledger_balances b SET amount_minor = b.amount_minor + e.amount_minor, version = version + 1
FROM jsonb_to_recordset(%s::jsonb) AS e (account_id uuid, amount_minor bigint)
WHERE b.account_id = e.account_id
"""
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

Rows = Mapping[str, bytes]
Step = Callable[[], None]


class Noted(NamedTuple):
    """The rows of a placement by table, as JSON, and the ids that are its own."""

    rows: Rows
    own: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class Work:
    """What a process is told to do: for which clients, and where."""

    what: str
    clients: Sequence[int]
    seconds: float
    bazaar: Bazaar
    address: str
    port: int
    noted: Sequence[Noted]
    columns: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Told:
    """What some clients did."""

    what: str
    clients: int
    a_second: float
    of_floor: float
    p50_ms: float
    p99_ms: float
    load: float


def run(
    *, sellers: int, offers: int, clients: Sequence[int], seconds: float, out: Path | None
) -> int:
    """Print what each number of clients did, in each way."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-placements-") as folder,
        at_home(Path(folder) / "var", kept=False) as home,
        home.app.app_context(),
    ):
        bazaar = open_bazaar(
            home, sellers=sellers, offers=offers, stock=1_000_000, buyers=max(clients)
        )
        written, statements, noted = _note(bazaar)
        print(f"{sellers:,} sellers, {offers:,} offers; an order runs {statements} statements and "
              f"inserts {sum(written.values())} rows: {written}", flush=True)  # fmt: skip
        with served("wsgi:app", home.environ, ready="/healthz") as server:
            told = list(_raced(home, bazaar, noted, clients, seconds, server.port))
    if out is not None:
        figures = {"written": written, "statements": statements}
        out.write_text(json.dumps(figures | {"told": [asdict(each) for each in told]}, indent=2))
    return 0


def _note(bazaar: Bazaar) -> tuple[dict[str, int], int, list[Noted]]:
    """What placements write, taken back again; each buyer's first is not, and opens its books."""
    for buyer in range(len(bazaar.buyers)):
        with transaction(db.session) as session:
            _place(session, bazaar, buyer, next(bazaar.placements(seed=1, buyer=buyer)))
    noted: list[Noted] = []
    statements = 0
    for number in range(TEMPLATES):
        buyer = number % len(bazaar.buyers)
        placement = next(bazaar.placements(seed=100 + number, buyer=buyer))
        with watching() as watch:
            _place(db.session(), bazaar, buyer, placement)
            publish(db.session())
        statements = len(watch.seconds)
        noted.append(_noted(db.session()))
        db.session.rollback()
        db.session.info["events"] = []
    written = {table: len(orjson.loads(rows)) for table, rows in noted[0].rows.items()}
    return written, statements, noted


def _place(session: Any, bazaar: Bazaar, buyer: int, placement: ordering.Placement) -> uuid.UUID:  # noqa: ANN401
    caller = bazaar.buyers[buyer].caller
    return ordering.place_order(session, caller=caller, placement=placement, now=NOW)


def _noted(session: Session) -> Noted:
    rows: dict[str, bytes] = {}
    own: set[bytes] = set()
    for table in _TABLES:
        found = session.execute(
            text(f"SELECT to_jsonb(t) FROM {table} t WHERE xmin = pg_current_xact_id()::xid")
        ).scalars()
        listed = list(found)
        rows[table] = orjson.dumps(listed)
        own |= {str(row["id"]).encode() for row in listed if "id" in row}
    return Noted(rows, frozenset(own))


def _renewed(noted: Noted) -> Rows:
    """The same rows under ids of their own."""
    fresh = {each: str(new_id()).encode() for each in noted.own}
    return {
        table: _UUID.sub(lambda found: fresh.get(found[0], found[0]), body)
        for table, body in noted.rows.items()
    }


def _raced(
    home: Home,
    bazaar: Bazaar,
    noted: Sequence[Noted],
    clients: Sequence[int],
    seconds: float,
    port: int,
) -> Iterator[Told]:
    with home.connect() as connection:
        columns = {
            table: [row[0] for row in connection.execute(_COLUMNS, [table])] for table in _TABLES
        }
    print(f"{'clients':>8}{'what':>8}{'a second':>10}{'of floor':>10}{'p50 ms':>9}{'p99 ms':>9}"
          f"{'load':>7}", flush=True)  # fmt: skip
    processes = get_context("spawn")
    with processes.Pool(PROCESSES, _settle, (home.environ,)) as pool:
        for many in clients:
            floor = 0.0
            for what in ("rows", "placed", "http"):
                works = [
                    Work(what, list(range(no, many, PROCESSES)), seconds, bazaar, home.address,
                         port, noted, columns)
                    for no in range(min(PROCESSES, many))
                ]  # fmt: skip
                took = [each for part in pool.map(_work, works, 1) for each in part]
                rate = len(took) / seconds
                floor = floor or rate
                told = Told(what, many, round(rate, 1), round(rate / floor, 3),
                            round(percentile(took, 0.5), 1), round(percentile(took, 0.99), 1),
                            load())  # fmt: skip
                print(f"{many:>8}{what:>8}{told.a_second:>10.1f}{told.of_floor:>10.3f}{told.p50_ms:>9.1f}"
                      f"{told.p99_ms:>9.1f}{told.load:>7}", flush=True)  # fmt: skip
                yield told


_app: Any = None


def _settle(environ: dict[str, str]) -> None:
    """Make the product in a process of the pool, once."""
    global _app  # noqa: PLW0603 - what a process is settled with
    _app = create_app(settings_from(environ))


def _work(work: Work) -> list[float]:
    """What each order of a process's clients took, in milliseconds."""
    ready = threading.Barrier(len(work.clients))
    with ThreadPoolExecutor(len(work.clients)) as pool:
        parts = pool.map(lambda client: _client(work, client, ready), work.clients)
        return [each for part in parts for each in part]


def _client(work: Work, client: int, ready: threading.Barrier) -> list[float]:
    with _app.app_context():
        step = _STEPS[work.what](work, client)
        for _ in range(WARM):
            step()
        ready.wait()
        took, until = [], time.perf_counter() + work.seconds
        while (began := time.perf_counter()) < until:
            step()
            took.append((time.perf_counter() - began) * 1000)
        db.session.remove()
        return took


def _rows(work: Work, client: int) -> Step:
    """Writes noted rows under new ids; made ready before the clock runs, so only writing counts."""
    connection = psycopg.connect(work.address, prepare_threshold=0)
    statements = {table: _insertion(table, columns) for table, columns in work.columns.items()}
    templates = work.noted[client % len(work.noted) :] + work.noted[: client % len(work.noted)]
    ready = [_renewed(each) for _ in range(max(1, 4000 // len(templates))) for each in templates]
    waiting = iter(ready)

    def step() -> None:
        rows = next(waiting)
        for table, statement in statements.items():
            connection.execute(statement, [rows[table].decode()])
        connection.execute(_TAKE, [rows["inventory_reservations"].decode()])
        connection.execute(_MOVE, [rows["ledger_entries"].decode()])
        connection.commit()

    return step


def _insertion(table: str, columns: Sequence[str]) -> str:
    names = ", ".join(columns)
    return (
        f"INSERT INTO {table} ({names})"
        f" SELECT {names} FROM json_populate_recordset(CAST(NULL AS {table}), %s::json)"
    )


def _placed(work: Work, client: int) -> Step:
    placements = work.bazaar.placements(seed=1000 + client, buyer=client)

    def step() -> None:
        with transaction(db.session) as session:
            _place(session, work.bazaar, client, next(placements))

    return step


def _http(work: Work, client: int) -> Step:
    placements = work.bazaar.placements(seed=2000 + client, buyer=client)
    bodies = (
        orjson.dumps(body_of(each) | {"accept_shortfall": True})
        for each in islice(placements, 10_000)
    )
    connection = http.client.HTTPConnection("127.0.0.1", work.port, timeout=60)
    headers = {"Content-Type": "application/json", **work.bazaar.buyers[client].headers}

    def step() -> None:
        for body in bodies:
            key = {"Idempotency-Key": str(new_id())}
            connection.request("POST", "/v1/orders", body, headers | key)
            response = connection.getresponse()
            answer = response.read()
            if response.status == HTTPStatus.CREATED:
                return
            # Stock runs out under such a load; that is no order, and its time counts all the same.
            if b"routing.nothing_can_be_served" not in answer:
                raise SystemExit(f"{response.status}: {answer.decode()}")

    return step


_STEPS: Mapping[str, Callable[[Work, int], Step]] = {
    "rows": _rows,
    "placed": _placed,
    "http": _http,
}
