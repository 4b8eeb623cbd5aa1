"""``python -m bench WHAT …``: the benchmarks, each with options of its own (``WHAT --help``).

Nothing named runs ``contention``, which needs no data.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
Chosen = argparse.Namespace


# The product is loaded by who needs it: most of these run in processes of their own.


def contention(chosen: Chosen) -> int:
    """Buyers who want the last units: over HTTP, or (--hot) through the operations."""
    if chosen.hot:
        from bench import contention as hot  # noqa: PLC0415

        return hot.run(hot=[int(each) for each in chosen.hot.split(",")], seconds=chosen.seconds)
    environ = {**os.environ, "RUNS": str(chosen.runs)}
    test = "tests/concurrency/test_last_units.py"
    return subprocess.call([sys.executable, "-m", "pytest", test], cwd=PROJECT, env=environ)


def crash(chosen: Chosen) -> int:
    """Servers and workers killed at work; what is left must be lawful."""
    from bench import crash as crashing  # noqa: PLC0415

    return crashing.run(chosen.data, kills=chosen.kills, orders=chosen.orders, seed=chosen.seed)


def decision(chosen: Chosen) -> int:
    """Pure decisions by lines and candidates, beside a textbook model and baselines."""
    from bench import decision as deciding  # noqa: PLC0415

    return deciding.run(orders=chosen.orders)


def exchange(chosen: Chosen) -> int:
    """Imports of files, against a bare COPY of the same files."""
    from bench import exchange as exchanging  # noqa: PLC0415

    return exchanging.run(variants=chosen.variants, prices=chosen.prices)


def families(chosen: Chosen) -> int:
    """Location problems made up after the published families, proved or bounded."""
    from bench import families as drawing  # noqa: PLC0415

    return drawing.run(seconds=chosen.seconds, seeds=chosen.seeds, only=chosen.only)


def instances(chosen: Chosen) -> int:
    """Published location problems, ours beside their published optima."""
    from bench import instances as published  # noqa: PLC0415

    return published.run(chosen.data, seconds=chosen.seconds)


def market(chosen: Chosen) -> int:
    """Catalogs, offers and prices at scale: resolution, changes, listing, imports."""
    from bench.market.run import run  # noqa: PLC0415

    folder = chosen.var or Path(tempfile.gettempdir()) / "distributary-market"
    return run(
        size=chosen.size, var=folder, kept=chosen.keep, out=chosen.out, pages=chosen.pages,
        checked=chosen.checked,
    )  # fmt: skip


def oracles(chosen: Chosen) -> int:
    """The optimal strategy held to brute force and to a textbook model."""
    from bench import oracles as asking  # noqa: PLC0415

    return asking.run(orders=chosen.orders, first=chosen.first)


def reoptimize(chosen: Chosen) -> int:
    """Open orders planned again together, and what that saves."""
    from bench import reoptimize as again  # noqa: PLC0415

    windows = [int(each) for each in chosen.windows.split(",")]
    return again.run(
        chosen.data, orders=chosen.orders, windows=windows, percent=chosen.stock_percent
    )


def routing(chosen: Chosen) -> int:
    """The pure optimizer over a network's demand, in time order."""
    return _replay(chosen)


def replay(chosen: Chosen) -> int:
    """The same beside simple strategies, each with stock of its own."""
    return _replay(chosen, "--baselines")


def _replay(chosen: Chosen, *more: str) -> int:
    script = str(PROJECT / "bench" / "routing_replay.py")
    asked = [sys.executable, script, str(chosen.data), "--orders", str(chosen.orders), *more]
    asked += ["--json"] * chosen.json
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
    return subprocess.call(asked, cwd=PROJECT, env=environ)


def simulate(chosen: Chosen) -> int:
    """One simulation over HTTP, as the network grows."""
    from bench import simulate as simulating  # noqa: PLC0415

    sellers = [int(each) for each in chosen.sellers.split(",")]
    return simulating.run(
        sellers=sellers, offers=chosen.offers, requests=chosen.requests, out=chosen.out
    )


