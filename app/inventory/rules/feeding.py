"""What becomes of a feed's message, by its number: messages come twice, late, or too early.

Laws: what took effect once is never applied again; when all have come, each row is as if they had
come in the order of their numbers. Changes (``delta``) need all before them, so they wait for what
is missing, at most ``MAX_HELD`` messages; quantities (``absolute``) need nothing before them, and
make what is older pointless for the rows that they name. What they passed over may come later, no
more than ``MAX_HELD`` numbers behind, for the rows of which nothing newer has told the quantity.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

MAX_HELD = 100
MAX_LINES = 5000

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

Kind = Literal["absolute", "delta"]
Outcome = Literal["apply", "hold", "late", "ignore", "refuse"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a message, and with those that were waiting for it.

    ``then`` are the numbers of waiting messages that take effect after it, in this order;
    ``overtaken`` of those before it that wait no longer: they take effect where it is silent.
    """

    outcome: Outcome
    then: tuple[int, ...] = ()
    overtaken: tuple[int, ...] = ()


def judge(
    *,
    applied: int,
    waiting: Mapping[int, Kind],
    sequence: int,
    kind: Kind,
    passed: Collection[int] = (),
) -> Verdict:
    """What becomes of a message that was not seen before; ``passed`` numbers may come late."""
    if sequence <= applied:
        return Verdict("late" if sequence in passed else "ignore")
    if kind == "delta" and sequence > applied + 1:
        return Verdict("hold" if len(waiting) < MAX_HELD else "refuse")
    then, last = [], sequence
    while waiting.get(last + 1) == "delta":
        last += 1
        then.append(last)
    return Verdict("apply", tuple(then), tuple(sorted(no for no in waiting if no < sequence)))


def passed_over(
    *, passed: Iterable[int], applied: int, reached: int, seen: Collection[int]
) -> list[int]:
    """The numbers that have not come and still may, when a feed has got from one to another."""
    since = max(reached - MAX_HELD, 1)
    return [no for no in passed if no >= since] + [
        no for no in range(max(applied + 1, since), reached) if no not in seen
    ]


def is_code(text: str) -> bool:
    """Whether a feed may be called so."""
    return _CODE.fullmatch(text) is not None


def missing(*, applied: int, waiting: Mapping[int, Kind]) -> list[int]:
    """The numbers that waiting messages wait for."""
    if not waiting:
        return []
    return [no for no in range(applied + 1, max(waiting)) if no not in waiting][:MAX_HELD]
