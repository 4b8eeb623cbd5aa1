"""API keys over HTTP: the owner, a colleague who may do less, and Theo."""

import pytest
from sqlalchemy import select

from app.infra.models import AuditRecord, IdempotencyAnswer
from app.kernel.ids import public_id
from tests.factories.network import OrganizationFactory
from tests.http.api import Api


@pytest.fixture
def rosa(app):
    return OrganizationFactory(name="Rosa Reseller", reseller=True)


@pytest.fixture
def owner(client, rosa):
    return Api(client, rosa)


@pytest.fixture
def colleague(client, rosa):
    return Api(client, rosa, "orders.read")


@pytest.fixture
def theo(client):
    return Api(client, OrganizationFactory(name="Theo Elsewhere"))


KEY = {"label": "ERP", "permissions": ["orders.read", "events.read"]}


class TestMe:
    def test_says_who_is_asking(self, colleague, rosa):
        body = colleague.get("/me").json
        assert body["organization_id"] == public_id("org", rosa.id)
        assert body["organization_name"] == "Rosa Reseller"
        assert body["permissions"] == ["orders.read"]
        assert body["actor_id"].startswith("key_")

    def test_is_for_those_who_say_so(self, client):
        answer = client.get("/v1/me", headers={"Authorization": "Bearer dk_nonsense"})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json["code"] == "auth.unauthenticated"


class TestAKey:
    def test_that_was_made_opens_the_door(self, client, owner):
        made = owner.post("/api-keys", KEY)
        assert made.status_code == 201
        headers = {"Authorization": f"Bearer {made.json['secret']}"}
        me = client.get("/v1/me", headers=headers).json
        assert me["permissions"] == ["events.read", "orders.read"]
        assert me["actor_id"] == made.json["id"]

    def test_is_made_once_and_its_secret_is_kept_nowhere(self, owner, session):
        first = owner.post("/api-keys", KEY, key="one")
        second = owner.post("/api-keys", KEY, key="one")
        assert second.headers["Idempotent-Replay"] == "true"
        assert second.json == {**first.json, "secret": None}
        kept = session.scalars(select(IdempotencyAnswer.body)).all()
        assert not [body for body in kept if first.json["secret"].encode() in body]

    def test_does_not_show_its_secret_in_lists(self, owner):
        made = owner.post("/api-keys", KEY).json
        listed = owner.get("/api-keys").json["items"]
        assert made["id"] in {each["id"] for each in listed}
        assert made["secret"] not in str(listed)

    def test_is_not_for_a_colleague_to_make(self, colleague):
        refused = colleague.post("/api-keys", KEY)
        assert refused.status_code == 403
        assert refused.json["permission"] == "keys.write"

    def test_is_revoked_at_once_and_the_trail_knows(self, client, owner, session, rosa):
        made = owner.post("/api-keys", KEY).json
        assert owner.delete(f"/api-keys/{made['id']}").status_code == 200
        headers = {"Authorization": f"Bearer {made['secret']}"}
        assert client.get("/v1/me", headers=headers).status_code == 401
        trail = select(AuditRecord.action).where(AuditRecord.organization_id == rosa.id)
        assert session.scalars(trail.order_by(AuditRecord.seq)).all() == [
            "key.created",
            "key.revoked",
        ]

    def test_of_another_does_not_exist_for_theo(self, owner, theo):
        made = owner.post("/api-keys", KEY).json
        refused = theo.delete(f"/api-keys/{made['id']}")
        assert (refused.status_code, refused.json["code"]) == (404, "identity.key_not_found")
        assert made["id"] not in str(theo.get("/api-keys").json)


class TestAReplay:
    def test_is_not_given_to_a_colleague_who_guesses_the_key(self, owner, colleague):
        owner.post("/api-keys", KEY, key="guessed")
        refused = colleague.post("/api-keys", KEY, key="guessed")
        assert (refused.status_code, refused.json["code"]) == (
            409,
            "http.idempotency_key_reused",
        )
