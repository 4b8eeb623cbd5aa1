"""API keys: what they may do, how long, and who can make them."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from app.identity import operations, queries, rules
from app.identity.errors import (
    ExpiryInThePast,
    KeyNotFound,
    NotAMember,
    PermissionNotHeld,
    PermissionUnfit,
    PermissionUnknown,
)
from app.identity.models import ApiKey
from tests.factories.network import (
    ApiKeyFactory,
    MemberFactory,
    OrganizationFactory,
    PersonFactory,
    caller_of,
)


def create(session, organization, now, **changes):
    facts = {"label": "ERP", "permissions": ["orders.read"], "now": now}
    return operations.create_key(session, caller=caller_of(organization), **{**facts, **changes})


class TestANewKey:
    def test_shows_its_secret_once_and_stores_its_digest_only(self, session, now):
        made = create(session, OrganizationFactory(), now)
        stored = session.get(ApiKey, made.key.id)
        assert made.secret.startswith("dk_")
        assert len(made.secret) == 35
        assert stored.secret_digest == rules.digest_of(made.secret)
        assert made.secret.encode() not in stored.secret_digest
        assert made.secret.endswith(stored.hint)

    def test_opens_the_door_of_its_own_organization(self, session, now):
        rosa = OrganizationFactory(reseller=True)
        made = create(session, rosa, now)
        caller = queries.find_caller(session, token=made.secret, now=now)
        assert caller.organization_id == rosa.id
        assert caller.actor_id == made.key.id
        assert caller.permissions == {"orders.read"}

    def test_never_holds_what_its_maker_does_not_hold(self, session, now):
        rosa = OrganizationFactory(reseller=True)
        with pytest.raises(PermissionNotHeld) as refusal:
            operations.create_key(
                session,
                caller=caller_of(rosa, "keys.write", "orders.read"),
                label="more",
                permissions=["orders.read", "prices.write"],
                now=now,
            )
        assert refusal.value.details == {"permissions": ["prices.write"]}

    def test_knows_only_permissions_that_exist(self, session, now):
        with pytest.raises(PermissionUnknown):
            create(session, OrganizationFactory(), now, permissions=["moon.fly"])

    def test_of_a_buyer_cannot_write_prices_even_when_the_operator_makes_it(self, session, now):
        operator, berta = OrganizationFactory(operator=True), OrganizationFactory(buyer=True)
        with pytest.raises(PermissionUnfit):
            create(session, operator, now, organization_id=berta.id, permissions=["prices.write"])

    def test_cannot_be_born_expired(self, session, now):
        with pytest.raises(ExpiryInThePast):
            create(session, OrganizationFactory(), now, expires_at=now)

    def test_is_never_made_for_a_stranger_to_the_organization(self, session, now):
        with pytest.raises(NotAMember):
            create(session, OrganizationFactory(), now, person_id=PersonFactory().id)


class TestAPersonalKey:
    def make(self, session, now, role):
        rosa = OrganizationFactory(reseller=True)
        member = MemberFactory(organization_id=rosa.id, role=role)
        made = create(
            session,
            rosa,
            now,
            person_id=member.person_id,
            permissions=["orders.read", "shipments.write"],
        )
        return member, made.secret

    def test_does_no_more_than_the_role_of_its_person(self, session, now):
        member, secret = self.make(session, now, "viewer")
        caller = queries.find_caller(session, token=secret, now=now)
        assert caller.permissions == {"orders.read"}
        assert caller.actor_id == member.person_id

    def test_follows_a_change_of_role_at_once(self, session, now):
        member, secret = self.make(session, now, "viewer")
        member.role = "warehouse"
        session.flush()
        caller = queries.find_caller(session, token=secret, now=now)
        assert caller.permissions == {"shipments.write"}

    def test_dies_with_the_membership(self, session, now):
        member, secret = self.make(session, now, "owner")
        session.delete(member)
        session.flush()
        assert queries.find_caller(session, token=secret, now=now) is None


class TestATokenIsWorthless:
    def test_when_nobody_made_it(self, session, now):
        assert queries.find_caller(session, token=rules.new_token(), now=now) is None

    def test_when_it_is_no_token_at_all(self, session, now):
        assert queries.find_caller(session, token="Bearer\x00", now=now) is None

    def test_from_its_expiry_on(self, session, now):
        token = rules.new_token()
        ApiKeyFactory(token=token, expires_at=now)
        assert queries.find_caller(session, token=token, now=now) is None
        before = now - timedelta(microseconds=1)
        assert queries.find_caller(session, token=token, now=before) is not None

    def test_once_it_is_revoked(self, session, now):
        rosa = OrganizationFactory()
        made = create(session, rosa, now)
        operations.revoke_key(session, caller=caller_of(rosa), key_id=made.key.id, now=now)
        assert queries.find_caller(session, token=made.secret, now=now) is None

    def test_while_its_organization_is_suspended(self, session, now):
        token = rules.new_token()
        ApiKeyFactory(token=token, organization_id=OrganizationFactory(status="suspended").id)
        assert queries.find_caller(session, token=token, now=now) is None


class TestRevoking:
    def test_is_for_the_own_organization(self, session, now):
        made = create(session, OrganizationFactory(), now)
        theo = OrganizationFactory()
        with pytest.raises(KeyNotFound):
            operations.revoke_key(session, caller=caller_of(theo), key_id=made.key.id, now=now)


class TestAuthentication:
    def test_is_one_statement(self, session, now):
        token = rules.new_token()
        ApiKeyFactory(token=token, last_used_at=now)
        session.expire_all()
        seen = []
        bind = session.get_bind()
        event.listen(bind, "before_cursor_execute", lambda *args: seen.append(args[2]))
        operations.authenticate(session, token=token, now=now)
        assert len([text for text in seen if "SELECT" in text]) == 1
        assert not [text for text in seen if "UPDATE" in text]

    def test_remembers_the_use_at_most_once_a_minute(self, session, now):
        token = rules.new_token()
        key = ApiKeyFactory(token=token)
        for seconds, noted in ((0, 0), (59, 0), (60, 60)):
            at = now + timedelta(seconds=seconds)
            operations.authenticate(session, token=token, now=at)
            session.refresh(key)
            assert key.last_used_at == now + timedelta(seconds=noted)


class TestRoles:
    def test_are_made_of_permissions_that_exist(self):
        for permissions in rules.ROLES.values():
            assert permissions <= rules.PERMISSIONS

    def test_of_an_owner_hold_everything_that_fits(self):
        assert rules.ROLES["owner"] == rules.PERMISSIONS

    def test_that_are_unknown_allow_nothing(self):
        assert rules.effective({"orders.read"}, kinds=["buyer"], role="emperor") == frozenset()
