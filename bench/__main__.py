"""``python -m bench [crash|contention|decision|exchange|instances|market|oracles|routing] …``.

Nothing named needs no data.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import crash, decision, exchange, instances, oracles

PROJECT = Path(__file__).resolve().parents[1]
WHAT = (
    "contention", "crash", "decision", "exchange", "instances", "market", "oracles", "routing",
)  # fmt: skip


def contention(runs: int) -> int:
    """200 buyers for the last 50 units over HTTP, several times in a row."""
    environ = {**os.environ, "RUNS": str(runs)}
    test = "tests/concurrency/test_last_units.py"
    return subprocess.call([sys.executable, "-m", "pytest", test], cwd=PROJECT, env=environ)


def hot_variants(chosen: argparse.Namespace) -> int:
    """Many buyers on few variants."""
    from bench import contention as hot  # noqa: PLC0415 - the product is loaded by who needs it

    return hot.run(hot=[int(each) for each in chosen.hot.split(",")], seconds=chosen.seconds)


def routing(data: Path, orders: int) -> int:
    """The pure optimizer over a network's demand."""
    script = str(PROJECT / "bench" / "routing_replay.py")
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
    return subprocess.call(
        [sys.executable, script, str(data), "--orders", str(orders)], cwd=PROJECT, env=environ
    )


def market(chosen: argparse.Namespace) -> int:
    """Catalogs, offers and prices at scale: resolution, changes, listing, imports."""
    from bench.market.run import run  # noqa: PLC0415 - the product is loaded by who needs it

    folder = chosen.var or Path(tempfile.gettempdir()) / "distributary-market"
    return run(
        size=chosen.size, var=folder, kept=chosen.keep, out=chosen.out, pages=chosen.pages,
        checked=chosen.checked,
    )  # fmt: skip


def main() -> int:  # noqa: C901, PLR0911 - one for each thing asked
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "what",
        nargs="?",
        choices=WHAT,
        default="contention",
    )
    parser.add_argument(
        "--data", type=Path, help="a folder of network files (crash, routing) or of instances"
    )
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=600, help="instances: work for each, or so")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--variants", type=int, default=200_000)
    parser.add_argument("--prices", type=int, default=500_000)
    parser.add_argument("--hot", help="contention: on so many variants, such as 1,10,100")
    parser.add_argument("--seconds", type=float, default=10, help="contention: for so long each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", choices=("small", "full"), default="full", help="market's")
    parser.add_argument("--var", type=Path, help="where market keeps its database; else /tmp")
    parser.add_argument("--keep", action="store_true", help="leave market's database there")
    parser.add_argument("--out", type=Path, default=Path("market.json"), help="market's figures")
    parser.add_argument("--pages", type=int, default=300, help="market: random pages a case")
    parser.add_argument(
        "--checked", type=int, default=20_000,
        help="market: for so many variants of each step, entries are written with every rule on",
    )  # fmt: skip
    chosen = parser.parse_args()
    if chosen.what == "market":
        return market(chosen)
    if chosen.what in {"crash", "instances", "routing"} and chosen.data is None:
        parser.error(f"{chosen.what} needs --data, a folder of files")
    if chosen.what == "instances":
        return instances.run(chosen.data, seconds=chosen.seconds)
    if chosen.what == "oracles":
        return oracles.run(orders=chosen.orders)
    if chosen.what == "decision":
        return decision.run(orders=chosen.orders)
    if chosen.what == "crash":
        return crash.run(chosen.data, kills=chosen.kills, orders=chosen.orders, seed=chosen.seed)
    if chosen.what == "routing":
        return routing(chosen.data, chosen.orders)
    if chosen.what == "exchange":
        return exchange.run(variants=chosen.variants, prices=chosen.prices)
    return hot_variants(chosen) if chosen.hot else contention(chosen.runs)


if __name__ == "__main__":
    sys.exit(main())
