"""Messages of a feed come twice, late, or too early; their effects come in order, once."""

from hypothesis import given
from hypothesis import strategies as st

from app.inventory.rules.feeding import MAX_HELD, Verdict, is_code, judge, missing, passed_over


class TestAMessage:
    def test_takes_effect_in_its_turn(self) -> None:
        assert judge(applied=4, waiting={}, sequence=5, kind="delta") == Verdict("apply")

    def test_of_changes_waits_for_those_before_it(self) -> None:
        assert judge(applied=4, waiting={}, sequence=6, kind="delta") == Verdict("hold")

    def test_takes_those_along_that_waited_for_it(self) -> None:
        waiting = {6: "delta", 7: "delta", 9: "delta"}
        assert judge(applied=4, waiting=waiting, sequence=5, kind="delta") == Verdict(
            "apply", then=(6, 7)
        )

    def test_of_quantities_needs_nothing_before_it(self) -> None:
        waiting = {6: "delta", 9: "delta", 10: "delta"}
        assert judge(applied=4, waiting=waiting, sequence=8, kind="absolute") == Verdict(
            "apply", then=(9, 10), overtaken=(6,)
        )

    def test_that_comes_after_a_newer_one_is_ignored(self) -> None:
        for kind in ("absolute", "delta"):
            assert judge(applied=9, waiting={}, sequence=8, kind=kind) == Verdict("ignore")

    def test_that_was_passed_over_may_come_late_but_not_for_ever(self) -> None:
        passed = passed_over(passed=[3], applied=4, reached=8, seen={6})
        assert passed == [3, 5, 7]
        for kind in ("absolute", "delta"):
            said = judge(applied=8, waiting={}, sequence=5, kind=kind, passed=passed)
            assert said == Verdict("late")
        assert passed_over(passed=passed, applied=8, reached=MAX_HELD + 6, seen=range(999)) == [7]

    def test_is_refused_when_too_many_wait(self) -> None:
        waiting = dict.fromkeys(range(3, 3 + MAX_HELD), "delta")
        assert judge(applied=1, waiting=waiting, sequence=900, kind="delta") == Verdict("refuse")
        assert missing(applied=1, waiting=waiting) == [2]


class TestAFeed:
    @given(order=st.permutations(range(1, 9)))
    def test_applies_all_changes_in_order_however_they_come(self, order: list[int]) -> None:
        applied, waiting, effects = 0, {}, []
        for sequence in order:
            verdict = judge(applied=applied, waiting=waiting, sequence=sequence, kind="delta")
            if verdict.outcome == "hold":
                waiting[sequence] = "delta"
                assert applied + 1 in missing(applied=applied, waiting=waiting)
                continue
            run = [sequence, *verdict.then]
            effects += run
            applied = run[-1]
            waiting = {no: kind for no, kind in waiting.items() if no not in run}
        assert effects == list(range(1, 9))
        assert missing(applied=applied, waiting=waiting) == []

    def test_is_called_by_letters_and_digits(self) -> None:
        assert is_code("wms.north-1")
        assert not is_code("a/b")
        assert not is_code("x" * 65)
