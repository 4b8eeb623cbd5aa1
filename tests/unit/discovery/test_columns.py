"""Formulas over whole columns say what the rule says of each price."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.discovery.queries.columns import BILLION, LARGEST, Entries, TooLarge
from app.discovery.queries.pricing import derive_all
from app.discovery.rules import price_key
from app.kernel.ids import new_id
from app.kernel.money import UnitPrice
from app.pricing.rules import ROUNDINGS, Formula, derive

prices = st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 10**4)), min_size=1, max_size=20)


@st.composite
def formulas(draw: st.DrawFn) -> Formula:
    step = draw(st.integers(1, 10_000))
    return Formula(
        formula_id=new_id(),
        position=1,
        factor_bps=draw(st.integers(0, 1_000_000)),
        add_minor=draw(st.integers(-(10**6), 10**6)),
        round_to_minor=step,
        round_ending_minor=draw(st.integers(0, step - 1)),
        rounding=draw(st.sampled_from(ROUNDINGS)),
    )


def columns(found: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    return tuple(np.array(each, dtype=np.int64) for each in zip(*found, strict=True))


class TestAColumnOfPrices:
    @given(formulas(), prices)
    def test_is_derived_as_each_of_them(
        self, formula: Formula, found: list[tuple[int, int]]
    ) -> None:
        amounts, per = columns(found)
        made = derive_all(formula, amounts, per)
        assert made.tolist() == [
            derive(formula, UnitPrice(*each), None).amount_minor for each in found
        ]

    @given(st.lists(st.tuples(st.integers(0, LARGEST - 1), st.integers(1, 2**31 - 1)), min_size=1))
    def test_is_compared_by_the_keys_of_each_of_them(self, found: list[tuple[int, int]]) -> None:
        amounts, per = columns(found)
        since = np.ones(len(found), dtype=np.int64)
        units = Entries(since, since, amounts, per).units()
        assert units.tolist() == [price_key(*each) for each in found]

    def test_refuses_what_it_would_not_hold_exactly(self) -> None:
        amounts, per = columns([(LARGEST, 1)])
        with pytest.raises(TooLarge):
            Entries(per, per, amounts, per).units()
        with pytest.raises(TooLarge):
            derive_all(
                Formula(formula_id=new_id(), position=1, factor_bps=1_000_000),
                np.array([2**62 // BILLION * BILLION], dtype=np.int64),
                np.array([1], dtype=np.int64),
            )
