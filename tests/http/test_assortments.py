"""Mira narrows what Dieter may sell, Rosa what her shop shows; nobody else touches either."""

import pytest
from sqlalchemy import select

from app.infra.models import OutboxEvent
from app.kernel.ids import new_id, public_id
from tests.factories.catalog import CategoryFactory, ProductFactory, VariantFactory
from tests.factories.network import make_network
from tests.support.api import Voice, made, refused
from tests.support.statements import count_statements


@pytest.fixture
def network(session):
    return make_network()


@pytest.fixture
def mira(client, network):
    return Voice(client, network.mira)


@pytest.fixture
def dieter(client, network):
    return Voice(client, network.dieter)


@pytest.fixture
def rosa(client, network):
    return Voice(client, network.rosa)


@pytest.fixture
def theo(client, network):
    return Voice(client, network.theo)


@pytest.fixture
def tools(network):
    return CategoryFactory(manufacturer_id=network.mira.id)


@pytest.fixture
def drills(network, tools):
    """Three variants in a category below tools."""
    own = new_id()
    below = CategoryFactory(
        id=own, manufacturer_id=network.mira.id, parent_id=tools.id, path=[tools.id, own]
    )
    product = ProductFactory(manufacturer_id=network.mira.id, category_id=below.id, brand="Borer")
    return [
        VariantFactory(
            manufacturer_id=network.mira.id,
            product_id=product.id,
            category_id=below.id,
            attributes={"volts": volts},
        )
        for volts in (12, 18, 36)
    ]


@pytest.fixture
def saw(network):
    return VariantFactory(manufacturer_id=network.mira.id)


def ids(prefix, *things):
    return [public_id(prefix, each.id) for each in things]


def selected(voice, assortment):
    page = made(voice.get(f"/assortments/{assortment['id']}/variants"))
    return {each["id"] for each in page["items"]}


