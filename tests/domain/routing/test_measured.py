"""A broken rule tells what was measured and what was required, in JSON and in words.

Dieter breaks a rule in each story and Wanda delivers, or the other way round.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.catalog.models import Variant
from app.network.models import Agreement, AgreementTerms
from app.ordering.wishes import Wishes
from app.routing.rules import REASONS
from app.routing.why.telling import Question, explanation
from app.routing.why.texts import FACTS, LANGUAGES
from tests.domain.routing.test_policy_terms import offer_of
from tests.factories import catalog as make
from tests.factories import network as net
from tests.factories import policies
from tests.factories.world import World, build_world

# These hold or they do not: there is nothing to measure.
STATES = {
    "no_ship_day", "value_too_great",
    "variant_inactive", "not_shown", "not_in_pool", "blocked_by_buyer", "seller_suspended",
    "agreement_inactive", "chain_broken", "outside_assortment", "no_selling_terms",
    "offer_inactive", "no_price",
}  # fmt: skip

Story = Callable[[World, datetime], Any]


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


def full_of_units(world: World, now: datetime) -> Any:
    tap = world.add_variant()
    policies.takes_a_day(world, world.dieter.id, units_a_day=120)
    world.place((world.add_variant(wanda=None, stock=(200, 0)), 120), now=now)
    policies.hold_rules(world, now, over_capacity={})
    return world.place((tap, 5), now=now)


def full_of_orders(world: World, now: datetime) -> Any:
    tap = world.add_variant()
    policies.takes_a_day(world, world.dieter.id, orders_a_day=1, units_a_day=1000)
    policies.hold_rules(world, now, over_capacity={})
    world.place((tap, 1200), now=now, accept_shortfall=True)
    return world.place((world.add_variant(), 5), now=now)


def closed(world: World, now: datetime) -> Any:
    today = now.date()
    policies.is_closed(world, world.dieter.id, today, today + timedelta(days=1))
    policies.hold_rules(world, now, seller_closed={})
    return world.place((world.add_variant(), 5), now=now)


def hazardous(world: World, now: datetime) -> Any:
    tap = world.add_variant()
    world.session.get_one(Variant, tap).attributes = {"dangerous": True}
    policies.handles(world, "wanda", hazardous=True)
    policies.hold_rules(world, now, hazardous_unfit={"attribute": "dangerous"})
    return world.place((tap, 5), now=now)


def heavy(world: World, now: datetime) -> Any:
    tap = world.add_variant(weight_g=5_000)
    policies.handles(world, "wanda", oversize=True)
    policies.hold_rules(world, now, oversize_unfit={"weight_g": 4_000})
    return world.place((tap, 5), now=now)


def long(world: World, now: datetime) -> Any:
    tap = world.add_variant()
    world.session.get_one(Variant, tap).width_mm = 1300
    policies.handles(world, "wanda", oversize=True)
    policies.hold_rules(world, now, oversize_unfit={})
    return world.place((tap, 5), now=now)


def in_packs(world: World, now: datetime) -> Any:
    tap = world.add_variant(stock=(3, 100))
    offer_of(world, world.dieter, tap).pack_quantity = 4
    world.session.flush()
    world.session.expire_all()
    policies.hold_rules(world, now, breaks_pack={})
    return world.place((tap, 8), now=now)


def dearer(world: World, now: datetime) -> Any:
    """Dieter has only what would stand for the wanted tap."""
    tap = world.add_variant(stock=(0, 100))
    other = world.add_variant(rosa=1500, wanda=None)
    policies.hold(world, now, substitutes="named")
    return world.place((tap, 5), now=now, wishes=Wishes(substitutes={tap: (other,)}))


def beyond(world: World, now: datetime) -> Any:
    """Wanda sells in her own name, and Berta may owe her 30.00."""
    tap = world.add_variant()
    net.TradingAccountFactory(
        seller_id=world.wanda.id, buyer_id=world.berta.id, currency="BRL",
        credit_limit_minor=3000,
    )  # fmt: skip
    policies.hold_rules(world, now, beyond_credit={})
    return world.place((tap, 5), now=now)


STORIES: dict[str, tuple[str, Story, dict[str, Any], dict[str, Any], str]] = {
    "units": (
        "over_capacity", full_of_units, {"units": 120, "wanted": 5}, {"units_a_day": 120},
        "took 120 of 120 units that day, wanted are 5 more",
    ),
    "orders": (
        "over_capacity", full_of_orders, {"units": 100, "orders": 1, "wanted": 5},
        {"units_a_day": 1000, "orders_a_day": 1},
        "took 100 of 1,000 units and 1 of 1 orders that day, wanted are 5 units more",
    ),
    "closed": (
        "seller_closed", closed, {"day": "2026-03-02"},
        {"closed_from": "2026-03-02", "closed_to": "2026-03-03"},
        "closed from Mar 2, 2026 to Mar 3, 2026; the order came on Mar 2, 2026",
    ),
    "hazardous": (
        "hazardous_unfit", hazardous, {"marked": "dangerous"}, {"handles": "hazardous"},
        "hazardous goods (marked dangerous); this location does not handle them",
    ),
    "heavy": (
        "oversize_unfit", heavy, {"weight_g": 5_000}, {"weight_g_from": 4_000},
        "5,000 g a unit; from 4,000 g on this location does not handle goods",
    ),
    "long": (
        "oversize_unfit", long, {"longest_mm": 1300}, {"longest_mm_from": 1200},
        "1,300 mm long; from 1,200 mm on this location does not handle goods",
    ),
    "packs": (
        "breaks_pack", in_packs, {"available": 3}, {"pack": 4},
        "3 units there, a pack has 4",
    ),
    "dearer": (
        "substitute_dearer", dearer, {"price": {"amount_minor": 1500, "per_quantity": 1}},
        {"wanted_price": {"amount_minor": 1200, "per_quantity": 1}},
        "it would cost the buyer R$15.00, what it stands for costs R$12.00",
    ),
    "credit": (
        "beyond_credit", beyond, {"value": 5000}, {"credit_left": 3000},
        "it could deliver goods of R$50.00, the buyer's credit there has R$30.00 left",
    ),
}  # fmt: skip


def broken(world: World, order_id: Any, code: str, caller: Any = None) -> Any:
    in_her_own_name = code in {"beyond_credit", "price_not_allowed"}
    seller = world.wanda if in_her_own_name else world.dieter
    told = explanation(
        world.session, caller=caller,
        question=Question(order_id=order_id, line=1, seller_id=seller.id),
    )  # fmt: skip
    [verdict] = told["lines"][0]["sellers"]
    return next(rule for rule in verdict["rules"] if rule["code"] == code), verdict


class TestABrokenRule:
    @pytest.mark.parametrize("name", STORIES)
    def test_tells_its_numbers(self, world: World, now: datetime, name: str) -> None:
        code, story, measured, required, sentence = STORIES[name]
        order_id = story(world, now)
        world.session.flush()

        rule, verdict = broken(world, order_id, code)

        assert (rule["measured"], rule["required"]) == (measured, required)
        assert rule["sentence"] == sentence
        assert sentence in verdict["sentences"][0]

    def test_tells_how_much_of_a_day_was_left_where_a_part_was_given(
        self, world: World, now: datetime
    ) -> None:
        policies.takes_a_day(world, world.dieter.id, units_a_day=120)
        world.place((world.add_variant(wanda=None, stock=(200, 0)), 118), now=now)
        policies.hold_rules(world, now, over_capacity={})
        order_id = world.place((world.add_variant(), 5), now=now)
        said = "took 118 of 120 units that day, wanted are 5 more"

        rule, verdict = broken(world, order_id, "over_capacity")
        as_berta = explanation(
            world.session, caller=world.caller(world.berta), question=Question(order_id=order_id)
        )

        assert verdict["verdict"] in {"chosen", "eligible"}
        assert rule["sentence"] == said
        assert f"({said})" in verdict["sentences"][0]
        assert "118 of 120" not in str(as_berta)

    def test_tells_them_as_they_were(self, world: World, now: datetime) -> None:
        order_id = full_of_units(world, now)
        world.session.execute(
            policies.SellerCapacity.__table__.update().values(units_a_day=9)  # type: ignore[attr-defined]
        )

        rule, _ = broken(world, order_id, "over_capacity")

        assert rule["required"] == {"units_a_day": 120}

    def test_keeps_the_buyers_price_from_who_supplies_the_storefront(
        self, world: World, now: datetime
    ) -> None:
        order_id = dearer(world, now)

        rule, _ = broken(world, order_id, "substitute_dearer", world.caller(world.dieter))

        assert rule["measured"] == rule["required"] == {}
        assert "R$" not in rule["sentence"]

    def test_about_a_price_tells_what_the_manufacturer_allows(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant(wanda=700)
        floor = make.PriceListFactory(owner_id=world.mira.id, currency="BRL", purpose="floor")
        make.PriceEntryFactory(price_list_id=floor.id, variant_id=tap, amount_minor=900)
        order_id = world.place((tap, 5), now=now)

        rule, _ = broken(world, order_id, "price_not_allowed")

        assert rule["sentence"] == "it costs R$7.00; the manufacturer allows R$9.00 or more"

    def test_about_an_exclusive_right_names_who_holds_it_there(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant()
        elsewhere = net.TerritoryFactory(owner_id=world.mira.id)
        net.TerritoryAreaFactory(territory_id=elsewhere.id, country="AR", subdivision=None)
        for seller, territory in ((world.wanda, None), (world.dieter, elsewhere.id)):
            granted = world.session.query(Agreement).filter_by(grantee_id=seller.id).one()
            terms = world.session.query(AgreementTerms).filter_by(agreement_id=granted.id).one()
            net.ExclusivityFactory(terms_id=terms.id, territory_id=territory)

        rule, _ = broken(world, world.place((tap, 5), now=now), "exclusive_to_other")

        assert rule["sentence"] == f"exclusive there: {world.wanda.name}"


class TestEveryReason:
    def test_has_numbers_unless_it_is_a_state(self) -> None:
        told = {code.partition(".")[0] for code in FACTS["en"]}

        assert told == set(REASONS) - STATES
        assert all(FACTS[language].keys() == FACTS["en"].keys() for language in LANGUAGES)
