"""What each term of a policy makes of the same order: who delivers, and at what cost."""

import uuid
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from app.catalog.models import Variant
from app.network.models import Organization
from app.offers.models import Offer
from app.ordering import operations as ordering
from app.routing.operations import PolicyScope
from app.routing.rules import Decision
from tests.factories import policies
from tests.factories.world import World, build_world
from tests.support.statements import count_statements


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


def decided(world: World, now: datetime, *lines: tuple[uuid.UUID, int], **wishes) -> Decision:
    return ordering.simulate(
        world.session,
        caller=world.caller(world.berta),
        placement=world.placement(lines, **wishes),
        now=now,
    )


def who(world: World, decision: Decision) -> str:
    names = {world.dieter.id: "dieter", world.wanda.id: "wanda"}
    sellers = [names[item.candidate.seller_id] for item in decision.assignments]
    return "+".join(dict.fromkeys(sellers))


def offer_of(world: World, seller: Organization, variant: uuid.UUID) -> Offer:
    return world.session.query(Offer).filter_by(seller_id=seller.id, variant_id=variant).one()


class TestAPolicyWithoutExtras:
    def test_is_gathered_in_four_statements(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        decided(world, now, (tap, 1))

        with count_statements() as statements:
            decided(world, now, (tap, 1))

        # storefront, address, account; context, offers, prices, stock; the chain's later links
        routing = [text for text in statements.texts if "wanted" in text or "routing_" in text]
        assert statements.about("routing_policies") == 1
        assert len(routing) <= 4
        assert not any("routing_seller_" in text for text in statements.texts)

    def test_leaves_the_problem_plain(self, world: World, now: datetime) -> None:
        tap = world.add_variant()

        assert decided(world, now, (tap, 3)).proof == "optimal"


class TestGoodsAndFreight:
    def test_choose_the_nearer_and_cheaper_by_default(self, world: World, now: datetime) -> None:
        tap = world.add_variant()

        assert who(world, decided(world, now, (tap, 1))) == "dieter"

    def test_may_count_for_nothing(self, world: World, now: datetime) -> None:
        # Wanda's goods are dearer by 6.00, her parcel too by 5.00; her lead time is shorter.
        tap = world.add_variant(dieter=800, wanda=1400)
        offer_of(world, world.dieter, tap).lead_time_days = 3
        policies.hold_terms(
            world, now, goods_percent=0, freight_percent=0, lead_time_minor_per_day=1
        )

        decision = decided(world, now, (tap, 1))

        assert (who(world, decision), decision.objective_minor) == ("wanda", 0)
        assert decision.freight_minor == 1000


class TestLeadTime:
    @pytest.mark.parametrize(("minor", "chosen"), [(100, "dieter"), (500, "wanda")])
    def test_is_worth_money_a_day_and_unit(
        self, world: World, now: datetime, minor: int, chosen: str
    ) -> None:
        tap = world.add_variant()
        offer_of(world, world.dieter, tap).lead_time_days = 2
        policies.hold_terms(world, now, lead_time_minor_per_day=minor)

        assert who(world, decided(world, now, (tap, 1))) == chosen


class TestPriority:
    def test_makes_a_seller_order_dearer_by_each_step(self, world: World, now: datetime) -> None:
        # Dieter's priority is 2, Wanda's 1: she is one step behind.
        tap = world.add_variant(dieter=1300, wanda=100)
        plain = who(world, decided(world, now, (tap, 1)))

        policies.hold_terms(world, now, priority_minor=800)

        assert (plain, who(world, decided(world, now, (tap, 1)))) == ("wanda", "dieter")


class TestRating:
    def test_makes_a_poorly_rated_sellers_consignments_dearer(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant()
        world.dieter.rating_hundredths, world.wanda.rating_hundredths = 250, 500
        policies.hold_terms(world, now, rating_minor_per_star=300)

        decision = decided(world, now, (tap, 1))

        # Dieter: 8.00 + 5.00 + 2.5 stars of 3.00; Wanda: 10.00 + 10.00
        assert (who(world, decision), decision.objective_minor) == ("wanda", 2000)

    def test_does_not_blame_who_is_not_rated_yet(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        policies.hold_terms(world, now, rating_minor_per_star=30_000)

        assert decided(world, now, (tap, 1)).objective_minor == 1300


class TestMargin:
    def test_is_what_the_storefront_forgoes(self, world: World, now: datetime) -> None:
        # Resale leaves Rosa 4.00 of a unit, agency nothing.
        tap = world.add_variant(dieter=800, wanda=100)
        plain = who(world, decided(world, now, (tap, 1)))
        policies.hold_terms(world, now, margin_percent=100)

        decision = decided(world, now, (tap, 1))

        assert (plain, who(world, decision)) == ("wanda", "dieter")
        assert decision.objective_minor == 1300


class TestDistance:
    def test_costs_by_the_kilometre(self, world: World, now: datetime) -> None:
        tap = world.add_variant(dieter=800, wanda=100)
        policies.hold_terms(world, now, distance_minor_per_km=10)

        decision = decided(world, now, (tap, 1))

        [sent] = decision.consignments
        assert who(world, decision) == "dieter"
        assert decision.objective_minor == 800 + 500 + 10 * sent.distance_km


class TestCarbon:
    def test_costs_by_weight_and_way(self, world: World, now: datetime) -> None:
        tap = world.add_variant(weight_g=1000, wanda=None)
        policies.hold_terms(world, now, carbon={"g_per_tonne_km": 1000, "minor_per_kg": 10_000})

        decision = decided(world, now, (tap, 1))

        [sent] = decision.consignments
        # a kilogram over so many kilometres emits as many grams: each costs 10 minor units
        assert decision.objective_minor == 800 + 500 + 10 * sent.distance_km


class TestLoadBalance:
    def test_is_no_matter_while_nobody_had_anything(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        policies.hold_terms(world, now, load_balance={"minor": 5000})

        assert decided(world, now, (tap, 1)).objective_minor == 1300

    def test_turns_to_who_had_less_than_its_share(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        world.place((tap, 2), now=now)
        policies.hold_terms(world, now, load_balance={"minor": 5000})

        assert who(world, decided(world, now, (tap, 1))) == "wanda"

    def test_keeps_to_quotas(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        world.place((tap, 2), now=now)
        quotas = {str(world.dieter.id): 10_000}
        policies.hold_terms(
            world, now,
            load_balance={"minor": 5000, "counted": "orders", "shares_bps": quotas},
        )  # fmt: skip

        assert who(world, decided(world, now, (tap, 1))) == "dieter"


class TestLevels:
    def test_count_before_all_money(self, world: World, now: datetime) -> None:
        # Two taps that no single seller has at the better price.
        first = world.add_variant(dieter=100, wanda=5000)
        second = world.add_variant(dieter=5000, wanda=100)
        plain = who(world, decided(world, now, (first, 1), (second, 1)))
        policies.hold(world, now, mode="lexicographic", levels=["split"])

        decision = decided(world, now, (first, 1), (second, 1))

        assert "+" in plain
        assert len(decision.consignments) == 1

    @pytest.mark.parametrize(
        ("aim", "chosen"),
        [
            ("goods", "wanda"),
            ("freight", "dieter"),
            ("lead_time", "wanda"),
            ("priority", "dieter"),
            ("rating", "wanda"),
            ("margin", "dieter"),
            ("distance", "dieter"),
            ("carbon", "dieter"),
            ("load_balance", "wanda"),
        ],
    )
    def test_are_measured_each_in_its_own_unit(
        self, world: World, now: datetime, aim: str, chosen: str
    ) -> None:
        tap = world.add_variant(dieter=1000, wanda=900)
        offer_of(world, world.dieter, tap).lead_time_days = 2
        world.dieter.rating_hundredths, world.wanda.rating_hundredths = 300, 400
        world.place((tap, 1), now=now)
        policies.hold(
            world, now, mode="lexicographic", levels=[aim],
            terms={
                "carbon": {"g_per_tonne_km": 60, "minor_per_kg": 0},
                "load_balance": {"minor": 0},
            },
        )  # fmt: skip

        assert who(world, decided(world, now, (tap, 1))) == chosen


class TestStrategies:
    def test_are_the_policys_by_name(self, world: World, now: datetime) -> None:
        first = world.add_variant(dieter=100, wanda=5000)
        second = world.add_variant(dieter=5000, wanda=100)
        policies.hold(world, now, strategy="fewest_parcels")

        decision = decided(world, now, (first, 1), (second, 1))

        assert (decision.method, len(decision.consignments)) == ("fewest_parcels", 1)


class TestLimits:
    def test_of_sellers_are_kept(self, world: World, now: datetime) -> None:
        first = world.add_variant(dieter=100, wanda=5000)
        second = world.add_variant(dieter=5000, wanda=100)
        policies.hold(world, now, limits={"most_sellers": 1})

        assert "+" not in who(world, decided(world, now, (first, 1), (second, 1)))

    def test_of_the_answer_are_the_policys(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        policies.hold(world, now, limits={"answer_hours": 3})
        order_id = world.place((tap, 1), now=now)

        [part] = ordering_parts(world, order_id)

        assert (part.accept_by - now).total_seconds() == 3 * 3600


def ordering_parts(world: World, order_id: uuid.UUID):
    from app.ordering import queries  # noqa: PLC0415 - one story alone reads orders

    return queries.list_parts(world.session, order_id=order_id)


class TestTheMostSpecificPolicy:
    def test_decides_for_the_order(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        category = PolicyScope(category_id=world.category_id)
        shop = PolicyScope(storefront_id=world.storefront.id)
        maker = PolicyScope(manufacturer_id=world.mira.id)
        buyer = PolicyScope(buyer_id=world.berta.id)
        seen = []
        for scope in (maker, shop, category, buyer):
            policies.hold(world, now, scope)
            seen.append(decided(world, now, (tap, 1)).context.policy.scope)

        assert seen == ["manufacturer", "storefront", "category", "buyer"]

    def test_of_some_lines_decides_their_terms_alone(self, world: World, now: datetime) -> None:
        mine = world.add_variant(wanda=None)
        other = world.add_variant(wanda=None)
        world.session.get_one(Variant, other).category_id = self._other_category(world)
        for variant in (mine, other):
            offer_of(world, world.dieter, variant).lead_time_days = 1
        world.session.flush()
        policies.hold(
            world, now, PolicyScope(category_id=world.category_id),
            terms={"lead_time_minor_per_day": 70, "split_minor": 9000},
        )  # fmt: skip

        decision = decided(world, now, (mine, 1), (other, 1))

        assert decision.context.policy.scope == "network"
        assert {no: each.scope for no, each in decision.context.line_policies.items()} == {
            0: "category"
        }
        # goods 16.00, one parcel of 1 kg; the day of the line in the category, no split
        assert decision.objective_minor == 1600 + 500 + 70

    def _other_category(self, world: World) -> uuid.UUID:
        from tests.factories import catalog as make  # noqa: PLC0415 - one story alone

        return make.CategoryFactory(manufacturer_id=world.mira.id).id