class TestAnAssortment:
    def test_selects_by_rules_and_by_name(self, mira, tools, drills, saw):
        kept = made(
            mira.post(
                "/assortments",
                name="Cordless",
                rules=[
                    {"category_ids": ids("cat", tools), "attributes": {"volts": [12, 18]}},
                    {"brands": ["Nobody"]},
                ],
                include_ids=ids("var", saw),
                exclude_ids=ids("var", drills[0]),
            )
        )
        assert (kept["included"], kept["excluded"], kept["version"]) == (1, 1, 1)
        assert selected(mira, kept) == set(ids("var", drills[1], saw))
        assert made(mira.get(f"/assortments/{kept['id']}/count")) == {"count": 2}
        assert made(mira.get(f"/assortments/{kept['id']}")) == kept

    def test_follows_the_catalog(self, mira, network, session, tools, drills):
        kept = made(
            mira.post("/assortments", name="Tools", rules=[{"category_ids": ids("cat", tools)}])
        )
        assert selected(mira, kept) == set(ids("var", *drills))
        drills[0].category_id = CategoryFactory(manufacturer_id=network.mira.id).id
        session.flush()
        assert selected(mira, kept) == set(ids("var", *drills[1:]))

    def test_is_previewed_without_being_kept(self, mira, tools, drills, saw):
        asked = {"rules": [{"category_ids": ids("cat", tools)}], "include_ids": ids("var", saw)}
        seen = made(mira.post("/assortments/preview", **asked))
        assert seen["count"] == 4
        assert {each["id"] for each in seen["sample"]} == set(ids("var", *drills, saw))
        assert made(mira.get("/assortments"))["items"] == []

    def test_is_changed_in_the_version_that_was_read(self, mira, tools, drills):
        kept = made(mira.post("/assortments", name="All", rules=[{}]))
        path = f"/assortments/{kept['id']}"
        changed = made(mira.patch(path, version=1, rules=[], description="Nothing yet"))
        assert (changed["version"], changed["rules"]) == (2, [])
        assert selected(mira, kept) == set()
        refused(
            mira.patch(path, version=1, name="Late"), status=412, code="http.precondition_failed"
        )
        listed = made(mira.patch(f"{path}/items", version=2, include_ids=ids("var", *drills[:2])))
        assert (listed["included"], listed["version"]) == (2, 3)
        swapped = made(
            mira.patch(
                f"{path}/items",
                version=3,
                exclude_ids=ids("var", drills[0]),
                remove_ids=ids("var", drills[1]),
            )
        )
        assert (swapped["included"], swapped["excluded"]) == (0, 1)
        [item] = made(mira.get(f"{path}/items"))["items"]
        assert item == {"variant_id": public_id("var", drills[0].id), "included": False}

    def test_has_a_name_of_its_own(self, mira, theo):
        made(mira.post("/assortments", name="Tools"))
        refused(mira.post("/assortments", name="Tools"), status=409, code="assortments.name_taken")
        made(theo.post("/assortments", name="Tools"))

    def test_names_only_what_its_owner_knows(self, theo, tools, drills, network):
        body = refused(
            theo.post(
                "/assortments",
                name="Spying",
                rules=[{}, {"category_ids": ids("cat", tools)}],
            ),
            status=400,
            code="assortments.selection_unknown",
        )
        assert body["errors"][0]["pointer"] == "/rules/1/category_ids/0"
        body = refused(
            theo.post("/assortments/preview", include_ids=ids("var", drills[0])),
            status=400,
            code="assortments.selection_unknown",
        )
        assert body["errors"][0]["pointer"] == "/include_ids/0"
        refused(
            theo.post(
                "/assortments", name="X", rules=[{"manufacturer_ids": ids("org", network.mira)}]
            ),
            status=400,
            code="assortments.selection_unknown",
        )
        everything = made(theo.post("/assortments", name="Everything", rules=[{}]))
        assert selected(theo, everything) == set()

    def test_names_nothing_twice(self, mira, saw):
        twice = ids("var", saw)
        body = refused(
            mira.post("/assortments", name="Torn", include_ids=twice, exclude_ids=twice),
            status=400,
            code="assortments.selection_unknown",
        )
        assert body["errors"] == [{"pointer": "/exclude_ids/0", "message": "Named twice"}]

    def test_keeps_drafts_to_their_manufacturer(self, mira, dieter, session, saw):
        everything = made(dieter.post("/assortments", name="Everything", rules=[{}]))
        assert selected(dieter, everything) == set(ids("var", saw))
        saw.status = "draft"
        session.flush()
        assert selected(dieter, everything) == set()
        own = made(mira.post("/assortments", name="Everything", rules=[{}]))
        assert selected(mira, own) == set(ids("var", saw))

    def test_is_nobody_else_s_business(self, client, network, mira, theo, dieter):
        kept = made(mira.post("/assortments", name="Secret", rules=[{}]))
        path = f"/assortments/{kept['id']}"
        for other in (theo, dieter):
            for answer in (
                other.get(path),
                other.get(f"{path}/variants"),
                other.get(f"{path}/items"),
                other.get(f"{path}/count"),
                other.patch(path, version=1, name="Mine"),
                other.patch(f"{path}/items", version=1),
                other.delete(path),
            ):
                refused(answer, status=404, code="assortments.assortment_not_found")
            assert made(other.get("/assortments"))["items"] == []
        clerk = Voice(client, network.mira, ("assortments.read",))
        assert made(clerk.get(path)) == kept
        refused(clerk.delete(path), status=403, code="auth.forbidden")
        operator = Voice(client, network.operator)
        assert made(operator.get(path)) == kept
        refused(operator.delete(path), status=404, code="assortments.assortment_not_found")

    def test_takes_many_variants_in_few_statements(self, mira, network, saw):
        product = ProductFactory(manufacturer_id=network.mira.id)
        many = [
            VariantFactory(
                manufacturer_id=network.mira.id,
                product_id=product.id,
                category_id=product.category_id,
            )
            for _ in range(40)
        ]
        one, all_of_them = ids("var", saw), ids("var", *many)
        kept = made(mira.post("/assortments", name="Many"))
        path = f"/assortments/{kept['id']}/items"
        with count_statements() as few:
            made(mira.patch(path, version=1, include_ids=one))
        with count_statements() as as_few:
            made(mira.patch(path, version=2, include_ids=all_of_them))
        assert len(as_few) == len(few)
        seen = made(mira.get(f"/assortments/{kept['id']}/variants", limit=30))
        rest = made(mira.get(f"/assortments/{kept['id']}/variants", cursor=seen["next_cursor"]))
        assert (len(seen["items"]), len(rest["items"])) == (30, 11)


