"""Mira recommends prices; Rosa derives hers; Mira's floor and corridor bind whoever sells."""

from datetime import timedelta
from itertools import pairwise

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.kernel.clock import FixedClock
from app.kernel.ids import public_id
from tests.factories.catalog import CategoryFactory, ProductFactory, VariantFactory
from tests.factories.network import (
    AgreementFactory,
    AgreementTermsFactory,
    Network,
)
from tests.support.api import Voice, made, refused
from tests.support.price_market import clock
from tests.support.statements import count_statements

SINCE = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def mira(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.mira)


@pytest.fixture
def rosa(client: FlaskClient, network: Network) -> Voice:
    """Rosa sells Mira's goods under an agreement of her own."""
    agreement = AgreementFactory(
        manufacturer_id=network.mira.id, grantor_id=network.mira.id, grantee_id=network.rosa.id
    )
    AgreementTermsFactory(agreement_id=agreement.id)
    return Voice(client, network.rosa)


@pytest.fixture
def tools(network: Network) -> object:
    return CategoryFactory(manufacturer_id=network.mira.id)


@pytest.fixture
def drill(network: Network, tools) -> str:
    product = ProductFactory(
        manufacturer_id=network.mira.id, category_id=tools.id, category=tools, brand="Quillfen"
    )
    return public_id("var", VariantFactory(manufacturer_id=network.mira.id, product=product).id)


def a_list(voice: Voice, *, purpose: str = "sale", **facts) -> dict:
    return made(
        voice.post(
            "/price-lists", name="L", currency="BRL", purpose=purpose, valid_from=SINCE, **facts
        )
    )


def put(voice: Voice, price_list: dict, *entries: dict):
    return voice.put(f"/price-lists/{price_list['id']}/entries", entries=list(entries))


def derive(voice: Voice, price_list: dict, base: dict, *formulas: dict):
    return voice.put(
        f"/price-lists/{price_list['id']}/derivation",
        base_list_id=base["id"],
        **({"formulas": list(formulas)} if formulas else {}),
    )


def ask(voice: Voice, owner, drill: str, *, quantity: int = 1, **more) -> dict:
    line = {"owner_id": public_id("org", owner.id), "variant_id": drill, "quantity": quantity}
    line |= {name: more.pop(name) for name in ("purpose", "price_list_id") if name in more}
    body = {"currency": "BRL", "lines": [line], **more}
    return made(voice.post("/prices/resolve", **body))["items"][0]


@pytest.fixture
def recommended(mira: Voice, drill: str) -> dict:
    found = a_list(mira, purpose="list")
    made(put(mira, found, {"variant_id": drill, "amount_minor": 1000}))
    return found


@pytest.fixture
def sale(rosa: Voice, recommended: dict) -> dict:
    """Rosa's prices: 10 % below what Mira recommends, to .95."""
    found = a_list(rosa)
    made(
        derive(
            rosa, found, recommended,
            {"factor_bps": 9000, "round_to_minor": 100, "round_ending_minor": 95},
        )
    )  # fmt: skip
    made(rosa.post(f"/price-lists/{found['id']}/assignments"))
    return found


