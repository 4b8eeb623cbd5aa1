"""A price derived from another list's: factor, addition, rounding, margin. Whole numbers only.

Laws: the first formula of a list (by position) that fits the variant derives; one without
conditions fits every variant. A derived price is for as many units as the price it comes from. It
is rounded once, onto the formula's grid, and the margin is kept by rounding up on that grid.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.kernel.money import BASIS_POINTS, UnitPrice, divide_half_up

ROUNDINGS = ("nearest", "up", "down")


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantFacts:
    """What formulas ask of a variant; ``category_ids`` are its category and all above it."""

    category_ids: frozenset[uuid.UUID] = frozenset()
    brand: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """One rule of a derived list.

    ``factor_bps`` multiplies (9,000 is 10 % less), ``add_minor`` is added for each single unit.
    The result lies on the grid ``round_ending_minor + n * round_to_minor``: 100 and 95 give prices
    that end in .95, 5 and 0 give steps of 0.05. Where ``margin_list_id`` names a list, the price
    lies at least ``minimum_margin_bps`` above what that list asks for the same quantity.
    """

    formula_id: uuid.UUID
    position: int
    category_id: uuid.UUID | None = None
    brand: str | None = None
    attribute: str | None = None
    attribute_value: str | None = None
    factor_bps: int = BASIS_POINTS
    add_minor: int = 0
    round_to_minor: int = 1
    round_ending_minor: int = 0
    rounding: str = "nearest"
    margin_list_id: uuid.UUID | None = None
    minimum_margin_bps: int = 0

    def fits(self, variant: VariantFacts) -> bool:
        """Whether the formula is for this variant."""
        return (
            (self.category_id is None or self.category_id in variant.category_ids)
            and (self.brand is None or self.brand == variant.brand)
            and (
                self.attribute is None
                or _as_text(variant.attributes.get(self.attribute)) == self.attribute_value
            )
        )


def first_fitting(formulas: Sequence[Formula], variant: VariantFacts) -> Formula | None:
    """The formula that derives the variant's price."""
    fitting = (each for each in formulas if each.fits(variant))
    return min(fitting, key=lambda each: each.position, default=None)


def derive(formula: Formula, base: UnitPrice, cost: UnitPrice | None) -> UnitPrice:
    """The price that a formula makes of another; ``cost`` is what the margin is kept above.

    The database's ``pricing_derive`` computes the same; a test compares the two.
    """
    exact = base.amount_minor * formula.factor_bps + (
        formula.add_minor * base.per_quantity * BASIS_POINTS
    )
    amount = _on_grid(exact, BASIS_POINTS, formula, formula.rounding)
    if cost is not None:
        least = cost.amount_minor * base.per_quantity * (BASIS_POINTS + formula.minimum_margin_bps)
        per = cost.per_quantity * BASIS_POINTS
        if amount * per < least:
            amount = _on_grid(least, per, formula, "up")
    return UnitPrice(max(amount, 0), base.per_quantity)


def _on_grid(numerator: int, denominator: int, formula: Formula, rounding: str) -> int:
    """The value of the grid next to a fraction."""
    step, ending = formula.round_to_minor, formula.round_ending_minor
    offset, width = numerator - ending * denominator, step * denominator
    if rounding == "up":
        steps = -(-offset // width)
    elif rounding == "down":
        steps = offset // width
    else:
        steps = divide_half_up(offset, width)
    return ending + step * steps


def _as_text(value: Any) -> str | None:  # noqa: ANN401 - a JSON value
    """A JSON value as the database's ``->>`` gives it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
