"""Mira keeps her catalog; her network reads it; Theo, from elsewhere, finds nothing."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.kernel.ids import public_id
from app.network.models import Agreement
from tests.factories.catalog import CategoryFactory, ProductFactory, VariantFactory
from tests.factories.network import Network
from tests.support.api import Voice, made, refused
from tests.support.statements import count_statements


def a_product(voice: Voice) -> dict:
    category = made(voice.post("/categories", code="tools", name="Tools"))
    return made(
        voice.post("/products", category_id=category["id"], code="drill", name="Hammer drill")
    )


class TestCategories:
    def test_form_a_tree(self, mira: Voice) -> None:
        root = made(mira.post("/categories", code="tools", name="Tools"))
        child = made(mira.post("/categories", code="drills", name="Drills", parent_id=root["id"]))
        assert child["path"] == [root["id"], child["id"]]
        made(mira.post("/categories", code="paint", name="Paint"))
        within = made(mira.get("/categories", within_id=root["id"]))
        assert [each["code"] for each in within["items"]] == ["tools", "drills"]

    def test_have_codes_of_their_own(self, mira: Voice) -> None:
        made(mira.post("/categories", code="tools", name="Tools"))
        refused(
            mira.post("/categories", code="tools", name="Again"),
            status=409,
            code="catalog.code_taken",
        )

    def test_do_not_hang_below_a_stranger_s(self, mira: Voice, theo: Voice) -> None:
        root = made(mira.post("/categories", code="tools", name="Tools"))
        refused(
            theo.post("/categories", code="mine", name="Mine", parent_id=root["id"]),
            status=404,
            code="catalog.category_not_found",
        )

    def test_are_kept_by_manufacturers_only(self, client: FlaskClient, network: Network) -> None:
        operator = Voice(client, network.operator)
        refused(
            operator.post("/categories", code="tools", name="Tools"),
            status=403,
            code="catalog.not_a_manufacturer",
        )


class TestProducts:
    def test_are_made_read_and_changed(self, mira: Voice) -> None:
        product = a_product(mira)
        shown = mira.get(f"/products/{product['id']}")
        assert made(shown) == product
        assert shown.headers["ETag"] == '"1"'
        changed = made(mira.patch(f"/products/{product['id']}", version=1, brand="Mira"))
        assert (changed["brand"], changed["version"]) == ("Mira", 2)

    def test_are_not_overwritten_unseen(self, mira: Voice) -> None:
        product = a_product(mira)
        made(mira.patch(f"/products/{product['id']}", version=1, name="First"))
        late = mira.patch(f"/products/{product['id']}", version=1, name="Second")
        refused(late, status=412, code="http.precondition_failed")
        blind = mira.patch(f"/products/{product['id']}", version=None, name="Third")
        refused(blind, status=428, code="http.precondition_required")

    def test_take_their_variants_along_to_another_category(self, mira: Voice) -> None:
        product = a_product(mira)
        variant = made(
            mira.post("/variants", product_id=product["id"], sku="D-1", name="Drill", weight_g=900)
        )
        other = made(mira.post("/categories", code="power", name="Power tools"))
        made(mira.patch(f"/products/{product['id']}", version=1, category_id=other["id"]))
        assert made(mira.get(f"/variants/{variant['id']}"))["category_id"] == other["id"]

    def test_are_listed_by_category_with_all_below_it(self, mira: Voice) -> None:
        product = a_product(mira)
        below = made(
            mira.post("/categories", code="sds", name="SDS", parent_id=product["category_id"])
        )
        made(mira.post("/products", category_id=below["id"], code="sds-1", name="SDS drill"))
        made(mira.post("/categories", code="other", name="Other"))
        found = made(mira.get("/products", category_id=product["category_id"]))
        assert [each["code"] for each in found["items"]] == ["drill", "sds-1"]


class TestVariants:
    FACTS = {  # noqa: RUF012 - never changed
        "sku": "D-1",
        "gtin": "4006381333931",
        "part_number": "HD 900-1",
        "name": "Hammer drill 900 W",
        "attributes": {"power_w": 900, "colour": "blue", "cordless": False},
        "unit_code": "C62",
        "pack_quantity": 4,
        "weight_g": 2400,
        "length_mm": 350,
        "width_mm": 90,
        "height_mm": 220,
    }

    def test_carry_identifiers_units_and_sizes(self, mira: Voice) -> None:
        product = a_product(mira)
        variant = made(mira.post("/variants", product_id=product["id"], **self.FACTS))
        assert {name: variant[name] for name in self.FACTS} == self.FACTS
        assert (variant["status"], variant["draft"]) == ("draft", {"status": "active"})
        assert variant["category_id"] == product["category_id"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("gtin", "4006381333932"),
            ("unit_code", "piece"),
            ("weight_g", -1),
            ("pack_quantity", 0),
            ("attributes", {"nested": {"no": 1}}),
            ("status", "gone"),
        ],
    )
    def test_are_refused_with_a_pointer_at_what_is_wrong(
        self, mira: Voice, field: str, value: object
    ) -> None:
        product = a_product(mira)
        answer = mira.post("/variants", product_id=product["id"], **{**self.FACTS, field: value})
        body = refused(answer, status=422, code="http.malformed")
        assert body["errors"][0]["pointer"].startswith(f"/{field}")

    def test_never_share_a_sku_or_a_gtin(self, mira: Voice) -> None:
        product = a_product(mira)
        made(mira.post("/variants", product_id=product["id"], **self.FACTS))
        again = {**self.FACTS, "gtin": None}
        refused(
            mira.post("/variants", product_id=product["id"], **again),
            status=409,
            code="catalog.sku_taken",
        )
        again = {**self.FACTS, "sku": "D-2"}
        refused(
            mira.post("/variants", product_id=product["id"], **again),
            status=409,
            code="catalog.gtin_taken",
        )

    def test_are_withdrawn_by_a_publication(self, mira: Voice) -> None:
        product = a_product(mira)
        variant = made(mira.post("/variants", product_id=product["id"], **self.FACTS))
        path = f"/variants/{variant['id']}"
        refused(
            mira.patch(path, version=1, status="withdrawn"),
            status=409,
            code="state.transition_not_allowed",
        )
        made(mira.post("/catalog/publications"))
        asked = made(mira.patch(path, version=2, status="withdrawn"))
        assert (asked["status"], asked["draft"]) == ("active", {"status": "withdrawn"})
        made(mira.post("/catalog/publications"))
        assert made(mira.get(path))["status"] == "withdrawn"

    def test_are_found_by_sku_gtin_and_beginning_of_name(self, mira: Voice) -> None:
        product = a_product(mira)
        variant = made(mira.post("/variants", product_id=product["id"], **self.FACTS))
        other = {**self.FACTS, "sku": "D-2", "gtin": None, "name": "100 % hammer"}
        made(mira.post("/variants", product_id=product["id"], **other))
        for search in ({"sku": "D-1"}, {"gtin": "4006381333931"}, {"name": "hammer D"}):
            found = made(mira.get("/variants", **search))["items"]
            assert [each["id"] for each in found] == [variant["id"]], search
        assert len(made(mira.get("/variants", name="1"))["items"]) == 1
        assert made(mira.get("/variants", name="%"))["items"] == []

    def test_are_paged_in_one_statement_a_page(self, mira: Voice, network: Network) -> None:
        product = ProductFactory(manufacturer_id=network.mira.id)
        for _ in range(5):
            VariantFactory(manufacturer_id=network.mira.id, product=product)
        first = made(mira.get("/variants", limit=3))
        with count_statements() as statements:
            rest = made(mira.get("/variants", limit=3, cursor=first["next_cursor"]))
        assert statements.about("catalog_variants") == 1
        assert len(first["items"]) + len(rest["items"]) == 5
        assert rest["next_cursor"] is None


class TestWhoMayRead:
    @pytest.mark.parametrize(
        ("reader", "status"),
        [
            ("operator", 200),
            ("mira", 200),
            ("dieter", 200),  # has an agreement
            ("rosa", 200),  # owns the storefront in which Dieter sells
            ("berta", 200),  # has an account with Rosa
            ("theo", 404),
        ],
    )
    def test_is_who_trades_with_the_manufacturer(
        self, client: FlaskClient, network: Network, reader: str, status: int
    ) -> None:
        variant = VariantFactory(manufacturer_id=network.mira.id)
        product = public_id("prod", variant.product_id)
        voice = Voice(client, getattr(network, reader))
        expected = [public_id("var", variant.id)] if status == 200 else []
        found = made(voice.get("/variants"))["items"]
        assert [each["id"] for each in found] == expected
        assert voice.get(f"/products/{product}").status_code == status

    def test_ends_with_the_agreement_and_the_account(
        self, client: FlaskClient, network: Network, session: Session
    ) -> None:
        VariantFactory(manufacturer_id=network.mira.id)
        network.account.status = "suspended"
        session.flush()
        assert made(Voice(client, network.berta).get("/variants"))["items"] == []
        assert made(Voice(client, network.rosa).get("/variants"))["items"] != []
        session.query(Agreement).update({"status": "terminated"})
        assert made(Voice(client, network.rosa).get("/variants"))["items"] == []
        assert made(Voice(client, network.dieter).get("/variants"))["items"] == []

    def test_of_drafts_is_the_manufacturer_alone(
        self, client: FlaskClient, network: Network, mira: Voice
    ) -> None:
        draft = VariantFactory(manufacturer_id=network.mira.id, status="draft")
        path = f"/variants/{public_id('var', draft.id)}"
        assert made(mira.get(path))["status"] == "draft"
        refused(
            Voice(client, network.dieter).get(path), status=404, code="catalog.variant_not_found"
        )


class TestWhoMayWrite:
    def test_is_not_a_colleague_who_may_only_read(self, mira: Voice, clerk: Voice) -> None:
        product = a_product(mira)
        made(clerk.get(f"/products/{product['id']}"))
        for answer in (
            clerk.post("/categories", code="x", name="X"),
            clerk.patch(f"/products/{product['id']}", version=1, name="X"),
            clerk.post("/variants", product_id=product["id"], sku="X", name="X", weight_g=1),
        ):
            refused(answer, status=403, code="auth.forbidden")

    def test_is_not_the_operator(self, client: FlaskClient, network: Network, mira: Voice) -> None:
        product = a_product(mira)
        refused(
            Voice(client, network.operator).patch(
                f"/products/{product['id']}", version=1, name="X"
            ),
            status=403,
            code="catalog.not_the_manufacturer",
        )

    def test_is_not_a_stranger_who_learns_nothing(self, mira: Voice, theo: Voice) -> None:
        product = a_product(mira)
        variant = made(
            mira.post("/variants", product_id=product["id"], sku="D-1", name="Drill", weight_g=1)
        )
        for answer, code in (
            (theo.patch(f"/products/{product['id']}", version=1, name="X"), "product"),
            (theo.patch(f"/variants/{variant['id']}", version=1, name="X"), "variant"),
            (theo.get(f"/categories/{product['category_id']}"), "category"),
            (
                theo.post("/variants", product_id=product["id"], sku="X", name="X", weight_g=1),
                "product",
            ),
        ):
            refused(answer, status=404, code=f"catalog.{code}_not_found")


def test_lists_of_categories_and_products_are_one_statement(mira: Voice, network: Network) -> None:
    for _ in range(3):
        ProductFactory(manufacturer_id=network.mira.id)
    CategoryFactory(manufacturer_id=network.mira.id)
    for path, table, size in (
        ("/categories", "catalog_categories", 4),
        ("/products", "catalog_products", 3),
    ):
        with count_statements() as statements:
            assert len(made(mira.get(path))["items"]) == size
        assert statements.about(table) == 1