def placements(chosen: Chosen) -> int:
    """Orders placed a second, beside the very same rows written by psycopg alone."""
    from bench import placements as placing  # noqa: PLC0415

    return placing.run(
        sellers=chosen.sellers,
        offers=chosen.offers,
        clients=[int(each) for each in chosen.clients.split(",")],
        seconds=chosen.seconds,
        out=chosen.out,
    )


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", run: Callable[[Chosen], int]
) -> argparse.ArgumentParser:
    parser = commands.add_parser(run.__name__, help=run.__doc__, description=run.__doc__)
    parser.set_defaults(run=run)
    return parser


def _add_market(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _add(commands, market)
    one.add_argument("--size", choices=("small", "full"), default="full")
    one.add_argument("--var", type=Path, help="where its database is kept; else /tmp")
    one.add_argument("--keep", action="store_true", help="leave its database there")
    one.add_argument("--out", type=Path, default=Path("market.json"), help="its figures")
    one.add_argument("--pages", type=int, default=300, help="random pages a case")
    one.add_argument(
        "--checked", type=int, default=20_000,
        help="for so many variants of each step, entries are written with every rule on",
    )  # fmt: skip


def _add_replays(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for each in (routing, replay):
        one = _add(commands, each)
        one.add_argument("--data", type=Path, required=True, help="a folder of network files")
        one.add_argument("--orders", type=int, default=300)
        one.add_argument("--json", action="store_true", help="figures as JSON")
    one = _add(commands, reoptimize)
    one.add_argument("--data", type=Path, required=True, help="a folder of network files")
    one.add_argument("--orders", type=int, default=1000)
    one.add_argument("--windows", default="20,50,100", help="so many open at a time, each in turn")
    one.add_argument("--stock-percent", type=int, default=100, help="of the stock at the start")


def _add_orders(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _add(commands, simulate)
    one.add_argument("--sellers", default="100,1000,10000", help="how many, one after the other")
    one.add_argument("--offers", type=int, default=1_000_000, help="in each network")
    one.add_argument("--requests", type=int, default=500)
    one.add_argument("--out", type=Path, help="its figures as JSON")
    one = _add(commands, placements)
    one.add_argument("--sellers", type=int, default=1000)
    one.add_argument("--offers", type=int, default=100_000)
    one.add_argument("--clients", default="1,4,16", help="how many, one after the other")
    one.add_argument("--seconds", type=float, default=10, help="for each number and way")
    one.add_argument("--out", type=Path, help="its figures as JSON")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(metavar="WHAT", required=True)
    one = _add(commands, contention)
    one.add_argument("--runs", type=int, default=20)
    one.add_argument("--hot", help="on so many variants, such as 1,10,100")
    one.add_argument("--seconds", type=float, default=10, help="for so long each (--hot)")
    one = _add(commands, crash)
    one.add_argument("--data", type=Path, required=True, help="a folder of network files")
    one.add_argument("--kills", type=int, default=10)
    one.add_argument("--orders", type=int, default=300)
    one.add_argument("--seed", type=int, default=1)
    one = _add(commands, decision)
    one.add_argument("--orders", type=int, default=300, help="of each size")
    one = _add(commands, exchange)
    one.add_argument("--variants", type=int, default=200_000)
    one.add_argument("--prices", type=int, default=500_000)
    one = _add(commands, families)
    one.add_argument("--seconds", type=int, default=600, help="work for each, or so")
    one.add_argument("--seeds", type=int, default=1, help="so many of each")
    one.add_argument("--only", default="", help="those whose names begin so")
    one = _add(commands, instances)
    one.add_argument("--data", type=Path, required=True, help="a folder of instances")
    one.add_argument("--seconds", type=int, default=600, help="work for each, or so")
    _add_market(commands)
    one = _add(commands, oracles)
    one.add_argument(
        "--orders",
        type=int,
        default=1_000,
        help="for the model; three times as many smaller ones are tried in full",
    )
    one.add_argument("--first", type=int, default=0, help="go on from here")
    _add_replays(commands)
    _add_orders(commands)
    return parser


def main() -> int:
    """Run what was asked for."""
    chosen = _parser().parse_args(sys.argv[1:] or ["contention"])
    done: int = chosen.run(chosen)
    return done


if __name__ == "__main__":
    sys.exit(main())
