"""How proofs of the books are told: every invariant, or how many hold and which do not."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from app.ledger.queries import Proof


def proved(proofs: Sequence[Proof]) -> Table:
    """Every invariant, what it was proved over, and the result."""
    table = Table("Invariant", "Proved over", "Result", box=None)
    table.columns[1].justify = "right"
    for proof in proofs:
        result = "[green]holds[/]" if proof.holds else f"[red]{proof.breaches:,} breaches[/]"
        table.add_row(proof.name, f"{proof.checked:,} {proof.unit}", result)
    return table


def print_broken(out: Console, proofs: Sequence[Proof]) -> bool:
    """The invariants that do not hold, with examples; whether there are any."""
    broken = [proof for proof in proofs if not proof.holds]
    for proof in broken:
        out.print(f"[bold red]Broken:[/] {proof.name}")
        for example in proof.examples:
            out.print(f"  {_plain(example)}")
    return bool(broken)


def print_count(out: Console, proofs: Sequence[Proof]) -> None:
    """How many of the invariants hold."""
    out.print(
        f"Ledger: {sum(proof.holds for proof in proofs)} of {len(proofs)} invariants hold, "
        f"proved over {sum(proof.checked for proof in proofs):,} rows."
    )


def _plain(example: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in example.items())
