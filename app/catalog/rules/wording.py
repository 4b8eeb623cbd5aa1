"""What a name of an article says: words, and sizes with their units, whatever the spelling.

"M8x40", "M 8 x 40 mm" and "m8 X 40" say the same sizes; "4 cm" says "40 mm". A size without a unit
agrees with one of any unit whose written number is the same.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

# Unit as it is written -> (base unit, how many of it).
_UNITS: Mapping[str, tuple[str, Fraction]] = MappingProxyType(
    {
        "mm": ("mm", Fraction(1)),
        "cm": ("mm", Fraction(10)),
        "m": ("mm", Fraction(1000)),
        "in": ("mm", Fraction(254, 10)),
        "inch": ("mm", Fraction(254, 10)),
        "mg": ("g", Fraction(1, 1000)),
        "g": ("g", Fraction(1)),
        "kg": ("g", Fraction(1000)),
        "ml": ("ml", Fraction(1)),
        "cl": ("ml", Fraction(10)),
        "l": ("ml", Fraction(1000)),
        "v": ("v", Fraction(1)),
        "kv": ("v", Fraction(1000)),
        "mw": ("w", Fraction(1, 1000)),
        "w": ("w", Fraction(1)),
        "kw": ("w", Fraction(1000)),
        "ma": ("a", Fraction(1, 1000)),
        "a": ("a", Fraction(1)),
        "mah": ("ah", Fraction(1, 1000)),
        "ah": ("ah", Fraction(1)),
        "nm": ("nm", Fraction(1)),
        "bar": ("bar", Fraction(1)),
        "pcs": ("pcs", Fraction(1)),
        "stk": ("pcs", Fraction(1)),
    }
)
_NUMBER = r"\d+(?:[.,]\d+)?(?:/\d+)?"
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_TIMES = re.compile(rf"(?<=\d)\s*[x*]\s*(?=\d)|(?<=\d)(\s*(?:{_UNIT}))\s*[x*]\s*(?=\d)")
_SIZE = re.compile(rf"(?P<mark>[a-z]{{0,3}})\s?(?P<number>{_NUMBER})\s?(?P<unit>(?:{_UNIT})\b)?")
_WORD = re.compile(r"[a-z]{2,}")
_THREAD_MARKS = frozenset({"m", "g", "r", "pz", "ph", "tx", "t", "iso", "din", "en"})


@dataclass(frozen=True, slots=True)
class Size:
    """A number in a name: as it is written, what it is a number of, and its worth in base units."""

    mark: str
    written: str
    unit: str
    worth: Fraction

    def agrees(self, other: "Size") -> bool:
        """Whether both may say the same."""
        if self.mark != other.mark:
            return False
        if self.unit and other.unit:
            return self.unit == other.unit and self.worth == other.worth
        return self.written == other.written


@dataclass(frozen=True, slots=True)
class Wording:
    """A name, taken apart."""

    words: tuple[str, ...]
    sizes: tuple[Size, ...]


def plain(text: str) -> str:
    """Letters without case and accents; signs that mean the same, alike."""
    decomposed = unicodedata.normalize(
        "NFKD", text.casefold().replace("\N{MULTIPLICATION SIGN}", "x")
    )
    bare = "".join(each for each in decomposed if not unicodedata.combining(each))
    return bare.replace("\N{FRACTION SLASH}", "/").replace('"', " in ")


def code(text: str | None) -> str:
    """An identifier without case, dashes and blanks; the database's ``catalog_code``."""
    return re.sub(r"[^A-Za-z0-9]", "", text or "").upper()


@lru_cache(maxsize=20_000)
def wording_of(name: str) -> Wording:
    """Take a name apart."""
    text = _TIMES.sub(lambda found: f"{found.group(1) or ''} x ", plain(name))
    sizes: list[Size] = []

    def take(found: re.Match[str]) -> str:
        mark, number, unit = found.group("mark"), found.group("number"), found.group("unit")
        if mark and mark not in _THREAD_MARKS:
            sizes.append(_size("", number, unit))
            return f" {mark} "
        sizes.append(_size(mark, number, unit))
        return " "

    rest = _SIZE.sub(take, text)
    return Wording(tuple(dict.fromkeys(_WORD.findall(rest))), tuple(dict.fromkeys(sizes)))


def _size(mark: str, number: str, unit: str | None) -> Size:
    written = number.replace(",", ".")
    whole, _, parts = written.partition("/")
    worth = Fraction(whole) / (int(parts) or 1) if parts else Fraction(whole)
    base, factor = _UNITS[unit] if unit else ("", Fraction(1))
    return Size("" if mark == "x" else mark, str(worth), base, worth * factor)
