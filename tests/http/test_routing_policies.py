"""Policies over HTTP: drafted, looked at, activated, gone back to; for whom, and refused how."""

from datetime import timedelta

import pytest

from app.infra.models import AuditRecord, OutboxEvent
from app.kernel.ids import public_id
from app.ordering.wishes import Wishes
from app.routing.models import RoutingPolicy
from tests.factories.world import build_world
from tests.http.api import Api
from tests.support.statements import count_statements

SPLIT = {"terms": {"split_minor": 250}}


@pytest.fixture
def world(client, session, now):
    return build_world(session, now)


@pytest.fixture
def api(client, world):
    def of(name, *permissions):
        return Api(client, getattr(world, name), *permissions)

    return of


def drafted(api, **scope):
    answer = api.post("/routing-policies", {"document": SPLIT, **scope})
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


def activated(api, policy, at=None):
    path = f"/routing-policies/{policy['id']}/activation"
    answer = api.post(path, {"at": at and at.isoformat()}, version=policy["version"])
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


class TestADraft:
    def test_says_everything_that_it_leaves_out(self, api):
        policy = drafted(api("operator"))

        assert (policy["number"], policy["scope"], policy["status"]) == (2, "network", "draft")
        assert policy["document"]["terms"]["split_minor"] == 250
        assert policy["document"]["terms"]["goods_percent"] == 100
        assert policy["document"]["rules"]["below_minimum_order"] == {"on": True}
        assert policy["document"]["limits"]["work_ms"] == 20

    def test_decides_nothing(self, api, world, session):
        drafted(api("operator"))

        [active] = session.query(RoutingPolicy).filter(RoutingPolicy.valid_from.isnot(None))
        assert active.number == 1

    def test_is_edited_by_who_read_it_last(self, api):
        operator = api("operator")
        policy = drafted(operator)
        path = f"/routing-policies/{policy['id']}"
        new = {"document": {"mode": "lexicographic", "levels": ["split", "goods"]}}

        changed = operator.patch(path, new, version=policy["version"])
        late = operator.patch(path, new, version=policy["version"])

        assert changed.get_json()["document"]["levels"] == ["split", "goods"]
        assert late.status_code == 412

    def test_is_thrown_away_by_its_owner_until_it_is_activated(self, api, world, session):
        shop = public_id("shop", world.storefront.id)
        rosa = api("rosa")
        first, second = drafted(rosa, storefront_id=shop), drafted(rosa, storefront_id=shop)
        active = activated(rosa, second)

        stranger = api("dieter").delete(f"/routing-policies/{first['id']}", version=1)
        reader = api("rosa", "routing.read").delete(f"/routing-policies/{first['id']}", version=1)
        late = rosa.delete(f"/routing-policies/{first['id']}", version=7)
        done = rosa.delete(f"/routing-policies/{first['id']}", version=first["version"])
        kept = rosa.delete(f"/routing-policies/{active['id']}", version=active["version"])

        answers = [each.status_code for each in (stranger, reader, late, done, kept)]
        assert answers == [404, 403, 412, 204, 409]
        assert rosa.get(f"/routing-policies/{first['id']}").status_code == 404
        assert "routing_policy.deleted" in {row.action for row in session.query(AuditRecord)}

    @pytest.mark.parametrize(
        ("document", "pointer"),
        [
            ({"terms": {"split_minor": -1}}, "/document/terms/split_minor"),
            ({"terms": {"colour": 1}}, "/document/terms/colour"),
            ({"rules": {"no_stock": {"on": False}}}, "/document/rules/no_stock"),
            ({"levels": ["beauty"]}, "/document/levels/0"),
            ({"strategy": "dice"}, "/document/strategy"),
            ({"mode": "lexicographic"}, "/document/levels"),
            ({"levels": ["goods"]}, "/document/levels"),
            ({"mode": "lexicographic", "levels": ["goods", "goods"]}, "/document/levels/1"),
            ({"mode": "lexicographic", "levels": ["carbon"]}, "/document/terms/carbon"),
            (
                {"terms": {"load_balance": {"minor": 1, "shares_bps": {"org_no": 1}}}},
                "/document/terms/load_balance/shares_bps/org_no/key",
            ),
        ],
    )
    def test_that_cannot_decide_is_refused_with_the_place(self, api, document, pointer):
        answer = api("operator").post("/routing-policies", {"document": document})

        assert answer.status_code == 422
        assert pointer in {error["pointer"] for error in answer.get_json()["errors"]}

    def test_is_for_one_thing(self, api, world):
        both = {
            "storefront_id": public_id("shop", world.storefront.id),
            "buyer_id": public_id("org", world.berta.id),
        }

        answer = api("operator").post("/routing-policies", {"document": {}, **both})

        assert answer.get_json()["errors"][0]["pointer"] == "/buyer_id"


