"""``python -m bench [crash|contention|exchange|routing] …``; without a name, what needs no data."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from bench import crash, exchange

PROJECT = Path(__file__).resolve().parents[1]


def contention(runs: int) -> int:
    """200 buyers for the last 50 units over HTTP, several times in a row."""
    environ = {**os.environ, "RUNS": str(runs)}
    test = "tests/concurrency/test_last_units.py"
    return subprocess.call([sys.executable, "-m", "pytest", test], cwd=PROJECT, env=environ)


def routing(data: Path, orders: int) -> int:
    """The pure optimizer over a network's demand."""
    script = str(PROJECT / "bench" / "routing_replay.py")
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
    return subprocess.call(
        [sys.executable, script, str(data), "--orders", str(orders)], cwd=PROJECT, env=environ
    )


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "what",
        nargs="?",
        choices=("contention", "crash", "exchange", "routing"),
        default="contention",
    )
    parser.add_argument("--data", type=Path, help="a folder of network files (crash, routing)")
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--variants", type=int, default=200_000)
    parser.add_argument("--prices", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.what in {"crash", "routing"} and chosen.data is None:
        parser.error(f"{chosen.what} needs --data, a folder of network files")
    if chosen.what == "crash":
        return crash.run(chosen.data, kills=chosen.kills, orders=chosen.orders, seed=chosen.seed)
    if chosen.what == "routing":
        return routing(chosen.data, chosen.orders)
    if chosen.what == "exchange":
        return exchange.run(variants=chosen.variants, prices=chosen.prices)
    return contention(chosen.runs)


if __name__ == "__main__":
    sys.exit(main())
