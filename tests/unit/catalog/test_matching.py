"""A seller's words and a manufacturer's: which variant is meant, and how sure is that?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.rules import matching
from app.catalog.rules.matching import (
    Described,
    Known,
    Thresholds,
    gtin_forms,
    likeness,
    rank,
    score,
)
from app.catalog.rules.wording import code, wording_of
from app.kernel.ids import new_id

MIRA = new_id()
GTIN, OTHER = "4006381333931", "4006381333948"


def known(name="Hexagon bolt M8x40", **facts):
    said = {"sku": "HB-840", "brand": "Mira", "part_number": "HB 8-40", "manufacturer_id": MIRA}
    gtins = frozenset(form for each in facts.pop("gtins", ()) for form in gtin_forms(each))
    return Known(variant_id=new_id(), name=name, gtins=gtins, **{**said, **facts})


def judge(wanted, candidates, thresholds):
    return matching.judge(wanted, candidates, rank(wanted, candidates), thresholds)


class TestAName:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("M8x40", "M8 X 40"),
            ("M8x40", "m 8 \N{MULTIPLICATION SIGN} 40 mm"),
            ("Rohr 4 cm", "Rohr 40mm"),
            ("Akku 18V 2,5 Ah", "Akku 18 V 2.5ah"),
            ('Rohr 1/2"', "Rohr 1/2 inch"),
            ("Wasser 1,5 l", "Wasser 1500ml"),
        ],
    )
    def test_says_the_same_sizes_however_spelt(self, one, other):
        alike, contradict = likeness(one, other)
        assert (alike, contradict) == (100, False)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Hexagon bolt M8x40", "Hexagon bolt M8x50"),
            ("Hexagon bolt M8x40", "Hexagon bolt M10x40"),
            ("Drill 18V", "Drill 12V"),
            ("Tape 10 m", "Tape 10 mm"),
            ("Cable 3x1.5", "Cable 3x2.5"),
        ],
    )
    def test_knows_sizes_that_contradict(self, one, other):
        assert likeness(one, other)[1]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Hexagon bolt M8x40 DIN 933", "Hexagon bolt M8x40"),
            ("Hexagon bolt", "Hexagon bolt M8x40"),
        ],
    )
    def test_may_say_less(self, one, other):
        assert not likeness(one, other)[1]

    def test_forgives_a_slip_of_the_pen(self):
        assert likeness("Cordless dril", "Cordless drill")[0] > 90
        assert likeness("Cordless drill", "Garden hose")[0] == 0

    def test_knows_no_accents_or_case(self):
        assert likeness("Förderband größer", "FORDERBAND GROSSER")[0] == 100

    @given(one=st.text(max_size=60), other=st.text(max_size=60))
    def test_is_as_like_the_other_as_the_other_is_like_it(self, one, other):
        ours, theirs = likeness(one, other), likeness(other, one)
        assert abs(ours[0] - theirs[0]) <= 10
        assert ours[1] == theirs[1]
        assert 0 <= ours[0] <= 100

    @given(text=st.text(max_size=80))
    def test_is_taken_apart_whatever_it_holds(self, text):
        wording = wording_of(text)
        assert not likeness(text, text)[1]
        assert all(size.worth >= 0 for size in wording.sizes)


class TestACode:
    @pytest.mark.parametrize("spelt", ["HB 8-40", "hb8-40", "HB.8/40", " hb 840 "])
    def test_is_the_same_without_dashes_blanks_and_case(self, spelt):
        assert code(spelt) == "HB840"

    def test_of_a_gtin_has_all_lengths(self):
        assert set(gtin_forms("012345678905")) == {
            "012345678905",
            "0012345678905",
            "00012345678905",
        }
        assert gtin_forms(None) == gtin_forms("0") == ()


class TestAScore:
    def test_of_the_same_gtin_and_name_is_certain(self):
        wanted = Described(name="Bolt hexagon M8 x 40 mm", gtin=GTIN)
        found = score(wanted, known(gtins=[GTIN]))
        assert found.score >= 95
        assert found.identified
        assert found.score == min(100, sum(part.points for part in found.parts))

    def test_knows_the_gtin_with_more_zeros(self):
        wanted = Described(name="Hexagon bolt M8x40", gtin=f"0{GTIN}")
        assert score(wanted, known(gtins=[GTIN])).identified

    def test_of_part_number_and_brand_is_certain(self):
        wanted = Described(name="Hexagon bolt M8x40", part_number="hb-8 40", brand="MIRA")
        found = score(wanted, known())
        assert found.identified
        assert found.score >= 95

    def test_of_a_part_number_alone_is_not(self):
        wanted = Described(name="Hexagon bolt M8x40", part_number="hb-8 40")
        found = score(wanted, known())
        assert not found.identified
        assert found.score >= 40

    def test_falls_when_sizes_contradict(self):
        wanted = Described(name="Hexagon bolt M8x50", gtin=GTIN)
        found = score(wanted, known(gtins=[GTIN]))
        assert found.score < 95
        assert "sizes" in {part.name for part in found.parts}

    def test_of_a_name_alone_is_never_certain(self):
        wanted = Described(name="Hexagon bolt M8x40", brand="Mira", weight_g=20)
        found = score(wanted, known(weight_g=20))
        assert 40 <= found.score < 95
        assert not found.identified

    @given(
        name=st.text(max_size=40),
        gtin=st.sampled_from([None, GTIN, OTHER]),
        part=st.sampled_from([None, "HB 8-40", "X"]),
        brand=st.sampled_from(["", "Mira", "Else"]),
        weight=st.none() | st.integers(0, 10**9),
    )
    def test_stays_in_its_bounds(self, name, gtin, part, brand, weight):
        wanted = Described(name=name, gtin=gtin, part_number=part, brand=brand, weight_g=weight)
        found = score(wanted, known(gtins=[GTIN], weight_g=20))
        assert 0 <= found.score <= 100
        if not found.identified:
            assert judge(wanted, [known(gtins=[GTIN])], Thresholds(auto_at=0)).outcome != "auto"


class TestAJudgement:
    SURE = Described(name="Hexagon bolt M8x40", gtin=GTIN, brand="Mira")

    def test_takes_what_is_certain(self):
        assert judge(self.SURE, [known(gtins=[GTIN])], Thresholds()).outcome == "auto"

    def test_asks_when_the_bar_is_higher(self):
        found = judge(self.SURE, [known("Bolt", gtins=[GTIN])], Thresholds(auto_at=100))
        assert (found.outcome, found.reason) == ("review", "below_auto")

    def test_asks_when_gtin_and_part_number_name_different_variants(self):
        wanted = Described(
            name="Hexagon bolt M8x40", gtin=GTIN, part_number="HB 8-50", brand="Mira"
        )
        two = [known(gtins=[GTIN]), known("Hexagon bolt M8x50", part_number="HB-850", sku="Z")]
        found = judge(wanted, two, Thresholds(auto_at=0))
        assert (found.outcome, found.reason) == ("review", "conflict")

    def test_asks_when_two_are_as_good(self):
        wanted = Described(name="Hexagon bolt M8x40", part_number="HB840", brand="Mira")
        found = judge(wanted, [known(), known()], Thresholds(auto_at=0))
        assert (found.outcome, found.reason) == ("review", "ambiguous")

    def test_of_nothing_alike_is_the_policy_s(self):
        wanted = Described(name="Garden hose")
        assert judge(wanted, [known()], Thresholds()).outcome == "review"
        refused = judge(wanted, [known()], Thresholds(unmatched="refuse"))
        assert (refused.outcome, refused.reason) == ("refuse", "no_match")
        assert judge(wanted, [], Thresholds(unmatched="refuse")).outcome == "refuse"

    def test_ranks_the_right_size_first(self):
        sizes = [known(f"Hexagon bolt M8x{length}") for length in (30, 40, 50, 60, 70, 80)]
        ranked = rank(Described(name="Hexagon bolt M8 x 50"), sizes)
        assert ranked[0].variant_id == sizes[2].variant_id
        assert len(ranked) == 5
