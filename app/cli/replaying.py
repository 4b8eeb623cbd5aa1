"""How a replay speaks: its report in tables, its end in one line."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from app.demo.imports import CURRENCY
from app.demo.replay import Memory, Report, Tally
from app.kernel.money import format_minor

_KIB_PER_MIB = 1024
_P99 = 0.99


def print_run(out: Console, tally: Tally) -> None:
    """What this run did, and how fast."""
    seconds = max(tally.placing_s, 1e-9)
    out.print(
        f"This run: {tally.placed:,} orders ({tally.lines:,} lines) placed, {tally.unserved:,} not "
        f"servable, in {tally.placing_s:,.1f} s: {tally.placed / seconds:.1f} orders/s, "
        f"{tally.lines / seconds:.0f} lines/s."
    )
    if tally.placement_s:
        p50, p99 = percentile(tally.placement_s, 0.5), percentile(tally.placement_s, _P99)
        out.print(f"Placement, whole transaction: p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms.")
    did = tally.followed
    if did.finished or did.released or did.statements:
        out.print(
            f"{did.finished:,} orders accepted, shipped, delivered and paid; {did.released:,} "
            f"shipments released; {did.statements:,} statements closed; in all "
            f"{tally.seconds:,.1f} s: {did.finished / tally.seconds:.1f} orders/s."
        )
    for doing, memory in (("placing", tally.memory), ("finishing", tally.followed.memory)):
        if memory:
            out.print(_memory(doing, memory))


def _memory(doing: str, memory: Memory) -> str:
    """What a process held."""
    began, ended, peak = (
        f"{kib // _KIB_PER_MIB:,} MiB"
        for kib in (memory.began_kib, memory.ended_kib, memory.peak_kib)
    )
    return f"Memory, {doing}: {began} at first, {ended} at last, {peak} at most."


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]


def print_report(out: Console, report: Report) -> None:
    """What all orders together came to."""
    table = Table("All orders so far", "", box=None, show_header=True)
    table.columns[1].justify = "right"
    for name, value in _facts(report):
        table.add_row(name, value)
    out.print(table)
    out.print(_times(report))
    if report.months:
        out.print(_months(report))


def _facts(report: Report) -> list[tuple[str, str]]:
    orders = max(1, report.orders)
    rest = report.orders - report.optimal - report.within_one_percent
    return [
        ("orders, lines", f"{report.orders:,}, {report.lines:,}"),
        ("units served of wanted", f"{report.units_served:,} of {report.units_wanted:,}"),
        ("goods", _money(report.goods_minor)),
        ("freight", _money(report.freight_minor)),
        ("goods and freight", _money(report.goods_minor + report.freight_minor)),
        ("sellers per order", f"{report.seller_orders / orders:.2f}"),
        ("consignments per order", f"{report.consignments / orders:.2f}"),
        ("lines split", f"{report.lines_split:,}"),
        ("proved optimal", f"{report.optimal / orders:.2%}"),
        ("else bound within 1 %", f"{report.within_one_percent / orders:.2%}"),
        ("the rest", f"{rest / orders:.2%}"),
        ("worst gap", f"{report.worst_gap:.3%}"),
        ("shipments, released", f"{report.shipments:,}, {report.released:,}"),
        ("orders by status", ", ".join(f"{count:,} {status}" for status, count in report.states)),
    ]


def _times(report: Report) -> Table:
    table = Table(
        "lines of the order", "decisions", "mean ms", "p50 ms", "p99 ms", "longest ms", box=None
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for row in report.times:
        times = (row.mean, row.p50, row.p99, row.longest)
        table.add_row(row.bucket, f"{row.count:,}", *(f"{value:.1f}" for value in times))
    return table


def _months(report: Report) -> Table:
    table = Table("statements of", "statements", "lines", "owed in all", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in report.months:
        table.add_row(
            f"{row.since:%Y-%m}", f"{row.statements:,}", f"{row.lines:,}", _money(row.closing_minor)
        )
    return table


def _money(minor: int) -> str:
    whole, _, cents = format_minor(minor, CURRENCY).partition(".")
    return f"{int(whole):,}.{cents} {CURRENCY}"