class TestActivation:
    def test_ends_the_version_before_it(self, api, session, now):
        operator = api("operator")
        policy = activated(operator, drafted(operator))

        [first, second] = session.query(RoutingPolicy).order_by(RoutingPolicy.number)
        assert (policy["status"], second.valid_to) == ("active", None)
        assert first.valid_to == second.valid_from == now

    def test_may_lie_ahead(self, api, now):
        operator = api("operator")
        policy = activated(operator, drafted(operator), at=now + timedelta(days=1))
        listed = operator.get("/routing-policies").get_json()["items"]

        assert policy["status"] == "scheduled"
        assert [each["status"] for each in listed] == ["active", "scheduled"]

    def test_between_others_lasts_until_the_next(self, api, now):
        operator = api("operator")
        later, sooner = drafted(operator), drafted(operator)
        activated(operator, later, at=now + timedelta(days=2))

        policy = activated(operator, sooner, at=now + timedelta(days=1))

        assert policy["valid_to"] == (now + timedelta(days=2)).isoformat()

    def test_happens_once(self, api):
        operator = api("operator")
        policy = activated(operator, drafted(operator))
        path = f"/routing-policies/{policy['id']}"

        again = operator.post(f"{path}/activation", {}, version=policy["version"])
        edited = operator.patch(path, {"document": {}}, version=policy["version"])

        assert {again.get_json()["code"], edited.get_json()["code"]} == {"routing.policy_not_draft"}

    def test_is_told_and_noted(self, api, world, session):
        shop = public_id("shop", world.storefront.id)
        rosa = api("rosa")
        activated(rosa, drafted(rosa, storefront_id=shop))

        told = session.query(OutboxEvent).filter_by(name="routing_policy.activated").one()
        actions = {row.action for row in session.query(AuditRecord)}
        assert told.payload["number"] == 1
        assert {"routing_policy.drafted", "routing_policy.activated"} <= actions


class TestGoingBack:
    def test_makes_a_new_version_of_the_old_document(self, api):
        operator = api("operator")
        [first] = operator.get("/routing-policies").get_json()["items"]
        activated(operator, drafted(operator))

        answer = operator.post(f"/routing-policies/{first['id']}/rollback", {})

        policy = answer.get_json()
        assert (answer.status_code, policy["number"], policy["restores_number"]) == (201, 3, 1)
        assert policy["document"] == first["document"]
        assert policy["status"] == "active"

    def test_needs_a_version_that_decided(self, api):
        operator = api("operator")
        policy = drafted(operator)

        answer = operator.post(f"/routing-policies/{policy['id']}/rollback", {})

        assert answer.get_json()["code"] == "routing.policy_never_active"


class TestRetirement:
    def test_leaves_the_decision_to_less_specific_policies(self, api, world):
        rosa = api("rosa")
        shop = public_id("shop", world.storefront.id)
        policy = activated(rosa, drafted(rosa, storefront_id=shop))

        answer = rosa.post(f"/routing-policies/{policy['id']}/retirement", {})

        assert answer.get_json()["status"] == "retired"

    def test_is_not_for_the_network(self, api):
        operator = api("operator")
        [policy] = operator.get("/routing-policies").get_json()["items"]

        answer = operator.post(f"/routing-policies/{policy['id']}/retirement", {})

        assert answer.get_json()["code"] == "routing.network_needs_policy"


class TestAuthority:
    def test_is_the_shop_owners_for_its_shop(self, api, world):
        shop = {"storefront_id": public_id("shop", world.storefront.id), "document": {}}

        assert api("rosa").post("/routing-policies", shop).status_code == 201
        assert api("dieter").post("/routing-policies", shop).status_code == 404
        assert api("operator").post("/routing-policies", shop).status_code == 201

    def test_of_everything_else_is_the_operators(self, api, world):
        scopes = (
            {},
            {"manufacturer_id": public_id("org", world.mira.id)},
            {"category_id": public_id("cat", world.category_id)},
            {"buyer_id": public_id("org", world.berta.id)},
        )
        for scope in scopes:
            body = {"document": {}, **scope}
            assert api("rosa").post("/routing-policies", body).status_code == 403
            assert api("operator").post("/routing-policies", body).status_code == 201

    def test_needs_something_to_be_for(self, api, world):
        body = {"document": {}, "manufacturer_id": public_id("org", world.berta.id)}

        answer = api("operator").post("/routing-policies", body)

        assert answer.get_json()["code"] == "routing.scope_unknown"

    def test_needs_the_permission(self, api):
        answer = api("rosa", "routing.read").post("/routing-policies", {"document": {}})

        assert (answer.status_code, answer.get_json()["permission"]) == (403, "routing.write")

    def test_shows_strangers_the_networks_alone(self, api, world):
        rosa = api("rosa")
        policy = drafted(rosa, storefront_id=public_id("shop", world.storefront.id))

        listed = api("dieter").get("/routing-policies").get_json()["items"]

        assert [each["scope"] for each in listed] == ["network"]
        assert api("dieter").get(f"/routing-policies/{policy['id']}").status_code == 404
        assert rosa.get(f"/routing-policies/{policy['id']}").status_code == 200


