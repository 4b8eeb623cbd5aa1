"""Variants come, are followed by others and go; media, packs, customs codes and languages."""

import pytest

from app.kernel.ids import public_id
from tests.factories.catalog import VariantFactory
from tests.factories.network import Network
from tests.http.catalog.story import a_live_variant, a_product, change, publish, read
from tests.support.api import Voice, made, refused


class TestAPhasedOutVariant:
    def test_names_its_successor(self, mira: Voice, dieter: Voice) -> None:
        old, new = a_live_variant(mira, "D-1"), a_live_variant(mira, "D-2")
        change(mira, "variants", old, status="phase_out", successor_id=new["id"])
        publish(mira)
        seen = read(dieter, old)
        assert (seen["status"], seen["successor_id"]) == ("phase_out", new["id"])

    def test_forgets_it_when_reinstated(self, mira: Voice) -> None:
        old, new = a_live_variant(mira, "D-1"), a_live_variant(mira, "D-2")
        change(mira, "variants", old, status="phase_out", successor_id=new["id"])
        publish(mira)
        change(mira, "variants", old, status="active")
        publish(mira)
        seen = read(mira, old)
        assert (seen["status"], seen["successor_id"]) == ("active", None)

    @pytest.mark.parametrize("which", ["itself", "stranger", "withdrawn"])
    def test_is_not_followed_by_what_will_not_be_in_sale(
        self, mira: Voice, network: Network, which: str
    ) -> None:
        old, gone = a_live_variant(mira, "D-1"), a_live_variant(mira, "D-2")
        change(mira, "variants", gone, status="withdrawn")
        publish(mira)
        theirs = VariantFactory(manufacturer_id=network.theo.id)
        successor = {
            "itself": old["id"], "withdrawn": gone["id"], "stranger": public_id("var", theirs.id),
        }[which]  # fmt: skip
        version = read(mira, old)["version"]
        answer = mira.patch(
            f"/variants/{old['id']}", version=version, status="phase_out", successor_id=successor
        )
        assert answer.status_code == (404 if which == "stranger" else 422)

    def test_alone_has_a_successor(self, mira: Voice) -> None:
        old, new = a_live_variant(mira, "D-1"), a_live_variant(mira, "D-2")
        answer = mira.patch(
            f"/variants/{old['id']}", version=old["version"], successor_id=new["id"]
        )
        (wrong,) = refused(answer, status=422, code="catalog.changes_invalid")["errors"]
        assert wrong["pointer"] == "/successor_id"

    def test_never_becomes_a_draft_again(self, mira: Voice) -> None:
        old = a_live_variant(mira)
        answer = mira.patch(f"/variants/{old['id']}", version=old["version"], status="draft")
        refused(answer, status=409, code="state.transition_not_allowed")


class TestWhatIsInUse:
    def test_is_not_withdrawn_before_what_uses_it(self, mira: Voice) -> None:
        variant = a_live_variant(mira)
        change(mira, "products", {"id": variant["product_id"]}, status="withdrawn")
        change(mira, "categories", {"id": variant["category_id"]}, status="withdrawn")
        body = refused(
            mira.post("/catalog/publications"), status=422, code="catalog.changes_invalid"
        )
        assert [each["code"] for each in body["errors"]] == ["variants_in_sale"]
        change(mira, "variants", variant, status="withdrawn")
        publish(mira)
        assert read(mira, variant)["status"] == "withdrawn"

    def test_keeps_its_sku_to_itself(self, mira: Voice) -> None:
        one, two = a_live_variant(mira, "D-1"), a_live_variant(mira, "D-2")
        answer = mira.patch(f"/variants/{two['id']}", version=two["version"], sku="D-1")
        (wrong,) = refused(answer, status=422, code="catalog.changes_invalid")["errors"]
        assert (wrong["pointer"], wrong["code"]) == ("/sku", "sku_taken")
        change(mira, "variants", one, sku="NEW")
        change(mira, "variants", two, name="Another")
        publish(mira)
        change(mira, "variants", two, sku="D-1")
        publish(mira)
        assert read(mira, two)["sku"] == "D-1"

    def test_is_not_claimed_twice_in_one_publication(self, mira: Voice) -> None:
        for each in (a_live_variant(mira, "D-1"), a_live_variant(mira, "D-2")):
            change(mira, "variants", each, sku="SAME")
        body = refused(
            mira.post("/catalog/publications"), status=422, code="catalog.changes_invalid"
        )
        assert [each["code"] for each in body["errors"]] == ["sku_taken", "sku_taken"]