class TestADerivedList:
    def test_follows_its_base_at_the_next_request(
        self, mira: Voice, rosa: Voice, network: Network, drill: str, recommended: dict, sale: dict
    ) -> None:
        answer = ask(rosa, network.rosa, drill)
        assert (answer["amount_minor"], answer["price_list_id"]) == (895, sale["id"])
        assert answer["source_list_id"] == recommended["id"]
        made(put(mira, recommended, {"variant_id": drill, "amount_minor": 2000}))
        assert ask(rosa, network.rosa, drill)["amount_minor"] == 1795
        made(derive(rosa, sale, recommended, {"factor_bps": 5000}))
        assert ask(rosa, network.rosa, drill)["amount_minor"] == 1000

    def test_tells_its_owner_how_a_price_came_about_and_nobody_else(
        self, client: FlaskClient, rosa: Voice, berta: Voice, network: Network, drill: str,
        recommended: dict, sale: dict,
    ) -> None:  # fmt: skip
        query = {
            "owner_id": public_id("org", network.rosa.id), "variant_id": drill, "currency": "BRL",
            "storefront_id": public_id("shop", network.storefront.id),
            "buyer_id": public_id("org", network.berta.id),
        }  # fmt: skip
        mine = made(rosa.get("/prices/explain", **query))
        [step] = mine["steps"]
        assert (step["amount_minor_before"], step["amount_minor_after"]) == (1000, 895)
        hers = made(berta.get("/prices/explain", **query))
        assert hers["amount_minor"] == 895
        assert "steps" not in hers
        assert 1000 not in [each["amount_minor"] for each in hers["why"]]
        refused(
            Voice(client, network.theo).get("/prices/explain", **query),
            status=404,
            code="pricing.prices_not_yours",
        )

    def test_is_explained_in_a_pinned_number_of_statements(
        self, rosa: Voice, network: Network, drill: str, sale: dict
    ) -> None:
        with count_statements() as statements:
            ask(rosa, network.rosa, drill, explain=True)
        assert statements.about("pricing_") == 6
        with count_statements() as statements:
            ask(rosa, network.rosa, drill)
        assert statements.about("pricing_") == 1

    def test_is_shown_and_ended(
        self, rosa: Voice, network: Network, drill: str, sale: dict
    ) -> None:
        path = f"/price-lists/{sale['id']}/derivation"
        assert made(rosa.get(path))["formulas"][0]["factor_bps"] == 9000
        assert rosa.delete(path).status_code == 204
        assert made(rosa.get(path)) == {"base_list_id": None, "formulas": []}
        assert ask(rosa, network.rosa, drill)["amount_minor"] is None
        refused(rosa.delete(path), status=409, code="pricing.not_derived")

    def test_derives_from_lists_that_its_owner_may_read(
        self, client: FlaskClient, network: Network, rosa: Voice, recommended: dict, sale: dict
    ) -> None:
        theo = Voice(client, network.theo)
        theirs = a_list(theo)
        refused(derive(theo, theirs, recommended), status=400, code="pricing.base_unknown")
        refused(derive(theo, sale, theirs), status=404, code="pricing.price_list_not_found")
        dollars = made(
            rosa.post("/price-lists", name="$", currency="USD", purpose="sale", valid_from=SINCE)
        )
        refused(derive(rosa, dollars, recommended), status=400, code="pricing.base_unfit")

    def test_never_derives_from_itself_nor_too_deep(self, rosa: Voice) -> None:
        lists = [a_list(rosa) for _ in range(5)]
        for lower, upper in pairwise(lists[:4]):
            made(derive(rosa, upper, lower))
        alone, first, second = (a_list(rosa) for _ in range(3))
        made(derive(rosa, second, first))
        lists += [alone, first, second]
        for below, above in ((0, 3), (4, 3), (0, 0), (5, 5), (6, 7)):
            refused(
                derive(rosa, lists[below], lists[above]),
                status=400,
                code="pricing.derives_too_deep",
            )

    def test_says_which_formula_is_wrong(self, rosa: Voice, recommended: dict) -> None:
        body = refused(
            derive(
                rosa, a_list(rosa), recommended,
                {}, {"attribute": "volts"}, {"round_to_minor": 5, "round_ending_minor": 95},
                {"minimum_margin_bps": 100},
            ),
            status=400,
            code="pricing.formula_unfit",
        )  # fmt: skip
        assert [each["pointer"] for each in body["errors"]] == [
            "/formulas/1/attribute_value",
            "/formulas/2/round_ending_minor",
            "/formulas/3/margin_list_id",
        ]


