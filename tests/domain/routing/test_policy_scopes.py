"""Which policy decides where several could: one table of scopes, and one course of time."""

import uuid
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from sqlalchemy.orm import Session

from app.catalog.models import Category, Variant
from app.infra.auth import Caller
from app.kernel.ids import new_id
from app.network.models import Organization
from app.routing import operations as routing
from app.routing.errors import NetworkNeedsPolicy, PolicyNeverActive
from app.routing.models import RoutingPolicy
from app.routing.operations import PolicyScope
from tests.domain.routing.test_policy_terms import decided
from tests.factories import catalog as make
from tests.factories import network as net
from tests.factories.world import World, build_world

# The most specific first; every two of them are tried together.
ORDER = ("buyer", "category", "wider category", "storefront", "manufacturer")


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


@pytest.fixture
def categories(world: World) -> dict[str, Category]:
    """A category inside the world's own one, and one beside it."""
    inner_id = new_id()
    inner = make.CategoryFactory(
        id=inner_id,
        manufacturer_id=world.mira.id,
        parent_id=world.category_id,
        path=[world.category_id, inner_id],
    )
    beside = make.CategoryFactory(manufacturer_id=world.mira.id)
    world.session.flush()
    return {"inner": inner, "beside": beside}


def tap_in(world: World, category: Category) -> uuid.UUID:
    tap = world.add_variant()
    world.session.get_one(Variant, tap).category_id = category.id
    world.session.flush()
    return tap


def scopes(world: World, categories: dict[str, Category]) -> dict[str, PolicyScope]:
    return {
        "buyer": PolicyScope(buyer_id=world.berta.id),
        "category": PolicyScope(category_id=categories["inner"].id),
        "wider category": PolicyScope(category_id=world.category_id),
        "storefront": PolicyScope(storefront_id=world.storefront.id),
        "manufacturer": PolicyScope(manufacturer_id=world.mira.id),
    }


def hold(world: World, scope: PolicyScope, now: datetime) -> uuid.UUID:
    return routing.create_policy(world.session, scope=scope, document={}, valid_from=now).id


class TestTheMostSpecificPolicy:
    def test_decides_whichever_two_could(
        self, world: World, now: datetime, categories: dict[str, Category]
    ) -> None:
        tap, of = tap_in(world, categories["inner"]), scopes(world, categories)
        table = {}
        for first, second in combinations(ORDER, 2):
            kept = world.session.begin_nested()
            ids = {name: hold(world, of[name], now) for name in (second, first)}
            policy = decided(world, now, (tap, 1)).context.policy
            table[first, second] = next(name for name, id_ in ids.items() if id_ == policy.id)
            kept.rollback()

        assert table == {pair: pair[0] for pair in combinations(ORDER, 2)}

    def test_gives_way_to_the_next_when_it_ends(
        self, world: World, now: datetime, categories: dict[str, Category]
    ) -> None:
        tap, of = tap_in(world, categories["inner"]), scopes(world, categories)
        ids = {hold(world, of[name], now): name for name in ORDER}
        operator: Caller = world.caller(world.operator)
        seen = []
        for _ in range(len(ORDER)):
            policy = decided(world, now, (tap, 1)).context.policy
            seen.append(ids[policy.id])
            routing.retire_policy(
                world.session, caller=operator, policy_id=policy.id, at=now, now=now
            )

        assert tuple(seen) == ORDER
        assert decided(world, now, (tap, 1)).context.policy.scope == "network"

    def test_is_none_of_anothers(
        self, world: World, now: datetime, categories: dict[str, Category]
    ) -> None:
        tap = tap_in(world, categories["inner"])
        others = (
            PolicyScope(buyer_id=net.OrganizationFactory(buyer=True).id),
            PolicyScope(category_id=categories["beside"].id),
            PolicyScope(storefront_id=net.StorefrontFactory(owner_id=world.rosa.id).id),
            PolicyScope(manufacturer_id=_maker().id),
        )
        for scope in others:
            hold(world, scope, now)

        assert decided(world, now, (tap, 1)).context.policy.scope == "network"

    def test_of_an_order_covers_all_its_lines_and_each_line_may_have_its_own(
        self, world: World, now: datetime, categories: dict[str, Category]
    ) -> None:
        of = scopes(world, categories)
        inner, plain = tap_in(world, categories["inner"]), world.add_variant()
        shop, deep = hold(world, of["storefront"], now), hold(world, of["category"], now)
        apart = decided(world, now, (inner, 1), (plain, 1)).context
        wide = hold(world, of["wider category"], now)

        shared = decided(world, now, (inner, 1), (plain, 1)).context

        assert (apart.policy.id, [apart.policy_of(n).id for n in (0, 1)]) == (shop, [deep, shop])
        assert (shared.policy.id, [shared.policy_of(n).id for n in (0, 1)]) == (wide, [deep, wide])


