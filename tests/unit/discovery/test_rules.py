"""What a question is, how a cursor survives, which price is the effective one."""

import uuid
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.discovery.errors import CursorOfAnother
from app.discovery.rules import (
    DEAREST,
    NAME,
    NEWEST,
    PRICE,
    RELEVANCE,
    Arriving,
    Ask,
    Availability,
    Cursor,
    Filters,
    Priced,
    availability_of,
    band_of,
    best_of,
    cheapest,
    code_of,
    cursor_of,
    facet_of,
    public_facet,
    question_of,
)

KEYS = {
    RELEVANCE: "-303963",
    NAME: 'tap, 1/2" – chrome',
    NEWEST: "2026-03-02 09:00:00.000001+00",
    PRICE: "1200000000000",
    DEAREST: "-1200000000000",
}


class TestAQuestion:
    @pytest.mark.parametrize("typed", ["AB-12/3", "ab 123", "Ab.12 3", "a_b123"])
    def test_is_the_same_code_with_dashes_and_without(self, typed: str) -> None:
        question = question_of(typed)
        assert (question.whole or question.codes[0]) == "ab123"

    @given(st.text(max_size=60))
    def test_holds_words_with_letters_or_digits_only(self, typed: str) -> None:
        question = question_of(typed)
        assert len(question.words) == len(question.codes) <= 12
        assert all(code_of(word) and "|" not in word for word in question.words)
        assert all(code == "" or code.isalnum() for code in [*question.codes, question.whole])


class TestACursor:
    @pytest.mark.parametrize(("sort", "key"), KEYS.items())
    def test_names_the_last_row_in_its_order(self, sort: str, key: str) -> None:
        cursor = Cursor(sort, key, uuid.UUID(int=7))
        assert cursor_of(cursor.encode(), sort=sort) == cursor

    @pytest.mark.parametrize("sort", KEYS)
    @pytest.mark.parametrize(
        "key", ["1; DROP TABLE x", "x\x00", "yesterday", "9" * 40, "2026-03-02 09:00:00"]
    )
    def test_is_refused_with_a_key_of_another_kind(self, sort: str, key: str) -> None:
        text = Cursor(sort, key, uuid.UUID(int=7)).encode()
        fits_a_name = sort == NAME and "\x00" not in key
        if fits_a_name:
            assert cursor_of(text, sort=sort).key == key
            return
        with pytest.raises(CursorOfAnother):
            cursor_of(text, sort=sort)

    @given(st.text(max_size=80))
    def test_is_refused_when_it_is_nonsense(self, text: str) -> None:
        with pytest.raises(CursorOfAnother):
            cursor_of(text, sort=NAME)


prices = st.builds(
    Priced,
    st.builds(
        Ask,
        st.sampled_from(["v", "w"]),
        st.sampled_from([None, "a", "b"]),
        st.integers(1, 3),
    ),
    st.integers(0, 10**6),
    st.sampled_from([1, 3, 100, 10_000]),
)


class TestTheEffectivePrice:
    @given(st.lists(prices, max_size=8, unique_by=lambda each: each.ask))
    def test_is_the_lowest_for_a_unit_whatever_the_order_of_asking(
        self, asked: list[Priced]
    ) -> None:
        best = cheapest(asked)
        assert best == cheapest(reversed(asked))
        for each in asked:
            chosen = best[each.ask.variant_id]
            assert (
                chosen.amount_minor * each.per_quantity
                <= each.amount_minor * chosen.per_quantity + each.per_quantity // 10**4
            )

    def test_is_the_lesser_sellers_at_a_tie(self) -> None:
        tied = [Priced(Ask("v", seller, 1), 5, 1) for seller in ("b", "a")]
        assert cheapest(tied)["v"].ask.seller_id == "a"


class TestBands:
    def test_tell_little_of_what_lies_there(self) -> None:
        assert [band_of(each, 5) for each in (4, 5, 49, 50, 10**6)] == [
            "out_of_stock", "low_stock", "low_stock", "in_stock", "in_stock",
        ]  # fmt: skip

    def test_tell_when_what_is_not_here_can_leave(self) -> None:
        first, last = date(2026, 3, 2), date(2026, 3, 9)
        coming = [Arriving(last, 9, True), Arriving(first, 2, True)]
        assert availability_of(2, 5, coming) == ("announced", last)
        assert availability_of(3, 5, coming) == ("announced", first)
        assert availability_of(5, 5, coming) == ("low_stock", None)
        assert availability_of(-4, 12, coming) == ("out_of_stock", None)
        assert availability_of(0, 1, [Arriving(last, 1, False)]) == ("back_order", last)

    def test_tell_what_is_here_before_what_comes_soonest(self) -> None:
        soon, late = date(2026, 3, 2), date(2026, 3, 9)
        order = [
            Availability("in_stock"), Availability("low_stock"), Availability("back_order", soon),
            Availability("announced", late), Availability("out_of_stock"),
        ]  # fmt: skip
        for first in range(len(order)):
            assert best_of(reversed(order[first:])) == order[first]
        assert best_of([]) == ("out_of_stock", None)


class TestAFacet:
    def test_keeps_ids_inside_and_tells_outside_ones(self) -> None:
        name, value = public_facet(f"category={uuid.UUID(int=9)}")
        assert facet_of(f"{name}={value}") == ("category", str(uuid.UUID(int=9)))
        assert facet_of("a.size=1=2") == ("a.size", "1=2")

    @pytest.mark.parametrize("text", ["", "brand", "=x", "brand=", "category=1", "brand=\x00"])
    def test_is_refused_without_name_or_value(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"form|id"):
            facet_of(text)

    def test_of_one_name_are_alternatives(self) -> None:
        filters = Filters.of([("brand", "A"), ("a.x", "1"), ("brand", "B")])
        assert filters.tokens == [("a.x", ["a.x=1"]), ("brand", ["brand=A", "brand=B"])]
