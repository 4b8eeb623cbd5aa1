"""A backtest as it is told: its report for machines, its orders as a file, its plots in numbers."""

import csv
import io
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.backtest.models import Backtest
from app.backtest.rules import ACTUAL, SUPPOSED, Scenario
from app.backtest.rules.figures import ROW, SPLIT_MOST
from app.infra.db import DbSession
from app.infra.models import Job
from app.kernel.ids import public_id
from app.routing import queries as routing_queries

WORDS = {
    SUPPOSED: "Supposed",
    ACTUAL: "As it happened",
    "in_force": "Policies of then",
    "greedy": "Greedy by priority",
    "cheapest_single": "Cheapest single seller",
    "fewest_sellers": "Fewest sellers",
    "fewest_parcels": "Fewest parcels",
}
_FIELDS = (
    "id", "name", "storefront_id", "placed_from", "placed_to", "currency", "orders", "done",
    "status", "error", "job_id", "created_at", "finished_at",
)  # fmt: skip
_FINAL = (
    "refused", "final_served", "final_goods_minor", "final_freight_minor", "final_consignments",
    "final_like_orders", "final_like_minor", "final_like_supposed_minor",
)  # fmt: skip
_BLOCK = 500
_SHOWN_SELLERS = 12


def summary(session: DbSession, found: Backtest) -> dict[str, Any]:
    """A backtest and how far it is; one whose job ended otherwise has ended like its job."""
    document = {name: getattr(found, name) for name in _FIELDS}
    job = session.get(Job, found.job_id, populate_existing=True) if found.job_id else None
    if job is not None and found.status in {"queued", "running"}:
        document["done"] = max(found.done, job.done)
        if job.status in {"failed", "cancelled"}:
            document |= {"status": job.status, "error": job.error}
    return document


def backtest_document(session: DbSession, found: Backtest) -> dict[str, Any]:
    """A backtest with its report."""
    report = found.report or {"contenders": {}, "skipped": {}}
    ids = {
        uuid.UUID(seller)
        for each in report["contenders"].values()
        for seller, *_ in each["sellers"]
    }
    names = routing_queries.names_of(session, sorted(ids))
    scenario = Scenario.read(found.scenario)
    told = [each for each in contenders_of(scenario) if each in report["contenders"]]
    return summary(session, found) | {
        "scenario": scenario,
        "contenders": [_contender(each, report["contenders"][each], names) for each in told],
        "skipped": report["skipped"],
    }


def contenders_of(scenario: Scenario) -> list[str]:
    """Who takes part, in the order in which it is told."""
    return [SUPPOSED, ACTUAL, *scenario.baselines]


def _contender(
    name: str, tally: Mapping[str, Any], names: Mapping[uuid.UUID, str]
) -> dict[str, Any]:
    return {
        "name": name,
        "orders": tally["orders"],
        "units_requested": tally["requested"],
        "units_served": tally["served"],
        "orders_served_whole": tally["whole"],
        "goods_minor": tally["goods_minor"],
        "freight_minor": tally["freight_minor"],
        "cost_minor": tally["goods_minor"] + tally["freight_minor"],
        "objective_minor": tally["objective_minor"],
        "consignments": tally["consignments"],
        "unit_days": tally["unit_days"],
        "proved_optimal": tally["optimal"],
        "within_half_percent": tally["near"],
        "orders_otherwise": tally["changed"],
        "like_orders": tally["like_orders"],
        "like_cost_minor": tally["like_minor"],
        "like_supposed_minor": tally["like_supposed_minor"],
        **{name: tally[name] for name in _FINAL},
        "final_cost_minor": tally["final_goods_minor"] + tally["final_freight_minor"],
        "splits": [
            {"consignments": parcels, "orders": orders} for parcels, orders in tally["splits"]
        ],
        "sellers": [
            {
                "seller_id": uuid.UUID(seller),
                "name": names.get(uuid.UUID(seller), ""),
                "units": units,
                "money_minor": money,
            }
            for seller, units, money in tally["sellers"]
        ],
    }


