"""What is asked, in which order it is answered, and what an answer may say: pure decisions.

Laws: a question is words and codes, never a query language, so that no text can break it; a cursor
names the last row by its sort key and id, so that a page begins after it whatever has changed
since; stock is told in bands; the effective price of a variant is the lowest that an entitled
seller asks at the smallest quantity that it sells, ties to the lesser seller id.
"""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import NamedTuple

from app.discovery.errors import CursorOfAnother
from app.kernel.errors import Malformed
from app.kernel.ids import parse_id, public_id
from app.kernel.paging import decode_place, encode_place

LOCALES = ("en", "es", "pt", "de")
RELEVANCE, NAME, NEWEST, PRICE, DEAREST = "relevance", "name", "newest", "price", "-price"
SORTS = (RELEVANCE, PRICE, DEAREST, NAME, NEWEST)
BY_PRICE = frozenset({PRICE, DEAREST})
IN_STOCK, LOW, OUT = "in_stock", "low_stock", "out_of_stock"
ANNOUNCED, BACK_ORDER = "announced", "back_order"  # not here now, and when it can leave
BANDS = (IN_STOCK, LOW, ANNOUNCED, BACK_ORDER, OUT)
LOW_BELOW = 10  # times what must be bought at once
MOST_WORDS = 12
MIN_CODE = 3
BILLION = 10**9
_WORD = re.compile(r"[^\s|]+")
_NOT_CODE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Question:
    """Words to be found, each with the code that it may be instead (or ``""``), and all as one."""

    words: Sequence[str] = ()
    codes: Sequence[str] = ()
    whole: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for: everything answers."""
        return not self.words


_IDS = {"category": "cat", "maker": "org"}


def facet_of(text: str) -> tuple[str, str]:
    """A facet's name and value from ``name=value``, as answers name them; ids as they are inside.

    Raises:
        ValueError: it is not of that form, or not an id where one is due.
    """
    name, sign, value = text.partition("=")
    if not (name and sign and value) or "\x00" in text:
        raise ValueError("Not of the form name=value")
    return name, str(parse_id(_IDS[name], value)) if name in _IDS else value


def public_facet(token: str) -> tuple[str, str]:
    """A facet's name and value as answers name them."""
    name, _, value = token.partition("=")
    return name, public_id(_IDS[name], uuid.UUID(value)) if name in _IDS else value


def code_of(text: str) -> str:
    """A code as it is compared: without dashes, blanks and case."""
    return _NOT_CODE.sub("", text).lower()


