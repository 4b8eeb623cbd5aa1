"""Mira sees whom a publication changes what for, before and after a category moved."""

import pytest
from sqlalchemy import text

from app.infra.db import db
from app.kernel.ids import parse_id
from tests.factories.catalog import OfferFactory, VariantFactory
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
from tests.support.statements import count_statements

MANY = text("""
INSERT INTO catalog_variants (id, product_id, manufacturer_id, category_id, sku, name, weight_g,
                              status, draft, created_at)
SELECT gen_random_uuid(), :product_id, :manufacturer_id, v.category_id, 'M-' || n, 'Many', 1,
       CASE WHEN n % 2 = 0 THEN 'draft' ELSE 'active' END,
       CASE WHEN n % 2 = 0 THEN CAST('{"status": "active"}' AS jsonb) ELSE '{"weight_g": 2}' END,
       v.created_at
FROM generate_series(1, 2000) n, catalog_variants v WHERE v.id = :like
""")


class TestTheImpact:
    def test_is_told_by_seller_and_storefront(self, mira: Voice, network: Network) -> None:
        variants = [VariantFactory(manufacturer_id=network.mira.id) for _ in range(3)]
        for variant in variants:
            OfferFactory(seller_id=network.dieter.id, variant_id=variant.id)
        OfferFactory(seller_id=network.wanda.id, variant_id=variants[0].id)
        old, new, packed = made(mira.get("/variants"))["items"]
        change(mira, "variants", old, status="phase_out", successor_id=new["id"])
        change(mira, "variants", packed, pack_quantity=6)

        impact = made(mira.get("/catalog/changes/impact"))

        dieters, wandas = impact["sellers"]
        assert (dieters["name"], dieters["offers"]) == ("Dieter Distribution", 2)
        assert dieters["kinds"] == {"packs_changed": 1, "phased_out": 1, "successor_named": 1}
        assert (wandas["offers"], impact["sellers_total"]) == (1, 2)
        (shop,) = impact["storefronts"]
        assert (shop["name"], shop["sellers"], shop["offers"]) == (network.storefront.name, 2, 3)

    def test_reaches_variants_through_their_product_and_category(
        self, mira: Voice, network: Network
    ) -> None:
        variant = a_live_variant(mira)
        product = {"id": variant["product_id"]}
        change(mira, "products", product, brand="Mira")
        other = made(mira.post("/categories", code="other", name="Other"))
        change(mira, "categories", {"id": variant["category_id"]}, parent_id=other["id"])
        raw = VariantFactory(manufacturer_id=network.mira.id)
        for each in (raw.id, parse_id("var", variant["id"])):
            OfferFactory(seller_id=network.dieter.id, variant_id=each)

        (dieters,) = made(mira.get("/catalog/changes/impact"))["sellers"]

        assert (dieters["offers"], dieters["kinds"]) == (
            1, {"category_changed": 1, "described_anew": 1},
        )  # fmt: skip


class TestAMovedCategory:
    @pytest.fixture
    def tree(self, mira: Voice) -> dict[str, dict]:
        found: dict[str, dict] = {}
        for code, parent in (("a", None), ("b", "a"), ("c", "b"), ("z", None)):
            above = {"parent_id": found[parent]["id"]} if parent else {}
            found[code] = made(mira.post("/categories", code=code, name=code, **above))
        return found

    def paths(self, mira: Voice) -> dict[str, str]:
        items = made(mira.get("/categories"))["items"]
        names = {each["id"]: each["code"] for each in items}
        return {each["code"]: "/".join(names[step] for step in each["path"]) for each in items}

    def test_takes_all_below_it_along_at_once_while_unpublished(
        self, mira: Voice, tree: dict[str, dict]
    ) -> None:
        change(mira, "categories", tree["b"], parent_id=tree["z"]["id"])
        assert self.paths(mira) == {"a": "a", "b": "z/b", "c": "z/b/c", "z": "z"}

    def test_takes_all_below_it_along_with_the_publication(
        self, mira: Voice, tree: dict[str, dict]
    ) -> None:
        publish(mira)
        change(mira, "categories", tree["b"], parent_id=tree["z"]["id"], name="Bee")
        assert self.paths(mira)["c"] == "a/b/c"
        second = publish(mira)

        assert self.paths(mira) == {"a": "a", "b": "z/b", "c": "z/b/c", "z": "z"}
        moved = {each["label"]: each["fields"] for each in changes_of(mira, second)}
        assert [each["field"] for each in moved["b"]] == ["name", "parent_id", "path"]
        assert [each["field"] for each in moved["c"]] == ["path"]
        (_, first, _) = made(mira.get("/catalog/publications"))["items"]
        made(mira.post(f"/catalog/publications/{first['id']}/rollback"))
        assert self.paths(mira)["c"] == "a/b/c"

    def test_never_lies_below_itself(self, mira: Voice, tree: dict[str, dict]) -> None:
        def below_itself() -> None:
            version = made(mira.get(f"/categories/{tree['a']['id']}"))["version"]
            body = refused(
                mira.patch(
                    f"/categories/{tree['a']['id']}", version=version, parent_id=tree["c"]["id"]
                ),
                status=422,
                code="catalog.changes_invalid",
            )
            assert body["errors"][0]["pointer"] == "/parent_id"

        below_itself()
        publish(mira)
        below_itself()

    def test_takes_the_variants_of_a_moved_product_along(self, mira: Voice) -> None:
        variant = a_live_variant(mira)
        other = made(mira.post("/categories", code="other", name="Other"))
        change(mira, "products", {"id": variant["product_id"]}, category_id=other["id"])
        assert read(mira, variant)["category_id"] == variant["category_id"]
        publish(mira)

        assert read(mira, variant)["category_id"] == other["id"]
        (_, first, _) = made(mira.get("/catalog/publications"))["items"]
        then = read(mira, variant, publication=first["id"])
        assert then["category_id"] == variant["category_id"]


def test_two_thousand_variants_are_published_in_as_many_statements_as_one(
    mira: Voice, network: Network
) -> None:
    product = a_product(mira)
    a_variant(mira, product, "ONE")
    with count_statements() as few:
        publish(mira)
    live = VariantFactory(manufacturer_id=network.mira.id)
    db.session.execute(
        MANY, {"product_id": live.product_id, "manufacturer_id": network.mira.id, "like": live.id}
    )
    with count_statements() as many:
        published = publish(mira)

    assert published["counts"] == {"variant": {"added": 1000, "changed": 1000}}
    # One kind of thing changed instead of three: two validations less. One is the search's, which
    # reads what was published.
    assert (few.about("catalog_"), many.about("catalog_")) == (15, 13)
