"""Pure rules of the network: areas, terms, chains, and who may take which step.

Laws: nobody grants more than it was granted; two versions of terms never hold at one instant; the
past is never re-agreed; a step is taken by the party it belongs to.
"""

import re
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from babel import Locale

from app.kernel.geometry import great_circle_km
from app.kernel.money import BASIS_POINTS
from app.kernel.states import StateTable
from app.network.errors import (
    AreaInvalid,
    BeyondParent,
    NotYourMove,
    PartyUnfit,
    TermsInvalid,
    TermsOverlap,
)

SELLING_KINDS = frozenset({"manufacturer", "distributor", "wholesaler", "reseller"})
_SUBDIVISION = re.compile(r"^[A-Z]{2}-[A-Z0-9]{1,3}$")
_COUNTRY = re.compile(r"^[A-Z]{2}$")
# CLDR's regions hold some that ISO 3166-1 does not assign to a country.
_NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB", "XK", "AC", "CP", "CQ", "DG"})
COUNTRIES = frozenset(
    code for code in map(str, Locale("en").territories) if _COUNTRY.match(code)
) - _NOT_COUNTRIES - {"EA", "IC", "TA"}  # fmt: skip

AGREEMENT = StateTable(
    subject="agreement",
    initial="draft",
    moves={
        ("draft", "proposed"): "proposed",
        ("proposed", "accepted"): "active",
        ("active", "suspended"): "suspended",
        ("suspended", "resumed"): "active",
        ("draft", "terminated"): "terminated",
        ("proposed", "terminated"): "terminated",
        ("active", "terminated"): "terminated",
        ("suspended", "terminated"): "terminated",
    },
)

# Who takes which step; the operator may stop and resume, but not agree in others' names.
AGREEMENT_MOVERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "proposed": frozenset({"grantor"}),
        "accepted": frozenset({"grantee"}),
        "suspended": frozenset({"grantor", "operator"}),
        "resumed": frozenset({"grantor", "operator"}),
        "terminated": frozenset({"grantor", "grantee", "operator"}),
    }
)

ACCOUNT = StateTable(
    subject="trading account",
    initial="requested",
    moves={
        ("requested", "approved"): "active",
        ("active", "suspended"): "suspended",
        ("suspended", "resumed"): "active",
        ("requested", "closed"): "closed",
        ("active", "closed"): "closed",
        ("suspended", "closed"): "closed",
    },
)

ACCOUNT_MOVERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "approved": frozenset({"seller"}),
        "suspended": frozenset({"seller", "operator"}),
        "resumed": frozenset({"seller", "operator"}),
        "closed": frozenset({"seller", "buyer", "operator"}),
    }
)


_POSTAL_MARKS = str.maketrans("", "", " -.")


def folded_postal(code: str) -> str:
    """A postal code without what people write differently: spaces, marks, small letters."""
    return code.upper().translate(_POSTAL_MARKS)


@dataclass(frozen=True, slots=True)
class Area:
    """A country or a part of it: a subdivision, a range of postal codes, a circle.

    Both ends of a range are of one length, and stand for all codes that begin with them: ``10`` to
    ``14`` holds 10115 and 14199, ``SW1`` to ``SW1`` whatever begins so. Codes are compared folded.
    A circle is what lies within so many kilometres of a point, of the rest that is said.
    """

    country: str
    subdivision: str | None = None
    postal_from: str | None = None
    postal_to: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    radius_km: int | None = None

    def __post_init__(self) -> None:
        """Keep postal codes as they are compared."""
        for end in ("postal_from", "postal_to"):
            code = getattr(self, end)
            if code is not None:
                object.__setattr__(self, end, folded_postal(code))

    def problem(self) -> str | None:
        """What is wrong with it, if anything."""
        if self.country not in COUNTRIES:
            return f"{self.country} is not an ISO 3166-1 country"
        if self.subdivision is not None and not (
            _SUBDIVISION.match(self.subdivision) and self.subdivision[:2] == self.country
        ):
            return f"{self.subdivision} is not an ISO 3166-2 subdivision of {self.country}"
        if (self.postal_from is None) != (self.postal_to is None):
            return "a postal range needs both ends"
        return self._range_problem() or self._circle_problem()

    def _range_problem(self) -> str | None:
        if self.postal_from is None or self.postal_to is None:
            return None
        if len(self.postal_from) != len(self.postal_to) or not self.postal_from:
            return "both ends of a postal range have the same form"
        if self.postal_from > self.postal_to:
            return f"the range {self.postal_from} to {self.postal_to} is empty"
        return None

    def _circle_problem(self) -> str | None:
        said = (self.latitude, self.longitude, self.radius_km)
        if any(each is None for each in said) != all(each is None for each in said):
            return "a circle needs a point and a radius"
        return None

    def _circle_contains(self, other: "Area") -> bool:
        """Whether the other's circle lies in this one's, if there is any."""
        if self.latitude is None or self.longitude is None or self.radius_km is None:
            return True
        if other.latitude is None or other.longitude is None or other.radius_km is None:
            return False
        apart = great_circle_km((self.latitude, self.longitude), (other.latitude, other.longitude))
        return apart + other.radius_km <= self.radius_km

    def contains(self, other: "Area") -> bool:
        """Whether every place of the other lies in this one (as far as both speak of it)."""
        if self.country != other.country or not self._circle_contains(other):
            return False
        if self.subdivision is not None and self.subdivision != other.subdivision:
            return False
        if self.postal_from is None or self.postal_to is None:
            return True
        if other.postal_from is None or other.postal_to is None:
            return False
        begins = len(self.postal_from)
        return (
            begins <= len(other.postal_from)
            and self.postal_from <= other.postal_from[:begins]
            and other.postal_to[:begins] <= self.postal_to
        )


