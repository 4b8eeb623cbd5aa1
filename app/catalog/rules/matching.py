"""How well a variant fits what a seller suggests: 0 to 100, and why.

Laws: only an identifier (GTIN, or part number with brand) makes a match certain enough to be taken
without a person; sizes that contradict each other (M8x40, M8x50) never do; where two identifiers
name different variants, a person decides.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from app.catalog.rules.wording import Size, Wording, code, wording_of

BEST = 100
AUTO_AT, REVIEW_AT = 95, 40  # unless the manufacturer or the operator says otherwise
KEPT = 5

_WORD_WEIGHT, _SIZE_WEIGHT = 2, 3
_TYPO = 0.75
_CLOSE = 5
_WEIGHT_TOLERANCE = 10  # one tenth


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """An article in somebody's words."""

    name: str
    brand: str = ""
    gtin: str | None = None
    part_number: str | None = None
    weight_g: int | None = None
    manufacturer_id: uuid.UUID | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Described):
    """A variant that may be meant, with all that identifies it."""

    variant_id: uuid.UUID
    sku: str
    gtins: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one thing that was compared adds to a score, or takes from it."""

    name: str
    points: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A variant's score and how it came about; ``identified`` by GTIN or part number."""

    variant_id: uuid.UUID
    manufacturer_id: uuid.UUID | None
    score: int
    identified: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From which score a match is taken as it is, and from which it is worth a look."""

    auto_at: int = AUTO_AT
    review_at: int = REVIEW_AT
    unmatched: str = "review"  # or refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What becomes of a suggestion: ``auto``, ``review`` or ``refuse``, and why not auto."""

    outcome: str
    reason: str


def gtin_forms(gtin: str | None) -> tuple[str, ...]:
    """All ways to write a GTIN: 8, 12, 13 or 14 digits, filled with zeros on the left."""
    digits = (gtin or "").lstrip("0")
    return tuple(
        digits.zfill(length) for length in (8, 12, 13, 14) if digits and length >= len(digits)
    )


def score(wanted: Described, known: Known) -> Scored:
    """Compare a variant with what a seller says."""
    same_gtin = bool(known.gtins & set(gtin_forms(wanted.gtin)))
    brand = _brand(wanted, known)
    same_part = _same_part(wanted, known)
    identified = same_gtin or (same_part and brand > 0)
    parts = [
        _gtin_part(wanted, known, same_gtin),
        _number_part(wanted, same_part, same_gtin, brand),
        *_name_parts(wanted, known, identified=identified),
        _brand_part(brand, identified=identified),
        _weight_part(wanted, known),
    ]
    found = tuple(part for part in parts if part.points or part.detail)
    total = max(0, min(BEST, sum(part.points for part in found)))
    return Scored(
        variant_id=known.variant_id,
        manufacturer_id=known.manufacturer_id,
        score=total,
        identified=identified,
        parts=found,
    )


def rank(wanted: Described, known: Sequence[Known]) -> list[Scored]:
    """The variants that may be meant, the best first."""
    scored = [score(wanted, each) for each in known]
    scored.sort(key=lambda each: (-each.score, each.variant_id))
    return scored[:KEPT]


def judge(
    wanted: Described, known: Sequence[Known], ranked: Sequence[Scored], thresholds: Thresholds
) -> Judgement:
    """What becomes of a suggestion, by the best of its candidates."""
    best = ranked[0] if ranked else None
    if best is None or best.score < thresholds.review_at:
        return Judgement(outcome=thresholds.unmatched, reason="no_match")
    if _identifiers_disagree(wanted, known):
        return Judgement(outcome="review", reason="conflict")
    if not best.identified:
        return Judgement(outcome="review", reason="no_identifier")
    rival = ranked[1] if len(ranked) > 1 else None
    if rival and rival.identified and best.score - rival.score < _CLOSE:
        return Judgement(outcome="review", reason="ambiguous")
    if best.score < thresholds.auto_at:
        return Judgement(outcome="review", reason="below_auto")
    return Judgement(outcome="auto", reason="")


def likeness(one: str, other: str) -> tuple[int, bool]:
    """(how alike two names are, 0 to 100; whether their sizes contradict each other)."""
    first, second = wording_of(one), wording_of(other)
    contradict = _contradict(first.sizes, second.sizes)
    whole = _weight(first) + _weight(second)
    if not whole:
        return 0, contradict
    words = 2 * _WORD_WEIGHT * _shared_words(first.words, second.words)
    sizes = 2 * _SIZE_WEIGHT * len(_agreed(first.sizes, second.sizes))
    return min(BEST, round(BEST * (words + sizes) / whole)), contradict


