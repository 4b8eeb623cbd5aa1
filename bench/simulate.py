"""``python -m bench simulate``: what one simulation over HTTP costs as the network grows.

Makes a network (:mod:`bench.bazaar`) for each number of ``--sellers``, with as many offers. The
server has two worker processes; one client asks for orders of three to ten lines, drawn by a fixed
seed. Told are the offers that an order has to judge, milliseconds (half, 99 of 100), the
processor's of server and database, statements, and all against the smallest network. What another
process takes of the machine stands in the milliseconds, less of it in the processor's.
"""

import http.client
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from app.infra import embedded
from app.infra.db import db
from app.ordering import operations as ordering
from app.ordering.operations import Placement
from bench.bazaar import NOW, Bazaar, body_of, open_bazaar
from bench.market.clocks import load, percentile, watching
from bench.market.home import Home, at_home
from bench.market.serving import Served, database_seconds, served

PATH = "/v1/routing/simulate"
WARM = 80  # both workers have prepared every statement and read the freight tables


@dataclass(frozen=True, slots=True)
class Heard:
    """What a network's simulations took."""

    sellers: int
    offers: int
    offers_an_order: float
    statements: int
    p50_ms: float
    p99_ms: float
    web_ms: float
    database_ms: float
    load: float
    made_in_s: float


def run(*, sellers: Sequence[int], offers: int, requests: int, out: Path | None) -> int:
    """Print a row for each number of sellers."""
    print(f"{'sellers':>8}{'offers':>11}{'judged':>8}{'SQL':>5}{'p50 ms':>9}{'p99 ms':>9}"
          f"{'web ms':>9}{'db ms':>9}{'against first':>15}{'load':>7}", flush=True)  # fmt: skip
    all_heard: list[Heard] = []
    for count in sellers:
        heard = _measured(count, offers, requests)
        all_heard.append(heard)
        ratio = _processor(heard) / _processor(all_heard[0])
        print(f"{count:>8,}{offers:>11,}{heard.offers_an_order:>8.0f}{heard.statements:>5}"
              f"{heard.p50_ms:>9.1f}{heard.p99_ms:>9.1f}{heard.web_ms:>9.2f}"
              f"{heard.database_ms:>9.2f}{ratio:>14.2f}x{heard.load:>7}", flush=True)  # fmt: skip
    if out is not None:
        out.write_text(json.dumps([asdict(heard) for heard in all_heard], indent=2))
    return 0


def _processor(heard: Heard) -> float:
    return heard.web_ms + heard.database_ms


def _measured(sellers: int, offers: int, requests: int) -> Heard:
    with (
        tempfile.TemporaryDirectory(prefix="bench-simulate-") as folder,
        at_home(Path(folder) / "var", kept=False) as home,
        home.app.app_context(),
    ):
        bazaar = open_bazaar(home, sellers=sellers, offers=offers)
        statements, judged = _watched(home, bazaar)
        db.session.remove()
        wanted = list(islice(bazaar.placements(seed=7), requests + WARM))
        with served("wsgi:app", home.environ, ready="/healthz") as server:
            took, web_ms, database_ms = _ask(home, server, bazaar, wanted)
    return Heard(
        sellers, offers, judged, statements, percentile(took, 0.5), percentile(took, 0.99), web_ms,
        database_ms, load(), round(bazaar.seconds, 1),
    )  # fmt: skip


def _watched(home: Home, bazaar: Bazaar) -> tuple[int, float]:
    """The statements of a request, and how many offers the orders have on average."""
    wanted = list(islice(bazaar.placements(seed=7), 100))
    judged = [_judged(bazaar, placement) for placement in wanted]
    client = home.app.test_client()
    for placement in wanted[:2]:
        with watching() as watch:
            client.post(PATH, json=body_of(placement), headers=bazaar.buyers[0].headers)
    return len(watch.seconds), sum(judged) / len(judged)


def _judged(bazaar: Bazaar, placement: Placement) -> int:
    decision = ordering.simulate(
        db.session, caller=bazaar.buyers[0].caller, placement=placement, now=NOW
    )
    db.session.commit()
    return len(decision.judged)


def _ask(
    home: Home, server: Served, bazaar: Bazaar, wanted: Sequence[Placement]
) -> tuple[list[float], float, float]:
    """Milliseconds of each request, and the processor's a request of server and database."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    sockets = str(embedded.layout_of(home.var).sockets)
    headers = {"Content-Type": "application/json", **bazaar.buyers[0].headers}
    took: list[float] = []
    used = (0.0, 0.0)
    for at, body in enumerate([json.dumps(body_of(each)).encode() for each in wanted]):
        if at == WARM:
            used = server.processor_seconds(), database_seconds(sockets)
        began = time.perf_counter()
        connection.request("POST", PATH, body, headers)
        response = connection.getresponse()
        answer = response.read()
        took.append((time.perf_counter() - began) * 1000)
        _require_plan(response.status, json.loads(answer))
    many = len(wanted) - WARM
    web = (server.processor_seconds() - used[0]) * 1000 / many
    database = (database_seconds(sockets) - used[1]) * 1000 / many
    return took[WARM:], web, database


def _require_plan(status: int, told: dict[str, Any]) -> None:
    if status != 200:
        raise SystemExit(f"{status}: {told}")
