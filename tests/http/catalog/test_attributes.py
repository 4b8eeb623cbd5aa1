"""Mira says what her values mean; what does not fit is refused with a pointer at it."""

import pytest

from tests.http.catalog.story import a_live_variant, a_product, a_variant, change, publish, read
from tests.support.api import Voice, made, refused

COLOURS = [
    {"code": "white", "name": "white", "translations": {"de": {"name": "weiß"}}},
    {"code": "sage", "name": "sage"},
]
DEFINITIONS = (
    {"code": "section", "name": "Section", "kind": "text"},
    {"code": "power", "name": "Power", "kind": "number", "unit_code": "WTT"},
    {"code": "colour", "name": "Colour", "kind": "enumeration", "options": COLOURS,
     "is_facet": True, "translations": {"de": {"name": "Farbe"}}},
    {"code": "cordless", "name": "Cordless", "kind": "boolean"},
    {"code": "slogan", "name": "Slogan", "kind": "localized"},
)  # fmt: skip
GOOD = {
    "section": "3G1.5", "power": 12.5, "colour": "sage", "cordless": True,
    "slogan": {"en": "It drills", "pt-BR": "Fura"},
}  # fmt: skip


@pytest.fixture
def defined(mira: Voice) -> dict[str, dict]:
    return {each["code"]: made(mira.post("/attributes", **each)) for each in DEFINITIONS}


@pytest.mark.usefixtures("defined")
class TestAValue:
    def test_of_every_kind_is_kept_as_it_is(self, mira: Voice) -> None:
        variant = a_live_variant(mira, attributes=GOOD)
        assert read(mira, variant)["attributes"] == GOOD

    @pytest.mark.parametrize(
        ("code", "value", "problem"),
        [
            ("section", 3, "attribute_mistyped"),
            ("power", "12", "attribute_mistyped"),
            ("colour", "pink", "option_unknown"),
            ("colour", 7, "attribute_mistyped"),
            ("cordless", "yes", "attribute_mistyped"),
            ("slogan", "Drill!", "attribute_mistyped"),
        ],
    )
    def test_of_another_kind_is_refused(
        self, mira: Voice, code: str, value: object, problem: str
    ) -> None:
        product = a_product(mira)
        answer = mira.post(
            "/variants", product_id=product["id"], sku="D-1", name="Drill", weight_g=1,
            attributes={**GOOD, code: value},
        )  # fmt: skip
        (wrong,) = refused(answer, status=422, code="catalog.changes_invalid")["errors"]
        assert (wrong["pointer"], wrong["code"]) == (f"/attributes/{code}", problem)

    def test_that_does_not_fit_is_refused_for_a_published_variant_too(self, mira: Voice) -> None:
        variant = a_live_variant(mira, attributes=GOOD)
        answer = mira.patch(
            f"/variants/{variant['id']}", version=variant["version"], attributes={"power": "much"}
        )
        refused(answer, status=422, code="catalog.changes_invalid")
        change(mira, "variants", variant, weight_g=5)  # what was refused is not kept
        assert read(mira, variant)["draft"] == {"weight_g": 5}

    def test_without_a_definition_is_free_and_warned_of(self, mira: Voice) -> None:
        a_variant(mira, a_product(mira), "D-1", attributes={"colur": "pink"})
        shown = made(mira.get("/catalog/changes"))["items"][-1]
        (problem,) = shown["problems"]
        assert (problem["pointer"], problem["severity"]) == ("/attributes/colur", "warning")


class TestADefinition:
    def test_is_read_in_the_reader_s_language(
        self, mira: Voice, dieter: Voice, defined: dict[str, dict]
    ) -> None:
        path = f"/attributes/{defined['colour']['id']}"
        refused(dieter.get(path), status=404, code="catalog.attribute_not_found")
        publish(mira)
        shown = made(dieter.get(path, locale="de"))
        assert (shown["name"], shown["locale"], shown["is_facet"]) == ("Farbe", "de", True)
        assert shown["options"] == COLOURS

    def test_keeps_its_kind_once_published(self, mira: Voice, defined: dict[str, dict]) -> None:
        change(mira, "attributes", defined["section"], kind="boolean")
        publish(mira)
        version = made(mira.get(f"/attributes/{defined['section']['id']}"))["version"]
        answer = mira.patch(f"/attributes/{defined['section']['id']}", version=version, kind="text")
        refused(answer, status=409, code="catalog.kind_is_fixed")

    @pytest.mark.parametrize(
        "facts",
        [
            {"kind": "text", "unit_code": "MMT"},
            {"kind": "enumeration"},
            {"kind": "number", "options": COLOURS},
        ],
    )
    def test_has_units_for_numbers_and_options_for_enumerations(
        self, mira: Voice, facts: dict
    ) -> None:
        answer = mira.post("/attributes", code="odd", name="Odd", **facts)
        refused(answer, status=400, code="catalog.attribute_form")

    def test_does_not_lose_an_option_that_is_in_use(
        self, mira: Voice, defined: dict[str, dict]
    ) -> None:
        variant = a_live_variant(mira, attributes=GOOD)
        change(mira, "attributes", defined["colour"], options=COLOURS[:1])
        body = refused(
            mira.post("/catalog/publications"), status=422, code="catalog.changes_invalid"
        )
        assert [each["code"] for each in body["errors"]] == ["option_in_use"]
        change(mira, "variants", variant, attributes={**GOOD, "colour": "white"})
        publish(mira)

    def test_has_a_code_of_its_own(self, mira: Voice, defined: dict[str, dict]) -> None:
        answer = mira.post("/attributes", **DEFINITIONS[0])
        refused(answer, status=409, code="catalog.code_taken")

    def test_is_no_stranger_s_to_change(
        self, mira: Voice, theo: Voice, dieter: Voice, defined: dict[str, dict]
    ) -> None:
        publish(mira)
        path = f"/attributes/{defined['section']['id']}"
        answer = theo.patch(path, version=1, name="X")
        refused(answer, status=404, code="catalog.attribute_not_found")
        assert dieter.patch(path, version=1, name="X").status_code == 403


def test_units_are_listed_with_their_names(mira: Voice) -> None:
    units = {each["code"]: each["name"] for each in made(mira.get("/units"))["items"]}
    assert (units["C62"], units["MTR"], units["XBX"]) == ("one", "metre", "box")