class TestAScheduledPrice:
    def test_takes_effect_to_the_second_without_a_job(
        self, app, mira: Voice, rosa: Voice, network: Network, drill: str, recommended: dict,
        sale: dict, now,
    ) -> None:  # fmt: skip
        then = now + timedelta(hours=1)
        made(
            put(
                mira, recommended,
                {"variant_id": drill, "amount_minor": 1000, "valid_to": then.isoformat()},
                {"variant_id": drill, "amount_minor": 3000, "valid_from": then.isoformat()},
            )
        )  # fmt: skip
        assert ask(rosa, network.rosa, drill)["amount_minor"] == 895
        assert ask(rosa, network.rosa, drill, at=then.isoformat())["amount_minor"] == 2695
        for moment, amount in ((then - timedelta(microseconds=1), 895), (then, 2695)):
            app.extensions["clock"] = FixedClock(moment)
            assert ask(rosa, network.rosa, drill)["amount_minor"] == amount

    def test_is_its_owner_s_to_know_of_beforehand(
        self, rosa: Voice, berta: Voice, network: Network, drill: str, sale: dict, now
    ) -> None:
        later = (now + timedelta(days=1)).isoformat()
        where = {
            "storefront_id": public_id("shop", network.storefront.id),
            "buyer_id": public_id("org", network.berta.id),
        }
        line = {"owner_id": public_id("org", network.rosa.id), "variant_id": drill, "quantity": 1}
        body = {"currency": "BRL", "lines": [line], "at": later, **where}
        refused(berta.post("/prices/resolve", **body), status=403, code="auth.forbidden")
        assert made(rosa.post("/prices/resolve", **body))["items"][0]["amount_minor"] == 895


class TestAPriceOfThePast:
    def test_says_what_it_said_before_it_was_changed_in_place(
        self, app, mira: Voice, rosa: Voice, network: Network, drill: str, recommended: dict,
        sale: dict, session: Session,
    ) -> None:  # fmt: skip
        told = clock(session)
        app.extensions["clock"] = FixedClock(told)
        before = ask(rosa, network.rosa, drill, explain=True)
        assert before["amount_minor"] == 895
        made(put(mira, recommended, {"variant_id": drill, "amount_minor": 3000}))
        made(derive(rosa, sale, recommended, {"factor_bps": 5000}))
        app.extensions["clock"] = FixedClock(clock(session))
        assert ask(rosa, network.rosa, drill)["amount_minor"] == 1500
        assert ask(rosa, network.rosa, drill, at=told.isoformat())["amount_minor"] == 895
        again = ask(rosa, network.rosa, drill, at=told.isoformat(), explain=True)
        assert again == {**before, "at": again["at"]}


class TestTheLowestPrice:
    def test_is_chosen_where_the_owner_says_so(
        self, rosa: Voice, network: Network, drill: str
    ) -> None:
        where = {"storefront_id": public_id("shop", network.storefront.id)}
        for amount, scope in ((900, where), (700, {})):
            found = a_list(rosa)
            made(put(rosa, found, {"variant_id": drill, "amount_minor": amount}))
            made(rosa.post(f"/price-lists/{found['id']}/assignments", **scope))
        assert ask(rosa, network.rosa, drill, **where)["amount_minor"] == 900
        assert made(rosa.get("/pricing-settings")) == {"strategy": "first", "version": 0}
        made(rosa.patch("/pricing-settings", version=0, strategy="lowest"))
        assert ask(rosa, network.rosa, drill, **where)["amount_minor"] == 700
        refused(
            rosa.patch("/pricing-settings", version=0, strategy="first"),
            status=412,
            code="http.precondition_failed",
        )


