"""What a buyer wishes of an order as a whole; kept with the cart and the order as a document; pure.

Lines are named by their variants: an order has one line a variant.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Wishes:
    """All or nothing, from one place, which lines are kits, and what may stand for what.

    They hold when an order is placed. When refused units look for other sellers, a remainder that
    comes is better than none: ``ship_complete`` is over then, the others hold. ``ship_by`` is over
    for units that wait.
    """

    ship_complete: bool = False
    one_delivery: bool = False
    kits: tuple[tuple[uuid.UUID, ...], ...] = ()
    substitutes: Mapping[uuid.UUID, tuple[uuid.UUID, ...]] = field(default_factory=dict)
    takes_successor: frozenset[uuid.UUID] = frozenset()
    no_backorders: bool = False
    ship_by: date | None = None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Wishes":
        """Read what was kept, or was asked."""
        return cls(
            ship_complete=document.get("ship_complete", False),
            one_delivery=document.get("one_delivery", False),
            kits=tuple(tuple(map(_id, kit)) for kit in document.get("kits", ())),
            substitutes={
                _id(variant): tuple(map(_id, others))
                for variant, others in document.get("substitutes", {}).items()
            },
            takes_successor=frozenset(map(_id, document.get("takes_successor", ()))),
            no_backorders=document.get("no_backorders", False),
            ship_by=_day(document.get("ship_by")),
        )

    def document(self) -> dict[str, Any]:
        """What is kept of them: nothing where nothing is wished."""
        written: dict[str, Any] = {}
        if self.ship_complete:
            written["ship_complete"] = True
        if self.one_delivery:
            written["one_delivery"] = True
        if self.kits:
            written["kits"] = [list(map(str, kit)) for kit in self.kits]
        if self.substitutes:
            written["substitutes"] = {
                str(variant): list(map(str, others)) for variant, others in self.substitutes.items()
            }
        if self.takes_successor:
            written["takes_successor"] = sorted(map(str, self.takes_successor))
        if self.no_backorders:
            written["no_backorders"] = True
        if self.ship_by:
            written["ship_by"] = str(self.ship_by)
        return written

    def of_lines(self, variants: Sequence[uuid.UUID]) -> dict[str, Any]:
        """The same, of a routing request's lines by position; what is no line is left out."""
        at = {variant: position for position, variant in enumerate(variants)}
        kits = [tuple(at[each] for each in kit if each in at) for kit in self.kits]
        return {
            "ship_complete": self.ship_complete,
            "one_delivery": self.one_delivery,
            "kits": tuple(kit for kit in kits if len(kit) > 1),
            "substitutes": {
                at[variant]: others for variant, others in self.substitutes.items() if variant in at
            },
            "takes_successor": frozenset(at[each] for each in self.takes_successor if each in at),
            "no_backorders": self.no_backorders,
            "ship_by": self.ship_by,
        }


NO_WISHES = Wishes()


def _id(value: uuid.UUID | str) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
