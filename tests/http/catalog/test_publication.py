"""Mira collects changes, sees what they do, publishes, looks back and goes back."""

from flask.testing import FlaskClient

from app.infra import outbox
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.notifications.handlers import fan_out
from tests.conftest import NOW
from tests.factories.catalog import VariantFactory
from tests.factories.network import Network
from tests.http.catalog.story import (
    a_live_variant,
    a_product,
    a_variant,
    change,
    changes_of,
    publish,
    read,
)
from tests.support.api import Voice, made, refused


class TestACollectedChange:
    def test_is_seen_by_nobody_else_until_it_is_published(self, mira: Voice, dieter: Voice) -> None:
        variant = a_live_variant(mira)

        changed = change(mira, "variants", variant, name="Drill of steel", weight_g=950)

        assert changed["name"] == variant["name"]
        assert changed["draft"] == {"name": "Drill of steel", "weight_g": 950}
        seen = read(dieter, variant)
        assert (seen["name"], "draft" in seen) == (variant["name"], False)
        publish(mira)
        assert read(dieter, variant)["name"] == "Drill of steel"

    def test_is_shown_with_old_and_new_values(self, mira: Voice) -> None:
        variant = a_live_variant(mira)
        change(mira, "variants", variant, weight_g=950)

        (shown,) = changes_of(mira)

        assert (shown["id"], shown["subject"], shown["label"]) == (variant["id"], "variant", "D-1")
        assert shown["change"] == "changed"
        assert shown["fields"] == [{"field": "weight_g", "old": 900, "new": 950}]

    def test_vanishes_when_all_is_as_it_was(self, mira: Voice) -> None:
        variant = a_live_variant(mira)
        change(mira, "variants", variant, weight_g=950)
        again = change(mira, "variants", variant, weight_g=900)

        assert again["draft"] == {}
        assert changes_of(mira) == []

    def test_is_discarded_alone_or_with_all_others(self, mira: Voice) -> None:
        first, second = a_live_variant(mira, "D-1"), a_live_variant(mira, "D-2")
        for each in (first, second):
            change(mira, "variants", each, weight_g=1)

        assert made(mira.delete(f"/catalog/changes?id={first['id']}")) == {"discarded": 1}
        assert [each["id"] for each in changes_of(mira)] == [second["id"]]
        refused(
            mira.delete(f"/catalog/changes?id={first['id']}"),
            status=404,
            code="catalog.change_not_found",
        )
        assert made(mira.delete("/catalog/changes")) == {"discarded": 1}
        assert changes_of(mira) == []

    def test_of_what_is_new_stays_its_makers_draft_when_discarded(self, mira: Voice) -> None:
        variant = a_variant(mira, a_product(mira), "D-1")
        made(mira.delete(f"/catalog/changes?id={variant['id']}"))
        publish(mira)

        assert read(mira, variant)["status"] == "draft"
        change(mira, "variants", variant, status="active")
        publish(mira)
        assert read(mira, variant)["status"] == "active"

    def test_is_no_stranger_s_business(self, mira: Voice, theo: Voice, clerk: Voice) -> None:
        a_product(mira)

        assert changes_of(theo) == []
        refused(clerk.get("/catalog/changes"), status=403, code="auth.forbidden")