def question_of(text: str) -> Question:
    """Read what somebody typed; what holds no letter and no digit asks for nothing."""
    typed = [each for each in _WORD.findall(text) if code_of(each)][:MOST_WORDS]
    codes = [code_of(each) for each in typed]
    whole = "".join(codes)
    return Question(
        words=typed,
        codes=[each if len(each) >= MIN_CODE else "" for each in codes],
        whole=whole if len(typed) > 1 and len(whole) >= MIN_CODE else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What narrows a search: facet groups of which one value each must fit, price, stock."""

    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    price_from: int | None = None
    price_to: int | None = None
    is_available: bool = False

    @classmethod
    def of(
        cls,
        chosen: Iterable[tuple[str, str]],
        *,
        price_from: int | None = None,
        price_to: int | None = None,
        is_available: bool = False,
    ) -> "Filters":
        """Filters of single choices, several of one name together."""
        facets: dict[str, list[str]] = {}
        for name, value in chosen:
            facets.setdefault(name, []).append(value)
        return cls(
            facets=facets, price_from=price_from, price_to=price_to, is_available=is_available
        )

    @property
    def by_price(self) -> bool:
        """Whether prices decide what is found."""
        return self.price_from is not None or self.price_to is not None

    @property
    def tokens(self) -> list[tuple[str, list[str]]]:
        """Each facet group with the tokens that fit it, in one order."""
        return [
            (group, [f"{group}={value}" for value in values])
            for group, values in sorted(self.facets.items())
            if values
        ]


class Cursor(NamedTuple):
    """The last row of a page: in which order, its sort key as text, its id."""

    sort: str
    key: str
    after: uuid.UUID

    def encode(self) -> str:
        """Opaque and safe in URLs."""
        return encode_place(self.sort, self.key, self.after)


# A walk along prices goes on at the price of one, marked so, as the index knows it.
_PRICE_KEY = re.compile(r"^(-?\d{1,30}|w\d{1,20}(\.\d{1,20})?(e[+-]\d{1,2})?)$")
NO_PRICE = str(BILLION**3 * 100)
_KEYS = {
    RELEVANCE: re.compile(r"^-?\d{1,9}$"),
    PRICE: _PRICE_KEY,
    DEAREST: _PRICE_KEY,
    NAME: re.compile(r"^[^\x00]{0,200}$", re.DOTALL),
}


def cursor_of(text: str, *, sort: str) -> Cursor:
    """Read a cursor back.

    Raises:
        CursorOfAnother: it is none, or one of another order.
    """
    try:
        cursor = Cursor(*decode_place(text, str, str, uuid.UUID))
        fits = cursor.sort == sort and _is_key(sort, cursor.key)
    except (Malformed, ValueError) as error:
        raise CursorOfAnother from error
    if not fits:
        raise CursorOfAnother
    return cursor


def _is_key(sort: str, key: str) -> bool:
    if sort == NEWEST:
        return datetime.fromisoformat(key).tzinfo is not None
    return bool(_KEYS[sort].match(key))


def price_key(amount_minor: int, per_quantity: int) -> int:
    """What prices of different quantities are compared by: the price of a thousand million."""
    return amount_minor * BILLION // per_quantity


def walked_unit(cursor: Cursor) -> str:
    """Where a walk along prices goes on: after the price of one."""
    if cursor.key.startswith("w"):
        return cursor.key[1:]
    return repr(abs(int(cursor.key)) / BILLION)


def counted_key(cursor: Cursor) -> Cursor:
    """Where counted prices go on, if the cursor is of a walk."""
    if not cursor.key.startswith("w"):
        return cursor
    key = int(Fraction(cursor.key[1:]) * BILLION)
    return cursor._replace(key=str(-key if cursor.sort == DEAREST else key))


class Ask(NamedTuple):
    """What one seller may be asked for: whose price counts (None: the shop's own), how many."""

    variant_id: str
    seller_id: str | None
    quantity: int


class Priced(NamedTuple):
    """An ask with its price."""

    ask: Ask
    amount_minor: int
    per_quantity: int

    @property
    def order(self) -> tuple[int, str, int]:
        """Cheapest first, ties to the lesser seller id, then to the lesser quantity."""
        key = price_key(self.amount_minor, self.per_quantity)
        return key, self.ask.seller_id or "", self.ask.quantity


def cheapest(priced: Iterable[Priced]) -> dict[str, Priced]:
    """The effective price of each variant."""
    best: dict[str, Priced] = {}
    for each in priced:
        known = best.get(each.ask.variant_id)
        if known is None or each.order < known.order:
            best[each.ask.variant_id] = each
    return best


def band_of(available: int, minimum_quantity: int) -> str:
    """How much there is, as far as it is told."""
    if available < minimum_quantity:
        return OUT
    return LOW if available < LOW_BELOW * minimum_quantity else IN_STOCK


class Availability(NamedTuple):
    """How much there is, as far as it is told; of what is not here, when it can leave."""

    band: str
    since: date | None = None

    @property
    def order(self) -> tuple[bool, date, int]:
        """What is here first, then what comes soonest, then what does not."""
        return self.band == OUT, self.since or date.min, BANDS.index(self.band)


class Arriving(NamedTuple):
    """Units that a seller can send from a day on: of an announced delivery, or made to order."""

    leaves_on: date
    units: int
    is_announced: bool


def availability_of(
    available: int, minimum_quantity: int, arriving: Iterable[Arriving] = ()
) -> Availability:
    """What is told of an offer: by what is there, else by the day on which enough of it is."""
    band = band_of(available, minimum_quantity)
    if band != OUT:
        return Availability(band)
    total = max(available, 0)
    for each in sorted(arriving):
        total += each.units
        if total >= minimum_quantity:
            return Availability(ANNOUNCED if each.is_announced else BACK_ORDER, each.leaves_on)
    return Availability(OUT)


def best_of(found: Iterable[Availability]) -> Availability:
    """The best of what several sellers have."""
    return min(found, key=lambda each: each.order, default=Availability(OUT))