@dataclass(frozen=True, slots=True)
class ExclusivityDraft:
    """What nobody else may sell; an empty side means all of the terms' own."""

    territory_id: uuid.UUID | None = None
    category_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class TermsDraft:
    """Terms as a grantor proposes them."""

    valid_from: datetime
    currency: str
    selling_model: str
    valid_to: datetime | None = None
    territory_id: uuid.UUID | None = None
    category_ids: Sequence[uuid.UUID] = ()
    priority: int = 0
    minimum_order_minor: int = 0
    transfer_price_list_id: uuid.UUID | None = None
    assortment_id: uuid.UUID | None = None
    commission_bps: int = 0
    royalty_bps: int = 0
    platform_fee_bps: int = 0
    exclusivities: Sequence[ExclusivityDraft] = field(default=())


@dataclass(frozen=True, slots=True)
class Scope:
    """What terms cover: areas (None: everywhere) and category ids (empty: everything)."""

    areas: Sequence[Area] | None
    categories: frozenset[uuid.UUID]


def require_areas(areas: Iterable[Area]) -> None:
    """Refuse what is no place.

    Raises:
        AreaInvalid: with one message per area.
    """
    problems = [
        {"pointer": f"/areas/{index}", "message": problem}
        for index, area in enumerate(areas)
        if (problem := area.problem())
    ]
    if problems:
        raise AreaInvalid(problems[0]["message"], errors=problems)


def covers(outer: Sequence[Area] | None, inner: Sequence[Area] | None) -> bool:
    """Whether each inner area lies in one outer area; None is everywhere."""
    if outer is None:
        return True
    if inner is None:
        return False
    return all(any(big.contains(small) for big in outer) for small in inner)


def require_within(
    parent: Scope, child: Scope, *, paths: Mapping[uuid.UUID, Collection[uuid.UUID]]
) -> None:
    """Refuse terms that reach beyond the parent's, as far as that is plain to see.

    ``paths`` holds for each category its ancestors and itself.

    Raises:
        BeyondParent: a category or an area that the parent does not hold.
    """
    if parent.categories and not child.categories:
        raise BeyondParent("The parent agreement does not cover the whole assortment")
    if parent.categories:
        beyond = [each for each in child.categories if not parent.categories & set(paths[each])]
        if beyond:
            raise BeyondParent(
                "Categories that the parent agreement does not cover",
                categories=sorted(str(each) for each in beyond),
            )
    if not covers(parent.areas, child.areas):
        raise BeyondParent("The territory reaches beyond that of the parent agreement")


def require_sound(terms: TermsDraft) -> None:
    """Refuse terms that contradict themselves.

    Raises:
        TermsInvalid: they do.
    """
    if terms.valid_to is not None and terms.valid_to <= terms.valid_from:
        raise TermsInvalid("Terms end after they begin")
    if (terms.selling_model == "resale") != (terms.transfer_price_list_id is not None):
        raise TermsInvalid("Resale needs a transfer price list; agency has none")
    if terms.commission_bps + terms.royalty_bps + terms.platform_fee_bps > BASIS_POINTS:
        raise TermsInvalid("Commission, royalty and platform fee exceed 100 %")


def require_follows(
    terms: TermsDraft, *, last_from: datetime | None, binding: bool, now: datetime
) -> None:
    """Refuse a version that would hold together with the one before it, or change the past.

    ``binding``: the agreement is no longer a draft.

    Raises:
        TermsOverlap: it does not begin after the version before it.
        TermsInvalid: it would begin in the past.
    """
    if last_from is not None and terms.valid_from <= last_from:
        raise TermsOverlap(previous_valid_from=last_from.isoformat())
    if binding and terms.valid_from < now:
        raise TermsInvalid("New terms of an agreement in force begin now or later")


def require_parties(*, grantor_kinds: Collection[str], grantee_kinds: Collection[str]) -> None:
    """Refuse parties that cannot be: both sell.

    Raises:
        PartyUnfit: one of them does not.
    """
    for part, kinds in (("grantor", grantor_kinds), ("grantee", grantee_kinds)):
        if not SELLING_KINDS & set(kinds):
            raise PartyUnfit(f"The {part} does not sell", part=part)


def require_mover(
    movers: Mapping[str, frozenset[str]], action: str, parts: Collection[str]
) -> None:
    """Refuse a step that belongs to somebody else.

    Raises:
        NotYourMove: it is not for a caller in these parts.
    """
    allowed = movers[action]
    if not allowed & set(parts):
        raise NotYourMove(f"This is for the {' or the '.join(sorted(allowed))}", action=action)