class TestAPublication:
    def test_makes_everything_live_at_once(self, mira: Voice, dieter: Voice) -> None:
        variant = a_variant(mira, a_product(mira), "D-1")
        refused(
            dieter.get(f"/variants/{variant['id']}"), status=404, code="catalog.variant_not_found"
        )
        published = publish(mira, "Spring")

        assert (published["number"], published["note"]) == (1, "Spring")
        assert published["counts"] == {
            "category": {"added": 1}, "product": {"added": 1}, "variant": {"added": 1},
        }  # fmt: skip
        assert read(dieter, variant)["status"] == "active"

    def test_needs_something_to_publish(self, mira: Voice) -> None:
        refused(mira.post("/catalog/publications"), status=409, code="catalog.nothing_to_publish")

    def test_is_not_for_who_may_only_write(self, client: FlaskClient, network: Network) -> None:
        editor = Voice(client, network.mira, ("catalog.read", "catalog.write"))
        a_product(editor)
        refused(editor.post("/catalog/publications"), status=403, code="auth.forbidden")

    def test_is_refused_with_a_pointer_at_each_thing_that_is_wrong(self, mira: Voice) -> None:
        product = a_product(mira)
        held_back = change(mira, "products", product, status="draft")
        variant = a_variant(mira, held_back, "D-1")

        body = refused(
            mira.post("/catalog/publications"), status=422, code="catalog.changes_invalid"
        )

        (wrong,) = body["errors"]
        assert (wrong["subject"], wrong["pointer"]) == (variant["id"], "/product_id")
        assert wrong["code"] == "product_unpublished"
        assert read(mira, variant)["status"] == "draft"
        (_, shown) = changes_of(mira)
        assert [each["code"] for each in shown["problems"]] == ["product_unpublished"]

    def test_is_published_in_spite_of_warnings(self, mira: Voice) -> None:
        variant = a_live_variant(mira)
        change(mira, "variants", variant, status="phase_out")
        (shown,) = changes_of(mira)

        assert [each["severity"] for each in shown["problems"]] == ["warning"]
        assert shown["change"] == "phased_out"
        publish(mira)
        assert read(mira, variant)["status"] == "phase_out"

    def test_tells_what_it_changed_for_ever(self, mira: Voice, dieter: Voice) -> None:
        variant = a_live_variant(mira)
        change(mira, "variants", variant, weight_g=950)
        second = publish(mira)
        change(mira, "variants", variant, weight_g=1000)
        publish(mira)

        (shown,) = changes_of(dieter, second)

        assert shown["fields"] == [{"field": "weight_g", "old": 900, "new": 950}]
        numbers = [each["number"] for each in made(dieter.get("/catalog/publications"))["items"]]
        assert numbers == [0, 1, 2, 3]

    def test_is_not_known_to_strangers(self, mira: Voice, theo: Voice) -> None:
        a_live_variant(mira)
        (_, published) = made(mira.get("/catalog/publications"))["items"]

        assert made(theo.get("/catalog/publications"))["items"] == []
        path = f"/catalog/publications/{published['id']}"
        for answer in (
            theo.get(path),
            theo.get(f"{path}/changes"),
            theo.post(f"{path}/rollback"),
            theo.get("/variants", publication=published["id"]),
        ):
            refused(answer, status=404, code="catalog.publication_not_found")

    def test_is_told_to_sellers_and_storefronts_change_by_change(
        self, client: FlaskClient, mira: Voice, network: Network
    ) -> None:
        variant = a_live_variant(mira)
        change(mira, "variants", variant, weight_g=950)
        second = publish(mira)
        with transaction(db.session) as session:
            outbox.relay(session, handlers={}, of_all=[fan_out], now=NOW, limit=1000)

        told = {
            name: [
                each
                for each in made(Voice(client, getattr(network, name)).get("/events"))["items"]
                if each["data"].get("publication_id") == second["id"]
            ]
            for name in ("mira", "dieter", "wanda", "rosa", "berta", "theo")
        }

        assert [len(events) for events in told.values()] == [2, 2, 2, 2, 0, 0]
        whole, part = told["rosa"]
        assert (whole["name"], part["name"]) == ("catalog.published", "catalog.changed")
        assert whole["data"]["counts"] == {"variant": {"changed": 1}}
        assert (part["data"]["part"], part["data"]["parts"]) == (1, 1)
        assert part["data"]["changes"] == [
            {"subject": "variant", "id": variant["id"], "change": "changed", "fields": ["weight_g"]}
        ]


