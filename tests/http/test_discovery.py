"""Search, suggestions, products and the feed over HTTP: the buyer, its shop's owner, visitors."""

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.catalog.models import Product, Variant
from app.discovery import schemas
from app.kernel.ids import public_id
from app.routing import operations as routing
from tests.factories import catalog as make
from tests.factories import network as net
from tests.factories.later import allows_backorders, announces
from tests.factories.network import LONG_AGO
from tests.factories.world import World, build_world
from tests.http.api import Api
from tests.support.statements import count_statements


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


@pytest.fixture
def shop(world: World) -> str:
    return f"/storefronts/{public_id('shop', world.storefront.id)}"


@pytest.fixture
def berta(client: FlaskClient, world: World) -> Api:
    return Api(client, world.berta)


def named(world: World, name: str, brand: str = "", **prices: object):
    """A variant of this name and brand."""
    variant = world.add_variant(**prices)
    product = world.session.get(Variant, variant).product_id
    world.session.execute(update(Variant).where(Variant.id == variant).values(name=name))
    world.session.execute(
        update(Product).where(Product.id == product).values(name=name, brand=brand)
    )
    return variant


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.json
    return [each["name"] for each in answer.json["items"]]


def counts(answer, facet: str) -> dict[str, int]:
    found = [each for each in answer.json["facets"] if each["name"] == facet]
    return {each["label"]: each["count"] for group in found for each in group["values"]}