def order_file(rows: Iterable[Any], contenders: Sequence[str]) -> Iterator[str]:
    """What came of each order, block by block; amounts are minor units."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    columns = [f"{name}_{figure}" for name in contenders for figure in ROW]
    writer.writerow(("order", "number", "placed_at", "changed", "skipped", *columns))
    for at, row in enumerate(rows, start=1):
        writer.writerow(_order_row(row, contenders))
        if at % _BLOCK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _order_row(row: Any, contenders: Sequence[str]) -> list[Any]:  # noqa: ANN401 - a row
    outcome = row.outcome
    figures = outcome.get("rows", {})
    empty = [""] * len(ROW)
    return [
        public_id("order", row.id),
        row.number,
        row.placed_at.isoformat(),
        "" if "skipped" in outcome else ("yes" if outcome["changed"] else "no"),
        outcome.get("skipped", ""),
        *(figure for name in contenders for figure in figures.get(name, empty)),
    ]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a plot: whose, how long in thousandths of the longest, and what it says."""

    label: str
    contender: str
    permille: int
    value: int


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with its bars; ``unit``: money, number or share (hundredths)."""

    title: str
    unit: str
    bars: Sequence[Bar]


def plots_of(document: Mapping[str, Any]) -> list[Plot]:
    """What a report shows as bars; each plot stands beside a table of the same numbers."""
    contenders = document["contenders"]
    if not contenders or not any(each["orders"] for each in contenders):
        return []
    return [
        _by_contender("Goods and freight", "money", contenders, lambda c: c["cost_minor"]),
        _by_contender(
            "Consignments of an order", "share", contenders,
            lambda c: _hundredths(c["consignments"], c["orders"]),
        ),
        _by_contender(
            "Days of lead time of a unit", "share", contenders,
            lambda c: _hundredths(c["unit_days"], c["units_served"]),
        ),
        _splits(contenders),
        _sellers(contenders),
    ]  # fmt: skip


def sellers_of(document: Mapping[str, Any]) -> list[tuple[str, list[tuple[int, int]]]]:
    """Each seller's name, with units and money of every contender in their order."""
    contenders = document["contenders"]
    names: dict[uuid.UUID, str] = {}
    got: dict[tuple[int, uuid.UUID], tuple[int, int]] = {}
    for at, each in enumerate(contenders):
        for seller in each["sellers"]:
            names.setdefault(seller["seller_id"], seller["name"])
            got[at, seller["seller_id"]] = seller["units"], seller["money_minor"]
    return [
        (name, [got.get((at, seller), (0, 0)) for at in range(len(contenders))])
        for seller, name in names.items()
    ]


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """All that a page or a file needs to show a report."""
    return {
        "found": document,
        "plots": plots_of(document),
        "sellers": sellers_of(document),
        "contender_words": WORDS,
    }


def _hundredths(part: int, whole: int) -> int:
    return part * 100 // whole if whole else 0


def _plot(title: str, unit: str, rows: Sequence[tuple[str, str, int]]) -> Plot:
    longest = max((value for _, _, value in rows), default=0) or 1
    bars = [Bar(label, of, value * 1000 // longest, value) for label, of, value in rows]
    return Plot(title, unit, bars)


def _by_contender(
    title: str,
    unit: str,
    contenders: Sequence[Mapping[str, Any]],
    value: Any,  # noqa: ANN401 - a function of a contender
) -> Plot:
    return _plot(title, unit, [(WORDS[c["name"]], c["name"], value(c)) for c in contenders])


def _beside(contenders: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What is supposed and what happened."""
    return [each for each in contenders if each["name"] in {SUPPOSED, ACTUAL}]


def _splits(contenders: Sequence[Mapping[str, Any]]) -> Plot:
    counts = {
        (split["consignments"], each["name"]): split["orders"]
        for each in _beside(contenders)
        for split in each["splits"]
    }
    rows = [
        (f"{n}{' or more' if n == SPLIT_MOST else ''}: {WORDS[name].lower()}", name,
         counts.get((n, name), 0))
        for n in sorted({n for n, _ in counts})
        for name in (SUPPOSED, ACTUAL)
    ]  # fmt: skip
    return _plot("Orders by consignments", "number", rows)


def _sellers(contenders: Sequence[Mapping[str, Any]]) -> Plot:
    money: dict[tuple[uuid.UUID, str], int] = {}
    names: dict[uuid.UUID, str] = {}
    for each in _beside(contenders):
        for seller in each["sellers"]:
            names[seller["seller_id"]] = seller["name"]
            money[seller["seller_id"], each["name"]] = seller["money_minor"]
    first = sorted(
        names, key=lambda s: -max(money.get((s, SUPPOSED), 0), money.get((s, ACTUAL), 0))
    )
    rows = [
        (f"{names[seller]}: {WORDS[name].lower()}", name, money.get((seller, name), 0))
        for seller in first[:_SHOWN_SELLERS]
        for name in (SUPPOSED, ACTUAL)
    ]
    return _plot("Goods and freight by seller", "money", rows)
