"""Tells the demo's story at a terminal of 100 columns: short tables, figures from the database."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from app.demo.story import Story
from app.kernel.money import format_minor
from app.ledger.rules import CHART, Code
from app.routing.rules import REASONS

_SHOWN_REASONS = 4


def tell(out: Console, story: Story) -> None:
    """The whole story."""
    order = story.order
    out.print()
    out.rule(f"Order {order.number}: {order.buyer} buys at {order.shop}", align="left")
    _tell_cart(out, story)
    _tell_route(out, story)
    _tell_parts(out, story)
    _tell_moved(out, story)
    _tell_shipments(out, story)
    _tell_journals(out, story)
    _tell_splits(out, story)
    _tell_statements(out, story)
    _tell_proofs(out, story)


def _table(*columns: str, right: Sequence[int] = ()) -> Table:
    table = Table(*columns, box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for index in right:
        table.columns[index].justify = "right"
    return table


def _step(out: Console, title: str) -> None:
    out.print(f"\n[bold]{title}[/]")


def _tell_cart(out: Console, story: Story) -> None:
    order = story.order
    _step(out, f"1. The cart of {order.placed_at:%d %B %Y}, {order.placed_at:%H:%M} UTC")
    table = _table("SKU", "product", "units", order.currency, "sent by", right=(2, 3))
    for line in story.lines:
        table.add_row(
            line.sku, line.name, f"{line.quantity:,}", _amount(story, line.goods_minor),
            line.sellers,
        )  # fmt: skip
    table.add_row("", "freight", "", _amount(story, order.freight_minor))
    table.add_row("", "total", "", _amount(story, order.total_minor), style="bold")
    out.print(table)


def _tell_route(out: Console, story: Story) -> None:
    decided = story.decisions[0]
    made = decided.decision
    _step(out, "2. Why from there")
    excluded = Counter({c: n for c, n in decided.funnel.items() if c in REASONS})
    out.print(
        f"{decided.funnel['candidates']} candidates (a line at a seller's warehouse), "
        f"{decided.funnel.get('eligible', 0)} may and can deliver. Against the others:"
    )
    for code, count in excluded.most_common(_SHOWN_REASONS):
        out.print(f"  {count:>3} x {REASONS[code]}")
    extra = made.objective_minor - made.goods_minor - made.freight_minor
    weighed = f" (and the policy counts {_amount(story, extra)} for handling)" if extra else ""
    proved = (
        "No plan that serves as much costs less: proved"
        if made.proof == "optimal"
        else f"No plan costs less than {_amount(story, made.bound_minor)}: proved"
    )
    out.print(
        f"The sellers ask {_amount(story, made.goods_minor)} for the goods and "
        f"{_amount(story, made.freight_minor)} for freight{weighed}. {proved} in "
        f"{made.duration_us / 1000:.0f} ms."
    )


def _tell_parts(out: Console, story: Story) -> None:
    _step(out, "3. Who is asked")
    table = _table(
        "seller", "tier", "sells", "lines", "its goods", "freight", "now", right=(3, 4, 5)
    )
    for part in story.parts:
        again = ", again" if part.attempt > 1 else ""
        table.add_row(
            _short(part.seller) + again, part.kind, _how(part.selling_model, part.hops or 0),
            str(part.lines), _amount(story, part.goods_minor),
            _amount(story, part.freight_minor), part.status,
        )  # fmt: skip
    out.print(table)


def _how(model: str, hops: int) -> str:
    if model == "resale":
        return "to the shop" if hops == 1 else f"to the shop by {hops} links"
    return {"agency": "as its agent", "own": "its own stock"}[model]


def _tell_moved(out: Console, story: Story) -> None:
    for row in story.moved:
        _step(out, f"4. {row.was} finds {row.sku} damaged")
        out.print(
            f"{row.moved} of {row.quantity} units move to {row.now} at once. The buyer still pays "
            f"{_amount(story, row.after_minor)} for them (before: "
            f"{_amount(story, row.before_minor)}); what they cost went from "
            f"{_amount(story, row.cost_before_minor)} to {_amount(story, row.cost_after_minor)},"
            " which is the shop's affair."
        )


def _tell_shipments(out: Console, story: Story) -> None:
    _step(out, "5. Shipped, delivered, billed, paid, released")
    table = _table(
        "shipment from", "shipped", "delivered", "invoice", "of", story.order.currency, "paid",
        "released", right=(5,),
    )  # fmt: skip
    for row in story.shipments:
        table.add_row(
            f"{_short(row.seller)}, {row.city}", f"{row.shipped_at:%d %b}",
            f"{row.delivered_at:%d %b}", str(row.invoice), _short(row.issuer),
            _amount(story, row.amount_minor), f"{row.received_at:%d %b}",
            f"{row.released_at:%d %b}",
        )  # fmt: skip
    out.print(table)


def _tell_journals(out: Console, story: Story) -> None:
    _step(out, "6. In the books")
    told = ", ".join(f"{row.journals} x {row.kind.replace('_', ' ')}" for row in story.journals)
    out.print(f"{told}. The first shipment's journal:")
    table = _table("account", "whose", "debit", "credit", right=(2, 3))
    for row in story.entries:
        side = (
            (_amount(story, row.amount_minor), "")
            if row.amount_minor > 0
            else ("", _amount(story, -row.amount_minor))
        )
        table.add_row(f"{row.code} {CHART[Code(row.code)].name}", row.owner or "", *side)
    out.print(table)


def _tell_splits(out: Console, story: Story) -> None:
    _step(out, "7. Whose every cent is")
    kinds = list(dict.fromkeys(row.kind for row in story.splits))
    table = _table(
        "organization", *(kind.replace("_", " ") for kind in kinds), "together",
        right=range(1, len(kinds) + 2),
    )  # fmt: skip
    owned: dict[str, Counter[str]] = {}
    for row in story.splits:
        owned.setdefault(row.name, Counter())[row.kind] += row.amount_minor
    for name, parts in owned.items():
        table.add_row(
            _short(name),
            *(_amount(story, parts[kind]) if kind in parts else "" for kind in kinds),
            _amount(story, sum(parts.values())),
        )
    total = sum(row.amount_minor for row in story.splits)
    sums = [sum(parts[kind] for parts in owned.values()) for kind in kinds]
    table.add_row(
        "the buyer's money", *(_amount(story, value) for value in sums), _amount(story, total),
        style="bold",
    )  # fmt: skip
    out.print(table)


def _tell_statements(out: Console, story: Story) -> None:
    if not story.statements:
        return
    last = story.statements[0]
    _step(out, f"8. Statements of {last.period_from:%d %b %Y} to {last.period_to:%d %b %Y}")
    table = _table("organization", "opening", "movement", "closing", "lines", right=(1, 2, 3, 4))
    for row in story.statements:
        table.add_row(
            row.name, _amount(story, row.opening_minor), _amount(story, row.movement_minor),
            _amount(story, row.closing_minor), str(row.line_count),
        )  # fmt: skip
    out.print(table)


def _tell_proofs(out: Console, story: Story) -> None:
    _step(out, "9. Does it all add up?")
    broken = [proof.name for proof in story.proofs if not proof.holds]
    if broken:
        out.print(f"[bold red]No:[/] {'; '.join(broken)}")
        return
    checked = sum(proof.checked for proof in story.proofs)
    out.print(
        f"Yes: {len(story.proofs)} laws of money, orders and stock hold over {checked:,} rows "
        "(flask ledger verify lists them)."
    )


def _short(name: str) -> str:
    return name.split(maxsplit=1)[0]


def _amount(story: Story, minor: int) -> str:
    whole, _, cents = format_minor(abs(minor), story.order.currency).partition(".")
    return f"{'-' if minor < 0 else ''}{int(whole):,}.{cents}"
