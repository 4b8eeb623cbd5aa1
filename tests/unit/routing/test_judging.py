"""Every hard rule excludes with its own code, and the short way agrees with the long one."""

import uuid
from dataclasses import replace
from datetime import date

import pytest

from app.inventory.rules.departures import Departures
from app.routing.freight import Tariff, TariffTable
from app.routing.rules import (
    REASONS,
    Context,
    Offer,
    Place,
    Policy,
    RoutingRequest,
    ShipTo,
    WantedLine,
    judge,
    judge_all,
)
from app.routing.rules.verdicts import MOST_LINE_MINOR

SELLER, VARIANT, LOCATION = (uuid.UUID(int=number) for number in range(1, 4))
PLACE = Place(0, LOCATION, 52.0, 13.0)
EVERYWHERE = TariffTable((20_000.0,), (Tariff(((30_000, 900_000),)),))
CONTEXT = Context(uuid.UUID(int=9), "EUR", None, (), Policy(uuid.UUID(int=8), 1), {})
REACHED = replace(CONTEXT, freight={None: EVERYWHERE})
REQUEST = RoutingRequest(
    uuid.UUID(int=7),
    uuid.UUID(int=6),
    ShipTo("DE", "DE-BE", "10115", 52.5, 13.4),
    (WantedLine(VARIANT, 6),),
)
SOUND = Offer(
    line_no=0, seller_id=SELLER, variant_id=VARIANT, selling_model="agency", weight_g=100,
    variant_active=True, is_shown=True, in_pool=True, seller_active=True, offer_active=True,
    minimum_quantity=1,
    maximum_quantity=None, order_step=1, lead_time_days=0, authorised=True, intact=True,
    covers_place=True, covers_assortment=True, exclusive_ok=True, terms_id=None, priority=0,
    minimum_order_minor=0, path_parties=None, path_terms=None, path_price_lists=None,
    is_backorderable=False,
    seller_price_minor=100, seller_price_per=1, buyer_price_minor=100, buyer_price_per=1,
    price_allowed=True,
    lying=[(PLACE, 10)],
)  # fmt: skip


def codes_at_places(offer: Offer, *, context: Context) -> list[tuple[str, ...]]:
    [judged], _ = judge_all([offer], REQUEST, context)
    return [broken for _place, _available, broken in judged.verdicts]


class TestJudging:
    def test_finds_nothing_wrong_with_a_sound_offer(self) -> None:
        assert judge(SOUND, REQUEST, CONTEXT) == ()

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"variant_active": False}, "variant_inactive"),
            ({"is_shown": False}, "not_shown"),
            ({"price_allowed": False}, "price_not_allowed"),
            ({"in_pool": False}, "not_in_pool"),
            ({"seller_active": False}, "seller_suspended"),
            ({"authorised": False}, "agreement_inactive"),
            ({"intact": False}, "chain_broken"),
            ({"covers_place": False}, "outside_territory"),
            ({"covers_assortment": False}, "outside_assortment"),
            ({"exclusive_ok": False}, "exclusive_to_other"),
            ({"selling_model": None}, "no_selling_terms"),
            ({"offer_active": False}, "offer_inactive"),
            ({"minimum_quantity": 7}, "quantity_not_orderable"),
            ({"maximum_quantity": 5}, "quantity_not_orderable"),
            ({"order_step": 4}, "quantity_not_orderable"),
            ({"seller_price_minor": None}, "no_price"),
            ({"buyer_price_minor": None}, "no_price"),
        ],
    )
    def test_names_the_broken_rule_alone(self, change: dict, code: str) -> None:
        assert judge(SOUND._replace(**change), REQUEST, CONTEXT) == (code,)

    @pytest.mark.parametrize("lying", [[], [(PLACE, 0)], [(PLACE, -1)]])
    def test_finds_no_stock_where_there_is_none(self, lying: list) -> None:
        assert codes_at_places(SOUND._replace(lying=lying), context=REACHED) == [("no_stock",)]

    def test_admits_a_quantity_within_the_offers_limits(self) -> None:
        offer = SOUND._replace(minimum_quantity=2, maximum_quantity=6, order_step=3)

        assert judge(offer, REQUEST, CONTEXT) == ()

    def test_names_every_broken_rule(self) -> None:
        broken = SOUND._replace(in_pool=False, offer_active=False, lying=[(PLACE, 0), (PLACE, 1)])

        assert codes_at_places(broken, context=REACHED) == [
            ("not_in_pool", "offer_inactive", "no_stock"),
            ("not_in_pool", "offer_inactive"),
        ]

    def test_knows_a_blocked_seller_and_one_that_refused_before(self) -> None:
        blocking = Context(CONTEXT.owner_id, "EUR", None, (SELLER,), CONTEXT.policy, {})
        again = RoutingRequest(
            REQUEST.storefront_id, REQUEST.buyer_id, REQUEST.ship_to, REQUEST.lines,
            refused=frozenset({(SELLER, VARIANT)}),
        )  # fmt: skip

        assert judge(SOUND, again, blocking) == ("blocked_by_buyer", "refused_before")

    def test_leaves_out_a_place_from_which_nothing_leaves_in_sight(self) -> None:
        today = date(2026, 3, 2)
        closed = PLACE._replace(departures=Departures(today, ()))
        seldom = PLACE._replace(departures=Departures(today, (date(2026, 5, 4),)))
        offer = SOUND._replace(lying=[(closed, 10), (seldom, 10)])

        assert codes_at_places(offer, context=REACHED) == [("no_ship_day",), ()]
        assert codes_at_places(offer._replace(lead_time_days=1), context=REACHED) == [
            ("no_ship_day",),
            ("no_ship_day",),
        ]

    @pytest.mark.parametrize("name", ["seller_price_minor", "buyer_price_minor"])
    def test_leaves_out_values_that_would_overflow(self, name: str) -> None:
        most = MOST_LINE_MINOR // 6
        dear, beyond = SOUND._replace(**{name: most}), SOUND._replace(**{name: most + 1})
        by_the_ten = beyond._replace(seller_price_per=10, buyer_price_per=10)

        assert codes_at_places(dear, context=REACHED) == [()]
        assert codes_at_places(beyond, context=REACHED) == [("value_too_great",)]
        assert codes_at_places(by_the_ten, context=REACHED) == [()]

    def test_says_when_no_freight_table_reaches_the_buyer(self) -> None:
        assert codes_at_places(SOUND, context=CONTEXT) == [("no_freight",)]

    def test_uses_published_codes_only(self) -> None:
        broken = SOUND._replace(
            variant_active=False, in_pool=False, seller_active=False, authorised=False,
            exclusive_ok=False, offer_active=False, order_step=4, seller_price_minor=None,
            lying=[(PLACE, 0)],
        )  # fmt: skip

        [codes] = codes_at_places(broken, context=CONTEXT)
        assert set(codes) <= set(REASONS)

    def test_leaves_out_who_stays_below_its_minimum_with_all_it_has(self) -> None:
        elsewhere = Place(1, uuid.UUID(int=5), 53.0, 13.0)
        both = SOUND._replace(minimum_order_minor=600, lying=[(PLACE, 3), (elsewhere, 3)])
        one = both._replace(lying=both.lying[:1])

        assert codes_at_places(both, context=REACHED) == [(), ()]
        assert codes_at_places(one, context=REACHED) == [("below_minimum_order",)]
