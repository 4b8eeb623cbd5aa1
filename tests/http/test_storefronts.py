"""Storefronts over HTTP: the owner, a colleague who may do less, a seller, a buyer, and Theo."""

import pytest
from sqlalchemy import select

from app.infra.models import OutboxEvent
from app.kernel.ids import public_id
from tests.factories.network import OrganizationFactory, TradingAccountFactory
from tests.http.api import Api

SHOP = {"slug": "rosas-tools", "name": "Rosa's Tools", "country": "BR", "currency": "BRL"}


@pytest.fixture
def rosa_org(app):
    return OrganizationFactory(reseller=True)


@pytest.fixture
def rosa(client, rosa_org):
    return Api(client, rosa_org)


@pytest.fixture
def theo(client):
    return Api(client, OrganizationFactory(reseller=True))


@pytest.fixture
def shop(rosa):
    made = rosa.post("/storefronts", SHOP)
    assert made.status_code == 201
    return f"/storefronts/{made.json['id']}"


class TestAStorefront:
    def test_is_closed_and_active_when_it_opens(self, rosa, shop):
        shown = rosa.get(shop)
        assert (shown.json["access"], shown.json["is_active"]) == ("closed", True)
        assert shown.headers["ETag"] == '"1"'

    def test_has_a_slug_of_its_own(self, theo, shop):
        assert theo.post("/storefronts", SHOP).json["code"] == "storefronts.slug_taken"

    def test_is_not_for_buyers_to_open(self, client):
        berta = Api(client, OrganizationFactory(buyer=True))
        assert berta.post("/storefronts", SHOP).status_code == 403

    def test_is_edited_in_the_version_that_was_read(self, rosa, shop):
        edited = rosa.patch(shop, {"access": "open", "hold_days": 7}, version=1)
        assert (edited.json["access"], edited.json["version"]) == ("open", 2)
        assert rosa.patch(shop, {"access": "closed"}, version=1).status_code == 412

    def test_is_read_by_a_colleague_and_changed_by_none(self, client, rosa_org, shop):
        colleague = Api(client, rosa_org, "storefronts.read")
        assert colleague.get(shop).status_code == 200
        assert colleague.patch(shop, {"name": "Mine"}, version=1).status_code == 403
        assert colleague.put(f"{shop}/pool", {"seller_ids": []}).status_code == 403

    def test_that_is_closed_does_not_exist_for_theo(self, theo, shop):
        assert theo.get(shop).status_code == 404
        assert theo.get("/storefronts").json["items"] == []
        assert theo.patch(shop, {"name": "Mine"}, version=1).status_code == 404
        assert theo.get(f"{shop}/pool").status_code == 404

    def test_that_is_open_is_seen_but_not_changed_by_theo(self, rosa, theo, shop):
        rosa.patch(shop, {"access": "open"}, version=1)
        assert theo.get(shop).status_code == 200
        assert theo.patch(shop, {"name": "Mine"}, version=2).status_code == 403
        assert theo.get(f"{shop}/pool").status_code == 403
        rosa.patch(shop, {"is_active": False}, version=2)
        assert theo.get(shop).status_code == 404

    def test_shows_itself_to_buyers_with_an_active_account(self, client, rosa_org, shop):
        berta_org = OrganizationFactory(buyer=True)
        account = TradingAccountFactory(
            seller_id=rosa_org.id, buyer_id=berta_org.id, status="requested"
        )
        berta = Api(client, berta_org)
        assert berta.get(shop).status_code == 404
        account.status = "active"
        assert berta.get(shop).status_code == 200


class TestAPool:
    def test_is_what_its_owner_last_said(self, client, rosa, shop, session):
        wanda_org, dieter_org = (OrganizationFactory(wholesaler=True) for _ in range(2))
        ids = [public_id("org", each.id) for each in (wanda_org, dieter_org)]
        assert rosa.put(f"{shop}/pool", {"seller_ids": ids}).json["seller_ids"] == sorted(ids)
        assert rosa.put(f"{shop}/pool", {"seller_ids": ids[:1]}).json["seller_ids"] == ids[:1]
        assert Api(client, wanda_org).get(shop).status_code == 200
        assert Api(client, dieter_org).get(shop).status_code == 404
        told = session.scalars(
            select(OutboxEvent)
            .where(OutboxEvent.name == "storefront.pool_changed")
            .order_by(OutboxEvent.id)
        ).all()
        assert told[1].payload["removed"] == [str(dieter_org.id)]
        assert dieter_org.id in told[1].audience

    def test_holds_organizations_that_sell(self, rosa, shop):
        berta = public_id("org", OrganizationFactory(buyer=True).id)
        for stranger in (berta, "org_01h455vb4pex5vsknk084sn02q"):
            refused = rosa.put(f"{shop}/pool", {"seller_ids": [stranger]})
            assert (refused.status_code, refused.json["code"]) == (
                400,
                "storefronts.seller_unfit",
            )