class TestAPreview:
    def test_compares_the_draft_with_what_is_in_force(self, api, world, session, now):
        first, second = world.add_variant(wanda=900), world.add_variant(dieter=5000, wanda=100)
        world.place((first, 1), (second, 1), now=now)
        versions = session.query(RoutingPolicy).count()
        body = {"document": {"mode": "lexicographic", "levels": ["split"]}, "orders": 5}

        preview = api("operator").post("/routing-policies/preview", body).get_json()

        assert (preview["now"]["consignments"], preview["draft"]["consignments"]) in {
            (2, 1), (1, 1),
        }  # fmt: skip
        assert preview["draft"]["units_served"] == 2
        assert (preview["skipped"], len(preview["orders"])) == (0, 1)
        assert session.query(RoutingPolicy).count() == versions

    def test_gives_back_what_the_order_took(self, api, world, now):
        tap = world.add_variant(stock=(2, 0))
        world.place((tap, 2), now=now)

        preview = api("operator").post("/routing-policies/preview", {"document": {}}).get_json()

        assert preview["now"]["units_served"] == preview["draft"]["units_served"] == 2
        [share] = preview["now"]["sellers"]
        assert share == {"seller_id": public_id("org", world.dieter.id), "units": 2}

    def test_honours_what_the_buyer_wished(self, api, world, now):
        first = world.add_variant(dieter=100, wanda=5000)
        second = world.add_variant(dieter=5000, wanda=100)
        world.place((first, 1), (second, 1), now=now, wishes=Wishes(one_delivery=True))

        preview = api("operator").post("/routing-policies/preview", {"document": {}}).get_json()

        assert preview["now"]["consignments"] == preview["draft"]["consignments"] == 1

    @pytest.mark.parametrize("scope", ["manufacturer", "category", "buyer", "storefront"])
    def test_looks_at_the_orders_of_the_scope(self, api, world, now, scope):
        tap = world.add_variant()
        world.place((tap, 1), now=now)
        ids = {
            "manufacturer": {"manufacturer_id": public_id("org", world.mira.id)},
            "category": {"category_id": public_id("cat", world.category_id)},
            "buyer": {"buyer_id": public_id("org", world.berta.id)},
            "storefront": {"storefront_id": public_id("shop", world.storefront.id)},
        }
        body = {"document": {"terms": {"goods_percent": 0}}, **ids[scope]}

        preview = api("operator").post("/routing-policies/preview", body).get_json()

        assert len(preview["orders"]) == 1

    def test_is_not_for_strangers(self, api, world):
        body = {"document": {}, "storefront_id": public_id("shop", world.storefront.id)}

        assert api("dieter").post("/routing-policies/preview", body).status_code == 404


class TestValidation:
    def test_tells_without_keeping(self, api, session):
        rosa = api("rosa")
        fine = rosa.post("/routing-policies/validate", {"document": SPLIT})
        wrong = rosa.post("/routing-policies/validate", {"document": {"strategy": "dice"}})

        assert (fine.status_code, wrong.status_code) == (204, 422)
        assert session.query(RoutingPolicy).count() == 1


class TestTheList:
    def test_takes_one_statement_of_policies(self, api):
        operator = api("operator")
        for _ in range(3):
            drafted(operator)

        with count_statements() as statements:
            operator.get("/routing-policies")

        assert statements.about("routing_policies") == 1


