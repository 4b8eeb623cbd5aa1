"""What a manufacturer allows as two prices: whatever lies between them breaks nothing."""

from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import UnitPrice
from app.pricing.rules.bounds import Bounds

PRICES = st.builds(UnitPrice, st.integers(1, 5_000), st.sampled_from([1, 10]))
SHARES = st.none() | st.integers(0, 9_000)


class TestTheLowestAndTheHighest:
    @given(st.none() | PRICES, st.none() | PRICES, SHARES, SHARES)
    def test_are_the_last_that_break_nothing(self, floor, recommended, below, above) -> None:
        bounds = Bounds(floor=floor, recommended=recommended, below_bps=below, above_bps=above)
        lowest, highest = bounds.lowest, bounds.highest

        for bound, step in ((lowest, -1), (highest, 1)):
            if bound is None:
                continue
            beyond = UnitPrice(max(0, bound.amount_minor + step), bound.per_quantity)
            assert bound.amount_minor == 0 or bounds.breach(beyond) is not None
        if lowest is not None:
            assert bounds.breach(lowest) in {None, "above_corridor"}
        if highest is not None:
            assert bounds.breach(highest) in {None, "below_floor", "below_corridor"}