def _weight(wording: Wording) -> int:
    return _WORD_WEIGHT * len(wording.words) + _SIZE_WEIGHT * len(wording.sizes)


def _shared_words(one: Sequence[str], other: Sequence[str]) -> float:
    """How many words both have; a word with a slip of the pen counts in part."""
    same = set(one) & set(other)
    left, total = [word for word in other if word not in same], float(len(same))
    for word in one:
        if word in same:
            continue
        best, twin = max(((_ratio(word, each), each) for each in left), default=(0.0, ""))
        if best >= _TYPO:
            total += best
            left.remove(twin)
    return total


def _ratio(one: str, other: str) -> float:
    if 2 * min(len(one), len(other)) < _TYPO * (len(one) + len(other)):
        return 0.0  # too different in length to be worth the comparison
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _agreed(one: Sequence[Size], other: Sequence[Size]) -> list[Size]:
    """The sizes of one that the other says, too; those that say exactly the same pair first."""
    found = [size for size in one if size in other]
    left = [size for size in other if size not in found]
    for size in one:
        twin = next((each for each in left if size.agrees(each)), None)
        if size not in found and twin is not None:
            left.remove(twin)
            found.append(size)
    return found


def _contradict(one: Sequence[Size], other: Sequence[Size]) -> bool:
    """Each says a size that the other does not."""
    agreed = len(_agreed(one, other))
    return agreed < len(one) and agreed < len(other)


def _brand(wanted: Described, known: Known) -> int:
    """1 the same, -1 another one, 0 nobody says."""
    mine, theirs = code(wanted.brand), code(known.brand)
    if mine and theirs:
        return 1 if mine == theirs else -1
    return 1 if wanted.manufacturer_id and wanted.manufacturer_id == known.manufacturer_id else 0


def _same_part(wanted: Described, known: Known) -> bool:
    mine = code(wanted.part_number)
    return bool(mine) and mine in {code(known.part_number), code(known.sku)}


def _identifiers_disagree(wanted: Described, known: Sequence[Known]) -> bool:
    """Whether the GTIN names one variant and part number with brand another."""
    forms = set(gtin_forms(wanted.gtin))
    by_gtin = {each.variant_id for each in known if each.gtins & forms}
    by_part = {
        each.variant_id for each in known if _same_part(wanted, each) and _brand(wanted, each) > 0
    }
    return bool(by_gtin) and bool(by_part) and not by_gtin & by_part


def _gtin_part(wanted: Described, known: Known, same: bool) -> Part:  # noqa: FBT001
    if same:
        return Part(name="gtin", points=88, detail="the same GTIN")
    if wanted.gtin and known.gtins:
        return Part(name="gtin", points=-15, detail="another GTIN")
    return Part(name="gtin", points=0, detail="")


def _number_part(wanted: Described, same: bool, same_gtin: bool, brand: int) -> Part:  # noqa: FBT001
    if not same:
        return Part(name="part_number", points=0, detail="")
    if same_gtin:
        return Part(name="part_number", points=7, detail="the same part number")
    points = {1: 86, 0: 65, -1: 40}[brand]
    return Part(name="part_number", points=points, detail=f"part number {wanted.part_number}")


def _name_parts(wanted: Described, known: Known, *, identified: bool) -> list[Part]:
    alike, contradict = likeness(wanted.name, known.name)
    most = 10 if identified else 70
    parts = [Part(name="name", points=alike * most // BEST, detail=f"{alike} % alike")]
    if contradict:
        points = -20 if identified else -40
        parts.append(Part(name="sizes", points=points, detail="the sizes contradict each other"))
    return parts


def _brand_part(brand: int, *, identified: bool) -> Part:
    if brand < 0:
        return Part(name="brand", points=-20, detail="another brand")
    if brand > 0:
        points = 2 if identified else 12
        return Part(name="brand", points=points, detail="the same brand or manufacturer")
    return Part(name="brand", points=0, detail="")


def _weight_part(wanted: Described, known: Known) -> Part:
    if not wanted.weight_g or not known.weight_g:
        return Part(name="weight", points=0, detail="")
    off = abs(wanted.weight_g - known.weight_g) * _WEIGHT_TOLERANCE
    if off <= known.weight_g:
        return Part(name="weight", points=2, detail="about the same weight")
    if off > 10 * known.weight_g:
        return Part(name="weight", points=-5, detail="a very different weight")
    return Part(name="weight", points=0, detail="")
