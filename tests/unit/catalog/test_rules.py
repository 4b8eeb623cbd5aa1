"""Identifiers and units of variants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.rules import check_digit, gtin_is_valid, unit_code_is_valid

BODIES = st.sampled_from([7, 11, 12, 13]).flatmap(
    lambda size: st.text("0123456789", min_size=size, max_size=size)
)


class TestAGtin:
    @pytest.mark.parametrize("gtin", ["4006381333931", "96385074", "036000291452"])
    def test_of_the_real_world_is_valid(self, gtin: str) -> None:
        assert gtin_is_valid(gtin)

    @pytest.mark.parametrize("gtin", ["", "40063813339", "4006381333932", "٤٠٠٦٣٨١٣٣٣٩٣١"])
    def test_that_is_none_is_not(self, gtin: str) -> None:
        assert not gtin_is_valid(gtin)

    @given(BODIES)
    def test_ends_with_the_only_digit_that_fits(self, body: str) -> None:
        fitting = [digit for digit in "0123456789" if gtin_is_valid(body + digit)]
        assert fitting == [str(check_digit(body))]

    @given(BODIES, st.data())
    def test_betrays_any_single_wrong_digit(self, body: str, data: st.DataObject) -> None:
        gtin = body + str(check_digit(body))
        place = data.draw(st.integers(0, len(gtin) - 1))
        wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != gtin[place]]))
        assert not gtin_is_valid(gtin[:place] + wrong + gtin[place + 1 :])


def test_a_unit_code_is_one_of_the_table() -> None:
    codes = ["C62", "KGM", "EA", "c62", "", "PIECE", "ZZ9"]
    assert [code for code in codes if unit_code_is_valid(code)] == ["C62", "KGM", "EA"]
