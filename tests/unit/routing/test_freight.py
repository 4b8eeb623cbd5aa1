"""Tariffs, parcels and distances."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.geometry import great_circle_km
from app.routing.freight import (
    FREE_FREIGHT,
    Tariff,
    TariffTable,
    consignment_price,
)

BANDS = Tariff(((1000, 500), (5000, 900), (30_000, 2_000)))


class TestConsignmentPrice:
    @pytest.mark.parametrize(
        ("weight_g", "price"),
        [
            (0, 0),
            (1, 500),
            (1000, 500),
            (1001, 900),
            (5001, 2_000),
            (30_000, 2_000),
            (30_001, 2_500),
            (64_000, 4_900),
        ],
    )
    def test_fills_parcels_and_prices_the_rest_by_its_band(self, weight_g, price):
        assert consignment_price(BANDS, weight_g) == price

    def test_is_nought_without_bands(self):
        assert consignment_price(FREE_FREIGHT, 99_000) == 0

    @given(st.integers(0, 200_000), st.integers(0, 50_000))
    def test_never_falls_when_weight_grows(self, weight_g, more_g):
        assert consignment_price(BANDS, weight_g) <= consignment_price(BANDS, weight_g + more_g)


class TestTariff:
    def test_refuses_a_heavier_parcel_for_less(self):
        with pytest.raises(ValueError, match="never fall"):
            Tariff(((1000, 500), (2000, 400)))

    def test_refuses_bands_out_of_order(self):
        with pytest.raises(ValueError, match="grow"):
            Tariff(((2000, 400), (1000, 500)))


class TestTariffTable:
    TABLE = TariffTable.from_rows([(150, 1000, 9), (50, 5000, 8), (50, 1000, 7)])

    def test_takes_the_first_distance_that_reaches(self):
        assert self.TABLE.find_tariff(50) == Tariff(((1000, 7), (5000, 8)))
        assert self.TABLE.find_tariff(50.1) == Tariff(((1000, 9),))

    def test_serves_nobody_beyond_the_last_distance(self):
        assert self.TABLE.find_tariff(151) is None


class TestGreatCircle:
    def test_measures_sao_paulo_to_rio(self):
        sao_paulo, rio = (-23.5505, -46.6333), (-22.9068, -43.1729)
        assert great_circle_km(sao_paulo, rio) == pytest.approx(361, abs=1)

    def test_is_nought_to_itself_and_half_the_globe_to_the_antipodes(self):
        assert great_circle_km((10, 20), (10, 20)) == 0
        assert great_circle_km((0, 0), (0, 180)) == pytest.approx(20_015, abs=1)


class TestWhatMoreGoodsAdd:
    @given(st.integers(0, 70_000), st.integers(1, 80_000))
    def test_is_the_price_of_all_less_what_travels_anyway(self, before, more):
        whole = consignment_price(BANDS, before + more)

        added = consignment_price(BANDS.beyond(before), more)

        assert added == whole - consignment_price(BANDS, before)

    def test_is_nothing_where_freight_is_free(self):
        assert FREE_FREIGHT.beyond(5_000) is FREE_FREIGHT

    @given(st.integers(0, 70_000), st.integers(0, 500_000))
    def test_never_falls_with_the_weight(self, before, more):
        tariff = BANDS.beyond(before)

        assert consignment_price(tariff, more) <= consignment_price(tariff, more + 700)