class TestSearch:
    def test_finds_words_in_any_form_and_tells_the_least_that_the_buyer_pays(
        self, world: World, shop: str, berta: Api
    ) -> None:
        named(world, "Chrome basin mixer", "Áqua")
        named(world, "Shower hose", "Rivo")

        answer = berta.get(f"{shop}/search?q=mixers aqua")

        assert names(answer) == ["Chrome basin mixer"]
        (item,) = answer.json["items"]
        assert item["price"] == {
            "amount_minor": 1000, "per_quantity": 1, "quantity": 1, "currency": "BRL",
        }  # fmt: skip
        assert (item["availability"], item["sellers"]) == ("in_stock", 2)
        assert answer.json["total"] == {"value": 1, "relation": "exact"}
        assert answer.json["index_lag_ms"] == 0
        assert not schemas.FoundSchema().validate(answer.json)

    @pytest.mark.parametrize("typed", ["zx-77/20", "ZX7720", "zx 77 20", "zx77", "tap zx-77"])
    def test_finds_part_numbers_with_dashes_or_without(
        self, world: World, shop: str, berta: Api, typed: str
    ) -> None:
        variant = named(world, "Tap")
        named(world, "Tap of another number")
        world.session.execute(
            update(Variant).where(Variant.id == variant).values(part_number="ZX-7720")
        )

        assert names(berta.get(f"{shop}/search", query_string={"q": typed})) == ["Tap"]

    def test_forgives_a_misspelt_word_and_says_so(
        self, world: World, shop: str, berta: Api
    ) -> None:
        named(world, "Thermostatic cartridge")

        named(world, "Shower hose")

        for typed, meant in (
            ("thermostaic cartrige", "Thermostatic cartridge"),
            ("showr hoze", "Shower hose"),
        ):
            answer = berta.get(f"{shop}/search", query_string={"q": typed})
            assert names(answer) == [meant]
            assert answer.json["spelling"] == "similar"

    def test_finds_nothing_for_what_is_not_there(self, world: World, shop: str, berta: Api) -> None:
        named(world, "Tap")
        answer = berta.get(f"{shop}/search?q=harpsichord")
        assert (names(answer), answer.json["spelling"]) == ([], "as_asked")

    @pytest.mark.parametrize("typed", ["'", "a & | !", "\\", "((", "|", "%", "tap -", "☃", '"tap'])
    def test_takes_any_text(self, world: World, shop: str, berta: Api, typed: str) -> None:
        named(world, "Tap")
        answer = berta.get(f"{shop}/search", query_string={"q": typed})
        assert answer.status_code == 200
        answer = berta.get(f"{shop}/suggestions", query_string={"q": typed})
        assert answer.status_code == 200

    def test_counts_a_facet_as_if_it_were_not_chosen(
        self, world: World, shop: str, berta: Api
    ) -> None:
        for number, brand in enumerate(["Rivo", "Rivo", "Delta", "Nilo"]):
            named(world, f"Tap {number}", brand)

        answer = berta.get(f"{shop}/search?facet=brand=Rivo&facet=brand=Nilo")

        assert answer.json["total"]["value"] == 3
        assert counts(answer, "brand") == {"Rivo": 2, "Delta": 1, "Nilo": 1}
        assert counts(answer, "maker") == {"Mira Taps": 3}

    def test_sorts_and_filters_by_the_effective_price(
        self, world: World, shop: str, berta: Api
    ) -> None:
        named(world, "Middle", wanda=2000, rosa=1500)
        named(world, "Dear", wanda=3000, rosa=3500)
        named(world, "Cheap", wanda=700, rosa=900)
        named(world, "Rosa's alone", wanda=None, rosa=800)

        assert names(berta.get(f"{shop}/search?sort=price")) == [
            "Cheap", "Rosa's alone", "Middle", "Dear",
        ]  # fmt: skip
        assert names(berta.get(f"{shop}/search?sort=-price&price_to=1500"))[0] == "Middle"
        answer = berta.get(f"{shop}/search?price_from=800&price_to=1500&sort=name")
        assert names(answer) == ["Middle", "Rosa's alone"]
        assert counts(answer, "maker") == {"Mira Taps": 2}

    def test_leaves_out_what_is_not_available_when_asked_to(
        self, world: World, shop: str, berta: Api
    ) -> None:
        named(world, "Here", stock=(0, 5))
        named(world, "Gone", stock=(0, 0))

        assert names(berta.get(f"{shop}/search?available=true")) == ["Here"]
        everything = berta.get(f"{shop}/search?sort=name").json["items"]
        assert [each["availability"] for each in everything] == ["out_of_stock", "low_stock"]

    def test_says_when_what_is_not_here_can_leave_unless_a_policy_lets_nobody_wait(
        self, world: World, shop: str, berta: Api, now: datetime
    ) -> None:
        here = named(world, "Here", stock=(5, 0))
        soon, made, gone = (named(world, name, stock=(0, 0)) for name in ("Soon", "To order", "X"))
        comes_on = (now + timedelta(days=9)).date()
        allows_backorders(world, world.wanda, soon)
        announces(world, "wanda", soon, comes_on, 20, now)
        limits = {"backorder_limit": 5, "backorder_days": 3}
        allows_backorders(world, world.dieter, made, "always", **limits)

        def told() -> dict[str, tuple[str, bool]]:
            found = berta.get(f"{shop}/search?sort=name").json["items"]
            return {
                each["variant_id"]: (each["availability"], each["available_from"] is not None)
                for each in found
            }

        soon, made, here, gone = (public_id("var", each) for each in (soon, made, here, gone))
        assert told() == {
            here: ("low_stock", False), soon: ("announced", True), made: ("back_order", True),
            gone: ("out_of_stock", False),
        }  # fmt: skip
        page = berta.get(f"{shop}/products/{soon}").json["variants"][0]
        assert not schemas.ShownVariantSchema().validate(page)
        assert page["available_from"] >= comes_on.isoformat()
        assert {each["availability"] for each in page["offers"]} == {"announced", "out_of_stock"}

        routing.create_policy(
            world.session, scope=routing.PolicyScope(buyer_id=world.berta.id),
            document={"backorders": "never"}, valid_from=LONG_AGO,
        )  # fmt: skip
        assert told()[soon] == told()[made] == ("out_of_stock", False)

    @pytest.mark.parametrize("sort", ["relevance", "name", "newest", "price", "-price"])
    def test_pages_without_gap_or_repetition_while_things_change(
        self, world: World, shop: str, berta: Api, sort: str
    ) -> None:
        for number in range(7):
            named(world, f"Tap {number}", wanda=1000 + number % 3)
        seen: list[str] = []
        url = f"{shop}/search?q=tap&sort={sort}&limit=2"
        answer = berta.get(url)
        while True:
            seen += names(answer)
            cursor = answer.json["next_cursor"]
            if cursor is None:
                break
            if len(seen) == 2:
                named(world, "Tap that comes in between")
            answer = berta.get(f"{url}&cursor={cursor}")

        assert sorted(set(seen) - {"Tap that comes in between"}) == [f"Tap {n}" for n in range(7)]
        assert len(seen) == len(set(seen))

    def test_puts_what_fits_best_first_page_after_page(
        self, world: World, shop: str, berta: Api
    ) -> None:
        for number in range(12):
            variant = named(world, f"Item {number}" if number % 3 else f"Valve valve {number}")
            product = world.session.get(Variant, variant).product_id
            world.session.execute(
                update(Product).where(Product.id == product).values(
                    name="Thing", description=" ".join(["valve"] * (1 + number % 4))
                )
            )  # fmt: skip
        seen: list[str] = []
        answer = berta.get(f"{shop}/search?q=valve&limit=5")
        seen += names(answer)
        while answer.json["next_cursor"]:
            cursor = answer.json["next_cursor"]
            answer = berta.get(f"{shop}/search?q=valve&limit=5&cursor={cursor}")
            seen += names(answer)

        assert len(seen) == len(set(seen)) == 12
        assert {each.split()[0] for each in seen[:4]} == {"Valve"}

    def test_refuses_a_cursor_of_another_order(self, world: World, shop: str, berta: Api) -> None:
        for number in range(3):
            named(world, f"Tap {number}")
        cursor = berta.get(f"{shop}/search?sort=name&limit=1").json["next_cursor"]
        for wrong in (cursor, "nonsense", "WyJuYW1lIl0"):
            refused = berta.get(f"{shop}/search?sort=price&cursor={wrong}")
            assert refused.json["code"] == "discovery.cursor_of_another"

    @pytest.mark.parametrize("many", [1, 8])
    @pytest.mark.parametrize(
        ("asked", "most"),
        [("q=tap", 5), ("q=tap&available=true&facet=brand=Rivo", 5), ("sort=price", 6)],
    )
    def test_needs_a_few_statements_however_many_are_found(
        self, world: World, shop: str, berta: Api, many: int, asked: str, most: int
    ) -> None:
        for number in range(many):
            named(world, f"Tap {number}", "Rivo")
        berta.get(f"{shop}/search?{asked}")

        with count_statements() as statements:
            berta.get(f"{shop}/search?{asked}")

        about = [each for each in statements.texts if "identity_" not in each]
        assert len(about) == most, about

    def test_asks_two_statements_more_where_a_page_shows_what_may_be_back_ordered(
        self, world: World, shop: str, berta: Api
    ) -> None:
        for number in range(3):
            tap = named(world, f"Tap {number}", stock=(0, 0))
            allows_backorders(world, world.wanda, tap)
        berta.get(f"{shop}/search?q=tap")

        with count_statements() as statements:
            berta.get(f"{shop}/search?q=tap")

        assert len([each for each in statements.texts if "identity_" not in each]) == 7