def _maker() -> Organization:
    return net.OrganizationFactory(manufacturer=True)


class TestTheCourseOfTime:
    @pytest.fixture
    def operator(self, world: World) -> Caller:
        return world.caller(world.operator)

    def draft(self, world: World, operator: Caller, now: datetime, **terms: int) -> RoutingPolicy:
        return routing.draft_policy(
            world.session, caller=operator, scope=PolicyScope(), document={"terms": terms}, now=now
        )

    def number_at(self, world: World, tap: uuid.UUID, at: datetime) -> int:
        return decided(world, at, (tap, 1)).context.policy.number

    def test_changes_at_the_instant_and_not_before(
        self, world: World, operator: Caller, now: datetime
    ) -> None:
        tap, at = world.add_variant(), now + timedelta(days=1)
        policy = self.draft(world, operator, now, split_minor=5)
        routing.activate_policy(
            world.session, caller=operator, policy_id=policy.id,
            expected_version=policy.version, at=at, now=now,
        )  # fmt: skip

        instants = (now, at - timedelta(microseconds=1), at, at + timedelta(days=9))
        assert [self.number_at(world, tap, each) for each in instants] == [1, 1, 2, 2]

    def test_goes_on_where_a_version_is_called_off_before_it_begins(
        self, world: World, operator: Caller, now: datetime
    ) -> None:
        tap, days = world.add_variant(), [now + timedelta(days=each) for each in (1, 2, 3)]
        drafts = [self.draft(world, operator, now, split_minor=5) for _ in days]
        for policy, at in zip(drafts, days, strict=True):
            routing.activate_policy(
                world.session, caller=operator, policy_id=policy.id,
                expected_version=policy.version, at=at, now=now,
            )  # fmt: skip
        again = {"caller": operator, "policy_id": drafts[1].id, "at": now, "now": now}

        routing.retire_policy(world.session, **again)

        assert [self.number_at(world, tap, each) for each in (now, *days)] == [1, 2, 2, 4]
        with pytest.raises(PolicyNeverActive):
            routing.retire_policy(world.session, **again)
        with pytest.raises(NetworkNeedsPolicy):
            routing.retire_policy(
                world.session, **again | {"now": days[2], "policy_id": drafts[2].id}
            )

    def test_is_turned_by_going_back_at_the_very_instant_of_an_activation(
        self, world: World, operator: Caller, now: datetime
    ) -> None:
        tap, at = world.add_variant(), now + timedelta(days=1)
        [first] = world.session.query(RoutingPolicy)
        policy = self.draft(world, operator, now, split_minor=5)
        routing.activate_policy(
            world.session, caller=operator, policy_id=policy.id,
            expected_version=policy.version, at=at, now=now,
        )  # fmt: skip

        routing.roll_back_policy(world.session, caller=operator, policy_id=first.id, at=at, now=now)

        instants = (now, at - timedelta(microseconds=1), at, at + timedelta(days=9))
        assert [self.number_at(world, tap, each) for each in instants] == [1, 1, 3, 3]
        # What gave way before it began has never decided.
        with pytest.raises(PolicyNeverActive):
            routing.roll_back_policy(
                world.session, caller=operator, policy_id=policy.id, at=at, now=now
            )

    def test_lets_two_activations_of_one_instant_follow_each_other(
        self, world: World, operator: Caller, now: datetime
    ) -> None:
        tap = world.add_variant()
        for split in (5, 6):
            policy = self.draft(world, operator, now, split_minor=split)
            routing.activate_policy(
                world.session, caller=operator, policy_id=policy.id,
                expected_version=policy.version, at=now, now=now,
            )  # fmt: skip

        assert self.number_at(world, tap, now) == 3

    def test_does_not_know_what_was_only_planned_as_something_to_go_back_to(
        self, world: World, operator: Caller, now: datetime
    ) -> None:
        policy = self.draft(world, operator, now, split_minor=5)
        later = now + timedelta(days=1)
        routing.activate_policy(
            world.session, caller=operator, policy_id=policy.id,
            expected_version=policy.version, at=later, now=now,
        )  # fmt: skip

        with pytest.raises(PolicyNeverActive):
            routing.roll_back_policy(
                world.session, caller=operator, policy_id=policy.id, at=now, now=now
            )
        assert (
            routing.roll_back_policy(
                world.session, caller=operator, policy_id=policy.id, at=later, now=later
            ).number
            == 3
        )
