"""The figures: a file for machines, a table for people, and which of them were asked for."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def write(path: Path, figures: Mapping[str, Any]) -> None:
    """Keep what was measured so far; a run that is cut short leaves its part."""
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def tell(figures: Mapping[str, Any]) -> str:
    """All of it as lines."""
    return "\n".join(_lines(figures))


def _lines(figures: Mapping[str, Any]) -> Iterator[str]:
    for name, figure in figures.items():
        yield f"\n{name}"
        yield from _table(figure)
    ratios = _growth(figures)
    if ratios:
        yield "\nfrom the fewest entries to the most, processor's time at p50 (asked: up to 1.5)"
        yield from ratios


def _table(figure: Any, indent: str = "  ") -> Iterator[str]:  # noqa: ANN401 - figures of any shape
    if not isinstance(figure, Mapping):
        yield f"{indent}{figure}"
        return
    for name, value in figure.items():
        if isinstance(value, Mapping) and any(isinstance(each, Mapping) for each in value.values()):
            yield f"{indent}{name}"
            yield from _table(value, indent + "  ")
        else:
            yield f"{indent}{name:<40} {_said(value)}"


def _said(value: Any) -> str:  # noqa: ANN401 - figures of any shape
    if isinstance(value, Mapping):
        return "  ".join(f"{name} {_said(each)}" for name, each in value.items())
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _growth(figures: Mapping[str, Any]) -> list[str]:
    sizes = [figure for name, figure in figures.items() if name.startswith("resolving")]
    if len(sizes) < 2:
        return []
    first, last = sizes[0]["cases"], sizes[-1]["cases"]
    return [
        f"  {name:<40} {last[name]['processor_ms']['p50'] / first[name]['processor_ms']['p50']:.2f}"
        for name in first
    ]