class TestWhatASellerSaysOfItself:
    def test_is_its_capacity(self, api):
        dieter = api("dieter")
        before = dieter.get("/seller-capacity").get_json()
        put = dieter.put("/seller-capacity", {"orders_a_day": 5})
        again = dieter.put("/seller-capacity", {"units_a_day": 70})

        assert put.get_json() == {"orders_a_day": 5, "units_a_day": None}
        assert again.get_json() == {"orders_a_day": None, "units_a_day": 70}
        assert dieter.get("/seller-capacity").get_json() == again.get_json()
        assert api("wanda").get("/seller-capacity").get_json() == before
        assert before == {"orders_a_day": None, "units_a_day": None}

    @pytest.mark.parametrize(
        "second",
        [(100, 2000, 400), (100, 1000, 500), (100, 2000, 10**10), (10**12, 2000, 500)],
        ids=["heavier for less", "twice", "too dear", "too far"],
    )
    def test_is_no_freight_table_that_cannot_price_a_parcel(self, api, second):
        names = ("distance_km_up_to", "weight_g_up_to", "price_minor")
        rows = [dict(zip(names, row, strict=True)) for row in ((100, 1000, 500), second)]

        refused = api("dieter").put(
            "/freight-table", {"currency": "BRL", "name": "Mine", "rates": rows}
        )

        assert refused.status_code == 422
        assert refused.get_json()["errors"][0]["pointer"].startswith("/rates/1")

    def test_is_when_it_is_closed(self, api):
        dieter, wanda = api("dieter"), api("wanda")
        days = {"from_on": "2026-12-24", "to_on": "2026-12-31", "reason": "Stocktaking"}
        made = dieter.post("/seller-closures", days).get_json()
        path = f"/seller-closures/{made['id']}"

        assert dieter.get("/seller-closures").get_json()["items"] == [made]
        assert wanda.get("/seller-closures").get_json()["items"] == []
        assert (wanda.delete(path).status_code, dieter.delete(path).status_code) == (404, 204)

    def test_is_not_a_closure_that_ends_before_it_begins(self, api):
        days = {"from_on": "2026-12-24", "to_on": "2026-12-23"}

        answer = api("dieter").post("/seller-closures", days)

        assert answer.get_json()["errors"][0]["pointer"] == "/to_on"

    def test_is_what_its_locations_handle(self, api, world):
        path = f"/locations/{public_id('loc', world.places['dieter'])}/abilities"

        mine = api("dieter").put(path, {"hazardous": True})
        others = api("wanda").put(path, {"hazardous": True})

        assert mine.get_json() == {"hazardous": True, "oversize": False}
        assert others.status_code == 404


class TestACart:
    def test_keeps_what_is_wished_of_it(self, api, world):
        tap = world.add_variant(stock=(3, 3))
        variant = public_id("var", tap)
        berta = api("berta")
        cart = berta.post(
            "/carts",
            {
                "storefront_id": public_id("shop", world.storefront.id),
                "address_id": public_id("addr", world.address.id),
                "lines": [{"variant_id": variant, "quantity": 7}],
            },
        ).get_json()
        path = f"/carts/{cart['id']}/wishes"

        wished = berta.put(path, {"ship_complete": True}, version=cart["version"]).get_json()
        late = berta.put(path, {}, version=cart["version"])
        stranger = api("dieter").put(path, {}, version=wished["version"])

        assert cart["simulation"]["units_served"] == 6
        assert wished["simulation"]["units_served"] == 0
        assert wished["simulation"]["unserved"][0]["wish"] == "ship_complete"
        assert wished["wishes"]["ship_complete"] is True
        assert (late.status_code, stranger.status_code) == (412, 404)


class TestWhatIsWished:
    @pytest.mark.parametrize("path", ["/routing/simulate", "/orders"])
    @pytest.mark.parametrize(
        ("wish", "place"),
        [
            (lambda tap, other: {"kits": [[tap, other]]}, "/wishes/kits/0/1"),
            (lambda tap, _: {"kits": [[tap, tap]]}, "/wishes/kits/0"),
            (lambda tap, other: {"substitutes": {other: [tap]}}, "/wishes/substitutes/"),
            (lambda _, other: {"takes_successor": [other]}, "/wishes/takes_successor/0"),
        ],
        ids=["kit", "kit of one", "substitute", "successor"],
    )
    def test_is_of_what_is_wanted(self, api, world, path, wish, place):
        tap, other = (public_id("var", world.add_variant()) for _ in range(2))

        refused = api("berta").post(
            path,
            {
                "storefront_id": public_id("shop", world.storefront.id),
                "address_id": public_id("addr", world.address.id),
                "lines": [{"variant_id": tap, "quantity": 1}],
                "wishes": wish(tap, other),
            },
        )

        assert refused.status_code == 422
        assert refused.get_json()["errors"][0]["pointer"].startswith(place)