class TestTheManufacturersBounds:
    def test_refuse_prices_outside_of_them(
        self, mira: Voice, rosa: Voice, drill: str, recommended: dict
    ) -> None:
        floor = a_list(mira, purpose="floor")
        made(put(mira, floor, {"variant_id": drill, "amount_minor": 600}))
        version = recommended["version"]
        made(
            mira.patch(
                f"/price-lists/{recommended['id']}", version=version,
                corridor_below_bps=3000, corridor_above_bps=2000,
            )
        )  # fmt: skip
        prices = a_list(rosa)
        entries = [
            {"variant_id": drill, "amount_minor": amount, "from_quantity": number}
            for number, amount in enumerate([599, 650, 700, 1200, 1201], start=1)
        ]
        body = refused(put(rosa, prices, *entries), status=400, code="pricing.outside_bounds")
        assert [(each["pointer"], each["code"]) for each in body["errors"]] == [
            ("/entries/0/amount_minor", "below_floor"),
            ("/entries/1/amount_minor", "below_corridor"),
            ("/entries/4/amount_minor", "above_corridor"),
        ]
        assert body["errors"][0]["bound"] == {"amount_minor": 600, "per_quantity": 1}
        made(put(rosa, prices, *entries[2:4]))
        made(put(mira, a_list(mira), entries[0]))  # nobody is bound for its own products

    def test_report_what_formulas_or_later_bounds_break(
        self, client: FlaskClient, mira: Voice, rosa: Voice, network: Network, drill: str,
        recommended: dict, sale: dict,
    ) -> None:  # fmt: skip
        own = a_list(rosa)
        made(put(rosa, own, {"variant_id": drill, "amount_minor": 800, "from_quantity": 5}))
        assert made(mira.get("/prices/violations", currency="BRL"))["items"] == []
        floor = a_list(mira, purpose="floor")
        made(put(mira, floor, {"variant_id": drill, "amount_minor": 897}))
        found = made(mira.get("/prices/violations", currency="BRL"))["items"]
        assert {
            (each["price_list_id"], each["quantity"], each["amount_minor"], each["breach"])
            for each in found
        } == {(sale["id"], 1, 895, "below_floor"), (own["id"], 5, 800, "below_floor")}
        assert {each["bound_amount_minor"] for each in found} == {897}
        theirs = Voice(client, network.theo).get("/prices/violations", currency="BRL")
        assert made(theirs)["items"] == []

    def test_have_a_corridor_on_recommended_prices_only(self, rosa: Voice) -> None:
        refused(
            rosa.patch(f"/price-lists/{a_list(rosa)['id']}", version=1, corridor_below_bps=1),
            status=400,
            code="pricing.corridor_unfit",
        )


class TestPricesForAUnit:
    def test_hold_for_it_and_all_below(
        self, rosa: Voice, berta: Voice, network: Network, drill: str, sale: dict
    ) -> None:
        south = made(berta.post("/buyer-units", code="south", name="South"))
        shop = made(berta.post("/buyer-units", code="shop", name="Shop", parent_id=south["id"]))
        north = made(berta.post("/buyer-units", code="north", name="North"))
        contract = a_list(rosa)
        made(put(rosa, contract, {"variant_id": drill, "amount_minor": 777}))
        made(rosa.post(f"/price-lists/{contract['id']}/assignments", unit_id=south["id"]))
        where = {
            "storefront_id": public_id("shop", network.storefront.id),
            "buyer_id": public_id("org", network.berta.id),
        }
        for unit, amount in ((south, 777), (shop, 777), (north, 895)):
            answer = ask(berta, network.rosa, drill, unit_id=unit["id"], **where)
            assert answer["amount_minor"] == amount
        assert ask(berta, network.rosa, drill, **where)["amount_minor"] == 895

    def test_are_given_by_who_trades_with_the_buyer(
        self, client: FlaskClient, network: Network, berta: Voice
    ) -> None:
        south = made(berta.post("/buyer-units", code="south", name="South"))
        theo = Voice(client, network.theo)
        refused(
            theo.post(f"/price-lists/{a_list(theo)['id']}/assignments", unit_id=south["id"]),
            status=400,
            code="pricing.assignee_unknown",
        )


class TestGraduatedBreaks:
    def test_sum_what_each_unit_costs(self, rosa: Voice, network: Network, drill: str) -> None:
        found = a_list(rosa, breaks="graduated")
        made(
            put(
                rosa, found, {"variant_id": drill, "amount_minor": 1000},
                {"variant_id": drill, "amount_minor": 900, "from_quantity": 11},
            )
        )  # fmt: skip
        made(rosa.post(f"/price-lists/{found['id']}/assignments"))
        assert ask(rosa, network.rosa, drill, quantity=10)["goods_minor"] == 10_000
        assert ask(rosa, network.rosa, drill, quantity=15)["goods_minor"] == 14_500

    def test_are_prices_for_the_same_number_of_units(self, rosa: Voice, drill: str) -> None:
        found = a_list(rosa, breaks="graduated")
        refused(
            put(
                rosa, found, {"variant_id": drill, "amount_minor": 1000},
                {"variant_id": drill, "amount_minor": 9, "from_quantity": 11, "per_quantity": 10},
            ),
            status=409,
            code="pricing.mixed_per_quantity",
        )  # fmt: skip