class TestSuggestions:
    def test_come_for_beginnings_of_names_codes_brands_and_categories(
        self, world: World, shop: str, berta: Api
    ) -> None:
        variant = named(world, "Thermostatic cartridge", "Thermo")
        sku = world.session.get(Variant, variant).sku

        answer = berta.get(f"{shop}/suggestions?q=therm").json
        assert [(each["kind"], each["text"]) for each in answer["items"]] == [
            ("brand", "Thermo"), ("product", "Thermostatic cartridge"),
        ]  # fmt: skip
        assert not schemas.SearchSuggestionsSchema().validate(answer)
        for typed in (sku[:-1], sku.lower().replace("-", ""), "thermostatic cart"):
            items = berta.get(f"{shop}/suggestions", query_string={"q": typed}).json["items"]
            assert "Thermostatic cartridge" in [each["text"] for each in items], typed

    def test_are_two_statements(self, world: World, shop: str, berta: Api) -> None:
        named(world, "Tap")
        with count_statements() as statements:
            berta.get(f"{shop}/suggestions?q=ta")
        assert len([each for each in statements.texts if "identity_" not in each]) == 2


class TestAProduct:
    def test_tells_from_whom_at_which_breaks_and_never_how_much_lies_there(
        self, world: World, shop: str, berta: Api
    ) -> None:
        variant = named(world, "Tap", stock=(123_457, 3))
        make.PriceEntryFactory(
            price_list_id=world.lists["wanda"], variant_id=variant, from_quantity=10,
            amount_minor=900,
        )  # fmt: skip
        world.session.commit()

        answer = berta.get(f"{shop}/products/{public_id('var', variant)}")

        assert answer.status_code == 200, answer.json
        assert not schemas.ShownProductSchema().validate(answer.json)
        (shown,) = answer.json["variants"]
        assert [each["seller"] for each in shown["offers"]] == [
            "Wanda Wholesale", world.storefront.name,
        ]  # fmt: skip
        wanda, own = shown["offers"]
        assert [(p["quantity"], p["amount_minor"]) for p in wanda["prices"]] == [
            (1, 1000), (10, 900),
        ]  # fmt: skip
        assert [(p["quantity"], p["amount_minor"]) for p in own["prices"]] == [(1, 1200)]
        assert (wanda["availability"], own["availability"]) == ("low_stock", "in_stock")
        assert "123457" not in answer.text
        assert "Dieter" not in answer.text  # whoever supplies a resale stays in the dark

    def test_is_found_by_its_own_id_too_and_by_no_other(
        self, world: World, shop: str, berta: Api
    ) -> None:
        variant = named(world, "Tap")
        product = world.session.get(Variant, variant).product_id
        assert berta.get(f"{shop}/products/{public_id('prod', product)}").status_code == 200
        for wrong in ("prod_nonsense", "tap", public_id("prod", variant)):
            answer = berta.get(f"{shop}/products/{wrong}")
            assert (answer.status_code, answer.json["code"]) == (404, "discovery.not_on_show")

    def test_needs_the_same_statements_however_many_variants(
        self, world: World, shop: str, berta: Api
    ) -> None:
        variant = named(world, "Tap")
        url = f"{shop}/products/{public_id('var', variant)}"
        with count_statements() as statements:
            berta.get(url)
        assert len([each for each in statements.texts if "identity_" not in each]) == 5


