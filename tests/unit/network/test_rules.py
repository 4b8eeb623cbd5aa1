"""Pure rules of the network."""

import itertools
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.states import TransitionNotAllowed
from app.network.errors import BeyondParent, NotYourMove
from app.network.rules import (
    ACCOUNT,
    ACCOUNT_MOVERS,
    AGREEMENT,
    AGREEMENT_MOVERS,
    COUNTRIES,
    Area,
    Scope,
    covers,
    require_mover,
    require_within,
)

SP = Area("BR", "BR-SP")
CODES = st.integers(0, 99_999).map(lambda number: f"{number:05}")


@st.composite
def areas(draw):
    country = draw(st.sampled_from(["BR", "DE"]))
    subdivision = draw(st.sampled_from([None, "1", "2"]))
    begins = draw(st.sampled_from([1, 3, 5]))
    ends = sorted(code[:begins] for code in draw(st.tuples(CODES, CODES)))
    ends = ends if draw(st.booleans()) else (None, None)
    return Area(country, subdivision and f"{country}-{subdivision}", *ends)


def holds(area, country, subdivision, code):
    """Whether a place lies in an area, said as the database says it."""
    return (
        area.country == country
        and area.subdivision in {None, subdivision}
        and (
            area.postal_from is None
            or area.postal_from <= code[: len(area.postal_from)] <= area.postal_to
        )
    )


class TestAnArea:
    @given(areas(), areas(), st.sampled_from(["1", "2"]), CODES)
    def test_that_contains_another_holds_every_place_of_it(self, big, small, part, code):
        place = (small.country, f"{small.country}-{part}", code)
        if big.contains(small) and holds(small, *place):
            assert holds(big, *place)

    @given(areas())
    def test_contains_itself(self, area):
        assert area.contains(area)
        assert area.problem() is None

    def test_that_is_round_contains_the_circles_within_it(self):
        campinas = {"latitude": -22.9, "longitude": -47.06}
        near = Area("BR", "BR-SP", latitude=-23.55, longitude=-46.63, radius_km=10)

        assert Area("BR", **campinas, radius_km=100).contains(near)
        assert not Area("BR", **campinas, radius_km=90).contains(near)
        assert not Area("BR", **campinas, radius_km=90).contains(SP)
        assert SP.contains(near)

    def test_of_a_country_contains_its_parts_and_not_the_reverse(self):
        assert Area("BR").contains(SP)
        assert not SP.contains(Area("BR"))

    def test_is_in_a_country_of_iso_3166(self):
        assert {"BR", "DE", "US", "JP", "ZA"} <= COUNTRIES
        assert not {"EU", "UN", "XX", "ZZ", "UK"} & COUNTRIES
        assert len(COUNTRIES) == 249


class TestEverywhere:
    def test_covers_all_and_is_covered_by_itself_alone(self):
        assert covers(None, [SP])
        assert covers(None, None)
        assert not covers([Area("BR")], None)


class TestAnAssortment:
    ROOT, CHILD, OTHER = (uuid.UUID(int=number) for number in (1, 2, 3))

    def within(self, parent, child):
        paths = {
            self.ROOT: {self.ROOT},
            self.CHILD: {self.ROOT, self.CHILD},
            self.OTHER: {self.OTHER},
        }
        require_within(Scope(None, frozenset(parent)), Scope(None, frozenset(child)), paths=paths)

    @pytest.mark.parametrize(
        ("parent", "child"), [([], []), ([], [OTHER]), ([ROOT], [CHILD]), ([ROOT], [ROOT])]
    )
    def test_lies_within_its_parents(self, parent, child):
        self.within(parent, child)

    @pytest.mark.parametrize(
        ("parent", "child"), [([ROOT], []), ([CHILD], [ROOT]), ([ROOT], [CHILD, OTHER])]
    )
    def test_does_not_reach_beyond(self, parent, child):
        with pytest.raises(BeyondParent):
            self.within(parent, child)


LIVES = [(AGREEMENT, AGREEMENT_MOVERS), (ACCOUNT, ACCOUNT_MOVERS)]


class TestALife:
    @pytest.mark.parametrize(("table", "movers"), LIVES)
    def test_has_somebody_for_every_step(self, table, movers):
        assert {action for _, action in table.moves} == set(movers)

    @pytest.mark.parametrize("table", [table for table, _ in LIVES])
    def test_allows_the_steps_of_its_table_and_no_others(self, table):
        actions = {action for _, action in table.moves}
        for state, action in itertools.product(table.states(), actions):
            if (state, action) in table.moves:
                assert table.step(state, action) == table.moves[state, action]
            else:
                with pytest.raises(TransitionNotAllowed):
                    table.step(state, action)

    @pytest.mark.parametrize("table", [table for table, _ in LIVES])
    def test_ends_for_good(self, table):
        last = table.states()[-1]
        assert not [action for state, action in table.moves if state == last]

    @pytest.mark.parametrize("movers", [movers for _, movers in LIVES])
    def test_has_no_step_for_a_bystander(self, movers):
        for action in movers:
            with pytest.raises(NotYourMove):
                require_mover(movers, action, ["manufacturer"])