class TestTheCatalogAsOfThen:
    def test_is_read_by_publication(self, mira: Voice, dieter: Voice) -> None:
        variant = a_live_variant(mira)
        (_, first) = made(mira.get("/catalog/publications"))["items"]
        change(mira, "variants", variant, name="Renamed")
        publish(mira)
        later = a_live_variant(mira, "D-2")

        assert read(dieter, variant)["name"] == "Renamed"
        assert read(dieter, variant, publication=first["id"])["name"] == variant["name"]
        then = made(dieter.get("/variants", publication=first["id"]))["items"]
        assert [each["sku"] for each in then] == ["D-1"]
        refused(
            dieter.get(f"/variants/{later['id']}", publication=first["id"]),
            status=404,
            code="catalog.variant_not_found",
        )

    def test_has_categories_and_attributes_of_then(self, mira: Voice) -> None:
        category = {"id": a_live_variant(mira)["category_id"]}
        (_, first) = made(mira.get("/catalog/publications"))["items"]
        change(mira, "categories", category, name="Machines")
        power = made(mira.post("/attributes", code="power", name="Power", kind="number"))
        publish(mira)

        then = made(mira.get(f"/categories/{category['id']}", publication=first["id"]))
        assert then["name"] == "Tools"
        refused(
            mira.get(f"/attributes/{power['id']}", publication=first["id"]),
            status=404,
            code="catalog.attribute_not_found",
        )

    def test_is_read_by_instant(self, mira: Voice, network: Network) -> None:
        there_before = VariantFactory(manufacturer_id=network.mira.id, sku="OLD")
        a_live_variant(mira)
        mine = made(mira.get("/organizations"))["items"][0]["id"]

        def then(instant: str) -> list[str]:
            query = {"as_of": instant, "manufacturer_id": mine}
            return [each["sku"] for each in made(mira.get("/variants", **query))["items"]]

        assert then("2020-01-01T00:00:00Z") == [there_before.sku]
        assert then("2030-01-01T00:00:00Z") == ["OLD", "D-1"]
        refused(
            mira.get("/variants", as_of="2030-01-01T00:00:00Z"),
            status=422,
            code="catalog.manufacturer_not_named",
        )

    def test_knows_what_was_there_before_the_first_publication(
        self, mira: Voice, network: Network
    ) -> None:
        VariantFactory(manufacturer_id=network.mira.id, weight_g=500)
        variant = {"id": made(mira.get("/variants"))["items"][0]["id"]}
        change(mira, "variants", variant, weight_g=700)
        publish(mira)
        (baseline, _) = made(mira.get("/catalog/publications"))["items"]

        assert baseline["number"] == 0
        assert read(mira, variant, publication=baseline["id"])["weight_g"] == 500
        assert read(mira, variant)["weight_g"] == 700


class TestARollback:
    def test_makes_the_catalog_as_it_was_and_withdraws_what_was_added(self, mira: Voice) -> None:
        variant = a_live_variant(mira)
        (_, first) = made(mira.get("/catalog/publications"))["items"]
        change(mira, "variants", variant, name="Mistake", weight_g=1)
        publish(mira)
        added = a_live_variant(mira, "D-2")

        back = made(mira.post(f"/catalog/publications/{first['id']}/rollback", note="Sorry"))

        assert (back["number"], back["restores_number"], back["note"]) == (4, 1, "Sorry")
        now = read(mira, variant)
        assert (now["name"], now["weight_g"]) == (variant["name"], 900)
        assert read(mira, added)["status"] == "withdrawn"
        assert back["counts"]["variant"] == {"changed": 1, "withdrawn": 1}

    def test_leaves_what_is_collected_collected(self, mira: Voice) -> None:
        variant = a_live_variant(mira)
        (_, first) = made(mira.get("/catalog/publications"))["items"]
        change(mira, "variants", variant, weight_g=1)
        publish(mira)
        change(mira, "variants", variant, name="Soon")
        made(mira.post(f"/catalog/publications/{first['id']}/rollback"))

        now = read(mira, variant)
        assert (now["weight_g"], now["draft"]) == (900, {"name": "Soon"})

    def test_is_itself_rolled_back(self, mira: Voice) -> None:
        variant = a_live_variant(mira)
        change(mira, "variants", variant, name="New name")
        second = publish(mira)
        (_, first, _) = made(mira.get("/catalog/publications"))["items"]
        made(mira.post(f"/catalog/publications/{first['id']}/rollback"))
        made(mira.post(f"/catalog/publications/{second['id']}/rollback"))

        assert read(mira, variant)["name"] == "New name"

    def test_to_the_present_changes_nothing(self, mira: Voice) -> None:
        a_live_variant(mira)
        (_, last) = made(mira.get("/catalog/publications"))["items"]
        refused(
            mira.post(f"/catalog/publications/{last['id']}/rollback"),
            status=409,
            code="catalog.nothing_to_publish",
        )
        assert len(made(mira.get("/catalog/publications"))["items"]) == 2