class TestTheFeed:
    def test_tells_everything_page_by_page_and_nothing_when_nothing_changed(
        self, world: World, shop: str, berta: Api
    ) -> None:
        for number in range(5):
            named(world, f"Tap {number}")
        first = berta.get(f"{shop}/feed?limit=3")
        second = berta.get(f"{shop}/feed?limit=3&cursor={first.json['next_cursor']}")

        assert names(first) + names(second) == [f"Tap {number}" for number in range(5)]
        assert second.json["next_cursor"] is None
        assert not schemas.FeedPageSchema().validate(first.json)
        known = {**berta.headers, "If-None-Match": first.headers["ETag"]}
        assert berta.client.get(f"/v1{shop}/feed?limit=3", headers=known).status_code == 304
        world.session.execute(update(Variant).values(name="Renamed"))
        world.session.commit()
        assert berta.client.get(f"/v1{shop}/feed?limit=3", headers=known).status_code == 200


class TestWhoMayLook:
    @pytest.mark.parametrize("path", ["search", "suggestions?q=tap", "feed", "products/tap"])
    def test_into_a_closed_storefront_is_said_by_accounts(
        self, client: FlaskClient, world: World, shop: str, path: str
    ) -> None:
        named(world, "Tap")
        theo = Api(client, net.OrganizationFactory(buyer=True))
        for answer in (client.get(f"/v1{shop}/{path}"), theo.get(f"{shop}/{path}")):
            assert (answer.status_code, answer.json["code"]) == (
                404,
                "storefronts.storefront_not_found",
            )

    def test_visitors_see_what_is_open_at_the_prices_of_everybody(
        self, client: FlaskClient, world: World, shop: str
    ) -> None:
        variant = named(world, "Tap", wanda=None)
        contract = make.PriceListFactory(owner_id=world.rosa.id, currency="BRL")
        make.PriceAssignmentFactory(
            price_list_id=contract.id, owner_id=world.rosa.id, buyer_id=world.berta.id
        )
        make.PriceEntryFactory(price_list_id=contract.id, variant_id=variant, amount_minor=1)
        world.storefront.access = "open"
        world.session.commit()

        visitor = client.get(f"/v1{shop}/search")
        assert visitor.json["items"][0]["price"]["amount_minor"] == 1200
        berta = Api(client, world.berta).get(f"{shop}/search")
        assert berta.json["items"][0]["price"]["amount_minor"] == 1
        theo = Api(client, net.OrganizationFactory(buyer=True)).get(f"{shop}/search")
        assert theo.json["items"][0]["price"]["amount_minor"] == 1200

    def test_the_owner_looks_as_a_buyer_that_it_has_an_account_with(
        self, client: FlaskClient, world: World, shop: str
    ) -> None:
        named(world, "Tap")
        rosa, wanda = Api(client, world.rosa), Api(client, world.wanda)
        berta = public_id("org", world.berta.id)
        stranger = public_id("org", net.OrganizationFactory(buyer=True).id)

        assert names(rosa.get(f"{shop}/search?buyer_id={berta}")) == ["Tap"]
        assert rosa.get(f"{shop}/search").json["code"] == "discovery.buyer_not_named"
        refused = rosa.get(f"{shop}/search?buyer_id={stranger}")
        assert refused.json["code"] == "discovery.buyer_without_account"
        assert wanda.get(f"{shop}/search?buyer_id={berta}").status_code == 404

    def test_a_key_that_does_not_read_catalogs_is_refused(
        self, client: FlaskClient, world: World, shop: str
    ) -> None:
        assert Api(client, world.berta, "orders.read").get(f"{shop}/feed").status_code == 403
