"""Every hard rule excludes with its own code, and the short way agrees with the long one."""

import uuid

import pytest

from app.routing.freight import Tariff
from app.routing.rules import (
    REASONS,
    Candidate,
    Context,
    Policy,
    RoutingRequest,
    ShipTo,
    WantedLine,
    judge,
    judge_all,
)

SELLER, VARIANT, OFFER, LOCATION = (uuid.UUID(int=number) for number in range(1, 5))
TARIFF = Tariff(((30_000, 900_000),))
CONTEXT = Context(uuid.UUID(int=9), "EUR", None, (), Policy(uuid.UUID(int=8), 1), {})
REQUEST = RoutingRequest(
    uuid.UUID(int=7),
    uuid.UUID(int=6),
    ShipTo("DE", "DE-BE", "10115", 52.5, 13.4),
    (WantedLine(VARIANT, 6),),
)
SOUND = Candidate(
    line_no=0, offer_id=OFFER, seller_id=SELLER, variant_id=VARIANT, weight_g=100,
    variant_active=True, in_pool=True, seller_active=True, offer_active=True, minimum_quantity=1,
    maximum_quantity=None, quantity_step=1, lead_time_days=0, authorised=True, intact=True,
    covers_place=True, covers_category=True, exclusive_ok=True, selling_model="agency",
    terms_id=None, priority=0, minimum_order_minor=0, seller_price_minor=100, seller_price_per=1,
    buyer_price_minor=100, buyer_price_per=1, path_parties=None, path_terms=None,
    path_price_lists=None, location_id=LOCATION, latitude=52.0, longitude=13.0, available=10,
)  # fmt: skip


class TestJudging:
    def test_finds_nothing_wrong_with_a_sound_candidate(self) -> None:
        assert judge(SOUND, REQUEST, CONTEXT, TARIFF) == ()

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"variant_active": False}, "variant_inactive"),
            ({"in_pool": False}, "not_in_pool"),
            ({"seller_active": False}, "seller_suspended"),
            ({"authorised": False}, "agreement_inactive"),
            ({"intact": False}, "chain_broken"),
            ({"covers_place": False}, "outside_territory"),
            ({"covers_category": False}, "outside_assortment"),
            ({"exclusive_ok": False}, "exclusive_to_other"),
            ({"selling_model": None}, "no_selling_terms"),
            ({"offer_active": False}, "offer_inactive"),
            ({"minimum_quantity": 7}, "quantity_not_orderable"),
            ({"maximum_quantity": 5}, "quantity_not_orderable"),
            ({"quantity_step": 4}, "quantity_not_orderable"),
            ({"seller_price_minor": None}, "no_price"),
            ({"buyer_price_minor": None}, "no_price"),
            ({"available": 0}, "no_stock"),
        ],
    )
    def test_names_the_broken_rule_alone(self, change: dict, code: str) -> None:
        assert judge(SOUND._replace(**change), REQUEST, CONTEXT, TARIFF) == (code,)

    def test_admits_a_quantity_within_the_offers_limits(self) -> None:
        offer = SOUND._replace(minimum_quantity=2, maximum_quantity=6, quantity_step=3)

        assert judge(offer, REQUEST, CONTEXT, TARIFF) == ()

    def test_names_every_broken_rule(self) -> None:
        broken = SOUND._replace(in_pool=False, offer_active=False, available=0)

        codes = judge(broken, REQUEST, CONTEXT, TARIFF)

        assert codes == ("not_in_pool", "offer_inactive", "no_stock")

    def test_knows_a_blocked_seller_and_one_that_refused_before(self) -> None:
        blocking = Context(CONTEXT.owner_id, "EUR", None, (SELLER,), CONTEXT.policy, {})
        again = RoutingRequest(
            REQUEST.storefront_id, REQUEST.buyer_id, REQUEST.ship_to, REQUEST.lines,
            refused=frozenset({(SELLER, VARIANT)}),
        )  # fmt: skip

        assert judge(SOUND, again, blocking, TARIFF) == ("blocked_by_buyer", "refused_before")

    def test_says_when_no_freight_table_reaches_the_buyer(self) -> None:
        judged, _ = judge_all([SOUND], REQUEST, CONTEXT)

        assert judged[0].broken == ("no_freight",)

    def test_uses_published_codes_only(self) -> None:
        broken = SOUND._replace(
            variant_active=False, in_pool=False, seller_active=False, authorised=False,
            exclusive_ok=False, offer_active=False, quantity_step=4, seller_price_minor=None,
            available=0,
        )  # fmt: skip

        assert set(judge(broken, REQUEST, CONTEXT, TARIFF)) <= set(REASONS)
