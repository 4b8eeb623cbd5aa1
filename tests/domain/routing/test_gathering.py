"""What is gathered for a decision: everything that holds now, and nothing that held before."""

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import ClassVar

import pytest
from sqlalchemy.orm import Session

from app.catalog.models import Variant
from app.kernel.ids import new_id
from app.network.models import Agreement, AgreementTerms
from app.network.rules import Area
from app.ordering import operations as ordering
from app.routing import operations as routing
from app.routing.errors import UnknownVariant
from app.routing.rules import Decision
from tests.factories import catalog as make
from tests.factories import network as net
from tests.factories.world import World, build_world


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


def decided(world: World, now: datetime, *lines: tuple[uuid.UUID, int]) -> Decision:
    return ordering.simulate(
        world.session,
        caller=world.caller(world.berta),
        placement=world.placement(lines),
        now=now,
    )


def broken_by(decision: Decision, seller_id: uuid.UUID) -> set[tuple[str, ...]]:
    return {
        broken
        for offer, verdicts, _sound in decision.judged
        if offer.seller_id == seller_id
        for _place, _available, broken in verdicts
    }


class TestFreight:
    def test_is_what_the_table_says_now_not_what_was_compiled_before(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant(weight_g=500)
        before = decided(world, now, (tap, 1))

        routing.put_freight_table(
            world.session, seller_id=None, currency="BRL", name="All", rates=[(5000, 30_000, 77)]
        )

        assert before.freight_minor == 500
        assert decided(world, now, (tap, 1)).freight_minor == 77

    def test_of_a_seller_goes_before_the_networks(self, world: World, now: datetime) -> None:
        tap = world.add_variant(wanda=None)
        decided(world, now, (tap, 1))

        routing.put_freight_table(
            world.session, seller_id=world.dieter.id, currency="BRL", name="Dieter's",
            rates=[(5000, 30_000, 88)],
        )  # fmt: skip

        assert decided(world, now, (tap, 1)).freight_minor == 88


class TestAuthority:
    def test_below_another_agreement_holds_while_that_one_does(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant(dieter=None, wanda=None)
        sub = net.OrganizationFactory(wholesaler=True, name="Sabine Subs")
        parent = world.session.query(Agreement).filter_by(grantee_id=world.dieter.id).one()
        granted = net.AgreementFactory(
            manufacturer_id=world.mira.id, grantor_id=world.dieter.id, grantee_id=sub.id,
            parent_id=parent.id,
        )  # fmt: skip
        net.AgreementTermsFactory(agreement_id=granted.id, priority=1)
        self._offers(world, sub.id, tap)

        held = broken_by(decided(world, now, (tap, 1)), sub.id)
        parent.status = "suspended"
        world.session.flush()

        assert held == {()}
        assert broken_by(decided(world, now, (tap, 1)), sub.id) == {("chain_broken",)}

    def test_passes_an_exclusive_right_on_to_whom_it_supplies(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant()
        tiers = [world.session.query(Agreement).filter_by(grantee_id=world.dieter.id).one()]
        for name in ("Sabine Subs", "Rita Resale"):
            seller = net.OrganizationFactory(wholesaler=True, name=name)
            made = net.AgreementFactory(
                manufacturer_id=world.mira.id, grantor_id=tiers[-1].grantee_id,
                grantee_id=seller.id, parent_id=tiers[-1].id,
            )  # fmt: skip
            net.AgreementTermsFactory(agreement_id=made.id, priority=1)
            self._offers(world, seller.id, tap)
            tiers.append(made)
        net.ExclusivityFactory(
            terms_id=world.session.query(AgreementTerms)
            .filter_by(agreement_id=tiers[1].id)
            .one()
            .id
        )

        decision = decided(world, now, (tap, 1))

        said = {name: said_of(decision, seller) for name, seller in (
            ("above", world.dieter.id), ("beside", world.wanda.id),
            ("holder", tiers[1].grantee_id), ("below", tiers[2].grantee_id),
        )}  # fmt: skip
        shut_out = {"exclusive_to_other"}
        assert said == {"above": shut_out, "beside": shut_out, "holder": set(), "below": set()}

    def _offers(self, world: World, seller_id: uuid.UUID, variant_id: uuid.UUID) -> None:
        """All that a seller needs to deliver: a place in the pool, an offer, a price, stock."""
        net.PoolSellerFactory(storefront_id=world.storefront.id, seller_id=seller_id)
        make.OfferFactory(seller_id=seller_id, variant_id=variant_id)
        prices = make.PriceListFactory(owner_id=seller_id, currency="BRL")
        make.PriceAssignmentFactory(price_list_id=prices.id, owner_id=seller_id)
        make.PriceEntryFactory(price_list_id=prices.id, variant_id=variant_id, amount_minor=900)
        place = make.LocationFactory(seller_id=seller_id, latitude=-22.9, longitude=-47.06)
        make.StockFactory(location_id=place.id, variant_id=variant_id, on_hand=5)
        world.session.flush()


class TestARoundTerritory:
    # Berta is in São Paulo, some 83 km from Campinas.
    CAMPINAS: ClassVar = {"latitude": -22.9, "longitude": -47.06}

    @pytest.mark.parametrize(("radius_km", "broken"), [(150, ()), (20, ("outside_territory",))])
    def test_holds_what_lies_within_its_radius(
        self, world: World, now: datetime, radius_km: int, broken: tuple[str, ...]
    ) -> None:
        tap = world.add_variant()
        self._draw(world, radius_km=radius_km, **self.CAMPINAS)

        assert broken_by(decided(world, now, (tap, 1)), world.wanda.id) == {broken}

    def test_holds_nothing_in_another_country(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        self._draw(world, country="AR", radius_km=150, **self.CAMPINAS)

        decision = decided(world, now, (tap, 1))

        assert broken_by(decision, world.wanda.id) == {("outside_territory",)}

    def test_reaches_over_the_line_where_the_date_changes(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant()
        world.address.country, world.address.subdivision = "FJ", "FJ-N"
        world.address.latitude, world.address.longitude = -16.8, -179.9
        self._draw(world, country="FJ", latitude=-16.8, longitude=179.9, radius_km=30)

        assert "outside_territory" not in said_of(decided(world, now, (tap, 1)), world.wanda.id)

    def _draw(self, world: World, country: str = "BR", **circle: float) -> None:
        draw(world, Area(country, **circle))


class TestATerritoryByPostalCodes:
    @pytest.mark.parametrize(
        ("first", "last", "said"),
        [
            ("01310-100", "01310-100", set()),
            ("01300-000", "01310-099", {"outside_territory"}),
            ("01310000", "01310999", set()),
            ("01", "01", set()),
            ("00", "01", set()),
            ("02", "09", {"outside_territory"}),
            ("013", "014", set()),
            ("0131010", "0131010", set()),
            ("0131011", "0131099", {"outside_territory"}),
        ],
    )
    def test_holds_what_begins_within_its_range(
        self, world: World, now: datetime, first: str, last: str, said: set[str]
    ) -> None:
        tap = world.add_variant()
        draw(world, Area("BR", None, first, last))

        assert said_of(decided(world, now, (tap, 1)), world.wanda.id) == said

    def test_knows_a_code_however_it_is_written(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        world.address.country, world.address.subdivision = "GB", "GB-LND"
        world.address.postal_code = "sw1a 1aa"
        draw(world, Area("GB", None, "SW1", "SW1"))

        assert "outside_territory" not in said_of(decided(world, now, (tap, 1)), world.wanda.id)


def draw(world: World, area: Area) -> None:
    """Let Wanda sell in an area alone."""
    territory = net.TerritoryFactory(owner_id=world.mira.id)
    net.TerritoryAreaFactory(territory_id=territory.id, **asdict(area))
    granted = world.session.query(Agreement).filter_by(grantee_id=world.wanda.id).one()
    terms = world.session.query(AgreementTerms).filter_by(agreement_id=granted.id).one()
    terms.territory_id = territory.id
    world.session.flush()


def said_of(decision: Decision, seller_id: uuid.UUID) -> set[str]:
    return {code for codes in broken_by(decision, seller_id) for code in codes}


class TestVariants:
    @pytest.mark.parametrize(
        ("status", "broken"),
        [
            ("active", ()),
            ("phase_out", ()),
            ("withdrawn", ("variant_inactive",)),
            ("draft", ("variant_inactive",)),
        ],
    )
    def test_are_sold_until_they_are_withdrawn(
        self, world: World, now: datetime, status: str, broken: tuple[str, ...]
    ) -> None:
        tap = world.add_variant()
        world.session.get_one(Variant, tap).status = status
        world.session.flush()

        assert broken_by(decided(world, now, (tap, 1)), world.wanda.id) == {broken}


class TestLines:
    def test_of_unknown_variants_are_named_by_their_positions(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant()

        with pytest.raises(UnknownVariant) as refusal:
            decided(world, now, (tap, 1), (new_id(), 1))

        assert refusal.value.details["positions"] == [1]

    def test_that_nobody_offers_have_no_candidates(self, world: World, now: datetime) -> None:
        tap = world.add_variant(dieter=None, wanda=None)

        decision = decided(world, now, (tap, 1))

        assert (decision.units_served, list(decision.judged)) == (0, [])