class TestAnAssortmentInUse:
    @pytest.fixture
    def mira_s(self, mira):
        return made(mira.post("/assortments", name="Granted", rules=[{}]))

    @pytest.fixture
    def rosa_s(self, rosa):
        return made(rosa.post("/assortments", name="Shown", rules=[{}]))

    def terms(self, assortment):
        return {
            "valid_from": "2026-06-01T00:00:00Z",
            "currency": "BRL",
            "selling_model": "agency",
            "assortment_id": assortment["id"],
        }

    def test_narrows_an_agreement_of_its_owner_s(self, mira, network, mira_s, rosa_s):
        path = f"/agreements/{public_id('agr', network.dieter_terms.agreement_id)}/terms"
        added = made(mira.post(path, **self.terms(mira_s)))
        assert added["assortment_id"] == mira_s["id"]
        later = self.terms(rosa_s) | {"valid_from": "2026-07-01T00:00:00Z"}
        refused(mira.post(path, **later), status=400, code="network.assortment_unfit")

    def test_narrows_a_storefront_of_its_owner_s(self, rosa, network, mira_s, rosa_s):
        path = f"/storefronts/{public_id('shop', network.storefront.id)}"
        shown = made(rosa.patch(path, version=1, assortment_id=rosa_s["id"]))
        assert shown["assortment_id"] == rosa_s["id"]
        refused(
            rosa.patch(path, version=2, assortment_id=mira_s["id"]),
            status=400,
            code="storefronts.assortment_unfit",
        )
        refused(
            rosa.post(
                "/storefronts", slug="second", name="Second", country="BR", currency="BRL",
                assortment_id=mira_s["id"],
            ),
            status=400,
            code="storefronts.assortment_unfit",
        )  # fmt: skip
        assert made(rosa.patch(path, version=2, assortment_id=None))["assortment_id"] is None

    def test_narrows_a_trading_account_of_its_owner_s(self, client, rosa, network, mira_s, rosa_s):
        path = f"/trading-accounts/{public_id('acct', network.account.id)}"
        assert made(rosa.patch(path, version=1, assortment_id=rosa_s["id"]))["version"] == 2
        refused(
            rosa.patch(path, version=2, assortment_id=mira_s["id"]),
            status=400,
            code="network.assortment_unfit",
        )
        berta = Voice(client, network.berta)
        refused(
            berta.patch(path, version=2, assortment_id=None),
            status=403,
            code="network.not_your_move",
        )

    def test_cannot_be_forgotten(self, rosa, network, rosa_s):
        shop = f"/storefronts/{public_id('shop', network.storefront.id)}"
        path = f"/assortments/{rosa_s['id']}"
        made(rosa.patch(shop, version=1, assortment_id=rosa_s["id"]))
        body = refused(rosa.delete(path), status=409, code="assortments.in_use")
        assert body["uses"] == {"agreement_terms": 0, "storefronts": 1, "trading_accounts": 0}
        made(rosa.patch(shop, version=2, assortment_id=None))
        assert rosa.delete(path).status_code == 204
        refused(rosa.get(path), status=404, code="assortments.assortment_not_found")

    def test_tells_whom_it_binds_when_it_changes(self, session, mira, network, mira_s):
        agreement = f"/agreements/{public_id('agr', network.dieter_terms.agreement_id)}/terms"
        made(mira.post(agreement, **self.terms(mira_s)))
        made(mira.patch(f"/assortments/{mira_s['id']}", version=1, rules=[]))
        told = session.scalars(
            select(OutboxEvent).where(OutboxEvent.name == "assortment.changed")
        ).one()
        assert told.audience == [network.mira.id, network.dieter.id]
        assert told.payload["version"] == 2