class TestFacts:
    PACKS = [  # noqa: RUF012 - never changed
        {"unit_code": "XBX", "quantity": 10, "gtin": "14006381333938"},
        {"unit_code": "XPX", "quantity": 480, "gtin": None},
    ]
    MEDIA = [  # noqa: RUF012 - never changed
        {"url": "https://media.example/b.jpg", "kind": "image", "alt": "Back", "position": 2},
        {"url": "https://media.example/a.jpg", "kind": "image", "alt": "Front", "position": 1},
    ]

    def test_of_packs_media_and_customs_are_kept(self, mira: Voice) -> None:
        variant = a_live_variant(
            mira, packs=self.PACKS, media=self.MEDIA, customs_code="84672110", gtin="4006381333931"
        )
        assert variant["packs"] == self.PACKS
        assert [each["alt"] for each in variant["media"]] == ["Front", "Back"]
        assert variant["customs_code"] == "84672110"

    @pytest.mark.parametrize(
        ("field", "value", "pointer"),
        [
            ("customs_code", "8467.21", "/customs_code"),
            ("customs_code", "84672", "/customs_code"),
            ("packs", [{"unit_code": "XBX", "quantity": 0}], "/packs/0/quantity"),
            ("packs", [{"unit_code": "BOX!", "quantity": 2}], "/packs/0/unit_code"),
            ("packs", [PACKS[0], PACKS[0]], "/packs"),
            ("media", [{"url": "http://media.example/a", "kind": "image"}], "/media/0/url"),
            ("media", [{"url": "https://me@media.example/a", "kind": "image"}], "/media/0/url"),
            ("media", [{"url": "https://media.example/a", "kind": "virus"}], "/media/0/kind"),
            ("media", [MEDIA[0]] * 51, "/media"),
            ("unit_code", "ZZ9", "/unit_code"),
            ("translations", {"deutsch": {"name": "X"}}, "/translations/deutsch/key"),
            ("translations", {"de": {"nom": "X"}}, "/translations/de/value/nom"),
        ],
    )
    def test_that_are_none_are_refused_where_they_stand(
        self, mira: Voice, field: str, value: object, pointer: str
    ) -> None:
        product = a_product(mira)
        answer = mira.post(
            "/variants", product_id=product["id"], sku="D-1", name="D", weight_g=1, **{field: value}
        )
        body = refused(answer, status=422, code="http.malformed")
        assert body["errors"][0]["pointer"] == pointer

    def test_of_a_pack_never_share_a_variant_s_gtin(self, mira: Voice) -> None:
        a_live_variant(mira, "D-1", gtin="4006381333931")
        product = a_product(mira, "other")
        answer = mira.post(
            "/variants", product_id=product["id"], sku="D-2", name="D", weight_g=1,
            packs=[{"unit_code": "XBX", "quantity": 5, "gtin": "4006381333931"}],
        )  # fmt: skip
        (wrong,) = refused(answer, status=422, code="catalog.changes_invalid")["errors"]
        assert wrong["pointer"] == "/packs/0/gtin"


class TestALanguage:
    TEXTS = {  # noqa: RUF012 - never changed
        "en": {"name": "Hammer drill"}, "pt": {"name": "Furadeira"}, "de": {"name": "Bohrhammer"},
    }  # fmt: skip

    @pytest.mark.parametrize(
        ("locale", "name", "found"),
        [
            ("de", "Bohrhammer", "de"),
            ("de-AT", "Bohrhammer", "de"),
            ("pt-BR", "Furadeira", "pt"),
            ("es", "Hammer drill", "en"),
            ("nonsense!", "Base", None),
        ],
    )
    def test_that_is_asked_for_is_answered_as_well_as_can_be(
        self, mira: Voice, dieter: Voice, locale: str, name: str, found: str | None
    ) -> None:
        variant = a_live_variant(mira, name="Base", translations=self.TEXTS)
        seen = read(dieter, variant, locale=locale)
        assert (seen["name"], seen["locale"]) == (name, found)
        (listed,) = made(dieter.get("/variants", locale=locale))["items"]
        assert listed["name"] == name

    def test_that_a_browser_prefers_is_answered(self, mira: Voice, dieter: Voice) -> None:
        variant = a_live_variant(mira, name="Base", translations=self.TEXTS)
        dieter.headers["Accept-Language"] = "fr;q=0.4, pt-BR;q=0.9, *;q=0.1"
        answer = dieter.get(f"/variants/{variant['id']}")
        assert made(answer)["name"] == "Furadeira"
        assert "Accept-Language" in answer.headers["Vary"]
        del dieter.headers["Accept-Language"]
        assert read(dieter, variant)["name"] == "Base"
