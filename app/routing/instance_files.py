"""Files of published location instances: their layouts, plain or gzipped.

All begin with how many facilities and customers there are. *By customer* (OR-Library's cap files):
capacity and fixed cost of each facility, then for each customer its demand and the costs of serving
all of it. *By facility* (Holmberg, Yang and others): the same, but all demands first and then the
costs facility by facility. *By unit* (TBED): demands, capacities, fixed costs, then the costs of a
unit facility by facility. *Costs first* (Delmaire): customers before facilities, costs customer by
customer, then demands, fixed costs, capacities. *Simple* (UflLib): a line `FILE: name`, the two
numbers and a nought, then each facility's number, fixed cost and costs.

A last number, the optimum, may follow; how lines are broken, blank lines and tabs do not matter but
for telling layouts apart. The word `capacity` may stand for a number that is given beside the file.
"""

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal, get_args

Kind = Literal["split", "single-source", "uncapacitated"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Layout = Literal["by customer", "by facility", "by unit", "costs first", "simple"]
Numbers = Sequence[Decimal]
Costs = tuple[tuple[Decimal, ...], ...]

_GZIP = b"\x1f\x8b"
_PLACEHOLDER = re.compile(r"\bcapacity\b", re.IGNORECASE)
_TITLE = re.compile(r"\s*FILE:[^\n]*\n", re.IGNORECASE)
_PAIR = 2


class UnreadableInstance(ValueError):
    """The file is not of a known layout."""


@dataclass(frozen=True, slots=True)
class Instance:
    """Facilities and customers as they are published."""

    layout: Layout
    capacity: tuple[Decimal, ...]
    fixed: tuple[Decimal, ...]
    demand: tuple[int, ...]
    cost: Costs

    @property
    def usual_kind(self) -> Kind:
        """The problem that instances of this layout are published for."""
        if self.layout == "simple" or not any(self.capacity):
            return "uncapacitated"
        return "split" if self.layout == "by customer" else "single-source"


def read(path: Path, capacity: int | None = None) -> Instance:
    """Read a file of any of the layouts.

    Raises:
        UnreadableInstance: it is of none; the message says where.
    """
    text = _text(path)
    if capacity is not None:
        text = _PLACEHOLDER.sub(str(capacity), text)
    untitled = _TITLE.sub("\n", text, count=1)
    rows = [row for row in _rows(path.name, untitled) if row]
    try:
        return _parse(rows, is_titled=untitled != text)
    except UnreadableInstance as error:
        raise UnreadableInstance(f"{path.name}: {error}") from None


def wants_capacity(path: Path) -> bool:
    """Tell whether a file leaves the capacity to its reader.

    Raises:
        UnreadableInstance: it cannot be unpacked.
    """
    return bool(_PLACEHOLDER.search(_TITLE.sub("\n", _text(path), count=1)))


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        if content[:2] == _GZIP:
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise UnreadableInstance(f"{path.name} is zipped, but damaged") from None
    # Some copies are filled up with nought bytes.
    return content.replace(b"\0", b" ").decode("ascii", errors="replace")


def _rows(name: str, text: str) -> Iterator[list[Decimal]]:
    """The numbers, line by line."""
    for number, row in enumerate(text.splitlines(), 1):
        try:
            amounts = [Decimal(word) for word in row.split()]
        except InvalidOperation:
            hint = " (give --capacity)" if _PLACEHOLDER.search(row) else ""
            message = f"{name}, line {number} holds words beside numbers{hint}: {row.strip()[:40]}"
            raise UnreadableInstance(message) from None
        if not all(amount.is_finite() and amount >= 0 for amount in amounts):
            raise UnreadableInstance(f"{name}, line {number}: a number is negative or not finite")
        yield amounts


def _parse(rows: Sequence[Numbers], *, is_titled: bool) -> Instance:
    """Recognise the layout."""
    numbers = [amount for row in rows for amount in row]
    if len(numbers) < _PAIR or not all(
        amount and amount == int(amount) for amount in numbers[:_PAIR]
    ):
        raise UnreadableInstance("it does not say how many facilities and customers there are")
    first, second = int(numbers[0]), int(numbers[1])
    if is_titled:
        return _simple(numbers, first, second)
    for sites, lines in ((first, second), (second, first)):
        expected = 2 + 2 * sites + lines * (1 + sites)
        if len(numbers) in {expected, expected + 1}:
            return _arranged(numbers[2:expected], sites, lines, [len(row) for row in rows])
    expected = 2 + 2 * first + second * (1 + first)
    raise UnreadableInstance(
        f"it holds {len(numbers)} numbers, {expected} were expected"
        f" of {first} facilities and {second} customers ({_beyond(len(numbers), expected)})"
    )


def _beyond(held: int, expected: int) -> str:
    return f"{expected - held} are missing" if held < expected else f"{held - expected} too many"


def _arranged(rest: Numbers, sites: int, lines: int, widths: Sequence[int]) -> Instance:
    """Of the layouts that fit, the one that the lines of the file speak for."""
    ways = [_by_customer(rest, sites, lines), _by_facility(rest, sites, lines)]
    if not _is_by_customer(widths, sites):
        ways.reverse()
    after = widths[1] if len(widths) > 1 else 0
    if widths[0] == _PAIR and after != _PAIR:
        ways.insert(0, _by_unit(rest, sites, lines))
        if sites != lines and set(widths[1 : 1 + lines]) == {sites}:
            ways.insert(0, _costs_first(rest, sites, lines))
    for way in ways:
        layout, capacity, fixed, demand, cost = way
        whole = all(amount == int(amount) for amount in demand)
        if whole and sum(demand) <= sum(capacity):
            return Instance(layout, tuple(capacity), tuple(fixed), tuple(map(int, demand)), cost)
    wanted, held = sum(ways[0][3]), sum(ways[0][1])
    if wanted > held:
        raise UnreadableInstance(f"the demands ({wanted}) are above all capacities ({held})")
    raise UnreadableInstance("the demands are not whole numbers")


_Way = tuple[Layout, Numbers, Numbers, Numbers, Costs]


def _is_by_customer(widths: Sequence[int], sites: int) -> bool:
    """After the facilities, a customer's demand stands alone or before its costs."""
    after = widths[1 + sites] if len(widths) > 1 + sites else 0
    return widths[0] == _PAIR and (after in {1, 1 + sites})


def _by_customer(rest: Numbers, sites: int, lines: int) -> _Way:
    pairs, rest = rest[: 2 * sites], rest[2 * sites :]
    rows = [rest[no * (1 + sites) : (no + 1) * (1 + sites)] for no in range(lines)]
    cost = tuple(tuple(row[1 + site] for row in rows) for site in range(sites))
    return "by customer", pairs[::2], pairs[1::2], [row[0] for row in rows], cost


def _by_facility(rest: Numbers, sites: int, lines: int) -> _Way:
    pairs, rest = rest[: 2 * sites], rest[2 * sites :]
    return "by facility", pairs[::2], pairs[1::2], rest[:lines], _matrix(rest[lines:], sites)


def _by_unit(rest: Numbers, sites: int, lines: int) -> _Way:
    demand, rest = rest[:lines], rest[lines:]
    by_unit = _matrix(rest[2 * sites :], sites)
    cost = tuple(tuple(c * n for c, n in zip(row, demand, strict=True)) for row in by_unit)
    return "by unit", rest[:sites], rest[sites : 2 * sites], demand, cost


def _costs_first(rest: Numbers, sites: int, lines: int) -> _Way:
    by_line, rest = _matrix(rest[: sites * lines], lines), rest[sites * lines :]
    fixed, capacity = rest[lines : lines + sites], rest[lines + sites :]
    return "costs first", capacity, fixed, rest[:lines], tuple(zip(*by_line, strict=True))


def _simple(numbers: Numbers, sites: int, lines: int) -> Instance:
    """Each facility's number, fixed cost and costs; nothing is said of demands."""
    expected = 3 + sites * (2 + lines)
    if len(numbers) != expected:
        raise UnreadableInstance(f"it holds {len(numbers)} numbers, {expected} were expected")
    rows = _matrix(numbers[3:], sites)
    fixed = tuple(row[1] for row in rows)
    return Instance("simple", (Decimal(lines),) * sites, fixed, (1,) * lines, tuple(
        row[2:] for row in rows
    ))  # fmt: skip


def _matrix(numbers: Numbers, rows: int) -> Costs:
    """Numbers in so many rows."""
    width = len(numbers) // rows
    return tuple(tuple(numbers[no * width : (no + 1) * width]) for no in range(rows))
