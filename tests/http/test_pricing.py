"""Dieter sets prices; Berta, Rosa and he ask which one holds; Theo may not."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.kernel.ids import parse_id, public_id
from tests.factories.catalog import VariantFactory
from tests.factories.network import (
    AgreementFactory,
    AgreementTermsFactory,
    Network,
    make_network,
)
from tests.support.api import Voice, made, refused
from tests.support.statements import count_statements


@pytest.fixture
def network(session: Session) -> Network:
    return make_network()


@pytest.fixture
def dieter(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.dieter)


@pytest.fixture
def clerk(client: FlaskClient, network: Network) -> Voice:
    """A colleague of Dieter's who may only look at prices."""
    return Voice(client, network.dieter, ("prices.read",))


@pytest.fixture
def berta(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.berta)


@pytest.fixture
def theo(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.theo)


@pytest.fixture
def drill(network: Network) -> str:
    return public_id("var", VariantFactory(manufacturer_id=network.mira.id).id)


def a_list(voice: Voice, **facts) -> dict:
    return made(
        voice.post(
            "/price-lists",
            **{
                "name": "Catalogue prices",
                "currency": "BRL",
                "purpose": "sale",
                "valid_from": "2026-01-01T00:00:00+00:00",
                **facts,
            },
        )
    )


def put(voice: Voice, price_list: dict, *entries: dict):
    return voice.put(f"/price-lists/{price_list['id']}/entries", entries=list(entries))


def assign(voice: Voice, price_list: dict, **facts):
    return voice.post(f"/price-lists/{price_list['id']}/assignments", **facts)


class TestPriceLists:
    def test_are_opened_read_and_changed(self, dieter: Voice) -> None:
        price_list = a_list(dieter)
        path = f"/price-lists/{price_list['id']}"
        assert made(dieter.get(path)) == price_list
        changed = made(dieter.patch(path, version=1, valid_to="2026-12-31T00:00:00+00:00"))
        assert (changed["version"], changed["valid_to"]) == (2, "2026-12-31T00:00:00+00:00")
        refused(
            dieter.patch(path, version=1, name="x"), status=412, code="http.precondition_failed"
        )
        refused(
            dieter.patch(path, version=2, valid_to="2025-12-31T00:00:00+00:00"),
            status=400,
            code="pricing.list_ends_too_soon",
        )

    def test_are_listed_in_one_statement(self, dieter: Voice) -> None:
        for purpose in ("sale", "sale", "transfer"):
            a_list(dieter, purpose=purpose)
        with count_statements() as statements:
            assert len(made(dieter.get("/price-lists", purpose="sale"))["items"]) == 2
        assert statements.about("pricing_price_lists") == 1

    def test_are_nobody_else_s_business(
        self, client: FlaskClient, network: Network, dieter: Voice, clerk: Voice, theo: Voice
    ) -> None:
        price_list = a_list(dieter)
        path = f"/price-lists/{price_list['id']}"
        assert made(clerk.get(path)) == price_list
        refused(clerk.patch(path, version=1, name="x"), status=403, code="auth.forbidden")
        for other in (theo, Voice(client, network.wanda), Voice(client, network.berta)):
            for answer in (other.get(path), other.get(f"{path}/entries")):
                refused(answer, status=404, code="pricing.price_list_not_found")
            assert made(other.get("/price-lists"))["items"] == []
        for answer in (
            theo.patch(path, version=1, name="x"),
            theo.put(f"{path}/entries", entries=[{"variant_id": _ANY_VARIANT, "amount_minor": 1}]),
            theo.post(f"{path}/assignments"),
        ):
            refused(answer, status=404, code="pricing.price_list_not_found")
        refused(
            Voice(client, network.berta, ("prices.read",)).post("/price-lists"),
            status=422,
            code="http.malformed",
        )

    def test_for_transfer_are_read_by_the_grantee_who_pays_them(
        self, client: FlaskClient, network: Network, dieter: Voice, drill: str
    ) -> None:
        transfer = a_list(dieter, purpose="transfer", name="To Rosa")
        made(put(dieter, transfer, {"variant_id": drill, "amount_minor": 700}))
        agreement = AgreementFactory(
            manufacturer_id=network.mira.id,
            grantor_id=network.dieter.id,
            grantee_id=network.rosa.id,
            parent_id=network.dieter_terms.agreement_id,
        )
        AgreementTermsFactory(
            agreement_id=agreement.id,
            selling_model="resale",
            commission_bps=0,
            transfer_price_list_id=parse_id("plist", transfer["id"]),
        )
        rosa, path = Voice(client, network.rosa), f"/price-lists/{transfer['id']}"
        [entry] = made(rosa.get(f"{path}/entries"))["items"]
        assert entry["amount_minor"] == 700
        refused(
            rosa.patch(path, version=1, name="x"), status=404, code="pricing.price_list_not_found"
        )
        line = {
            "owner_id": public_id("org", network.dieter.id),
            "variant_id": drill,
            "quantity": 3,
            "purpose": "transfer",
            "price_list_id": transfer["id"],
        }
        [item] = made(rosa.post("/prices/resolve", currency="BRL", lines=[line]))["items"]
        assert item["goods_minor"] == 2100
        refused(
            Voice(client, network.wanda).post("/prices/resolve", currency="BRL", lines=[line]),
            status=404,
            code="pricing.prices_not_yours",
        )


_ANY_VARIANT = public_id("var", parse_id("var", "var_" + "0" * 26))


class TestEntries:
    def test_are_put_and_put_again(self, dieter: Voice, drill: str) -> None:
        price_list = a_list(dieter)
        one = {"variant_id": drill, "amount_minor": 1000}
        ten = {"variant_id": drill, "from_quantity": 10, "amount_minor": 3500, "per_quantity": 4}
        assert made(put(dieter, price_list, one, ten)) == {"written": 2}
        made(put(dieter, price_list, {**one, "amount_minor": 990}))
        found = made(dieter.get(f"/price-lists/{price_list['id']}/entries"))["items"]
        assert [
            (each["from_quantity"], each["amount_minor"], each["per_quantity"]) for each in found
        ] == [(10, 3500, 4), (1, 990, 1)]
        assert found[0]["valid_from"] == "2026-01-01T00:00:00+00:00"

    def test_come_page_by_page_the_cheapest_first(self, dieter: Voice, drill: str) -> None:
        price_list = a_list(dieter)
        amounts = [700, 300, 900, 300, 100]
        breaks = [
            {"variant_id": drill, "from_quantity": number, "amount_minor": amount}
            for number, amount in enumerate(amounts, start=1)
        ]
        made(put(dieter, price_list, *breaks))
        path, seen, after = f"/price-lists/{price_list['id']}/entries", [], {}
        while after.get("cursor", "begin"):
            page = made(dieter.get(path, limit=2, **after))
            seen += [(each["amount_minor"], each["from_quantity"]) for each in page["items"]]
            after = {"cursor": page["next_cursor"]}
        assert seen == [(100, 5), (300, 2), (300, 4), (700, 1), (900, 3)]
        refused(dieter.get(path, cursor="nonsense"), status=422, code="http.malformed")

    def test_change_from_an_instant_on_in_one_request(self, dieter: Voice, drill: str) -> None:
        price_list = a_list(dieter)
        made(put(dieter, price_list, {"variant_id": drill, "amount_minor": 1000}))
        june = "2026-06-01T00:00:00+00:00"
        made(
            put(
                dieter,
                price_list,
                {"variant_id": drill, "amount_minor": 1100, "valid_from": june},
                {"variant_id": drill, "amount_minor": 1000, "valid_to": june},
            )
        )
        found = made(dieter.get(f"/price-lists/{price_list['id']}/entries"))["items"]
        assert [(e["amount_minor"], e["valid_to"]) for e in found] == [(1000, june), (1100, None)]

    def test_never_hold_at_the_same_time(self, dieter: Voice, drill: str) -> None:
        price_list = a_list(dieter)
        made(put(dieter, price_list, {"variant_id": drill, "amount_minor": 1000}))
        later = {
            "variant_id": drill,
            "amount_minor": 1100,
            "valid_from": "2026-06-01T00:00:00+00:00",
        }
        free = {"variant_id": drill, "amount_minor": 1, "from_quantity": 5}
        body = refused(
            put(dieter, price_list, free, later), status=409, code="pricing.entries_overlap"
        )
        assert [(each["pointer"], each["message"]) for each in body["errors"]] == [
            ("/entries/1", "Overlaps an entry of the list: 2026-01-01T00:00:00+00:00 to ever")
        ]
        body = refused(
            put(dieter, price_list, free, free), status=409, code="pricing.entries_overlap"
        )
        assert body["errors"][0]["message"].startswith("Overlaps entry 0")
        assert len(made(dieter.get(f"/price-lists/{price_list['id']}/entries"))["items"]) == 1

    def test_end_after_they_begin(self, dieter: Voice, drill: str) -> None:
        body = refused(
            put(
                dieter,
                a_list(dieter),
                {"variant_id": drill, "amount_minor": 1, "valid_to": "2025-06-01T00:00:00Z"},
            ),
            status=400,
            code="pricing.entries_end_too_soon",
        )
        assert body["errors"][0]["pointer"] == "/entries/0/valid_to"

    def test_are_of_variants_that_the_owner_may_sell(
        self, dieter: Voice, network: Network, drill: str
    ) -> None:
        strange = public_id("var", VariantFactory(manufacturer_id=network.theo.id).id)
        body = refused(
            put(
                dieter,
                a_list(dieter),
                {"variant_id": drill, "amount_minor": 1},
                {"variant_id": strange, "amount_minor": 1},
            ),
            status=400,
            code="pricing.entries_unknown",
        )
        assert [each["pointer"] for each in body["errors"]] == ["/entries/1/variant_id"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [("amount_minor", 9.99), ("amount_minor", -1), ("per_quantity", 0), ("from_quantity", 0)],
    )
    def test_are_whole_minor_units_and_quantities(
        self, dieter: Voice, drill: str, field: str, value: object
    ) -> None:
        entry = {"variant_id": drill, "amount_minor": 1, field: value}
        body = refused(put(dieter, a_list(dieter), entry), status=422, code="http.malformed")
        assert body["errors"][0]["pointer"] == f"/entries/0/{field}"

    def test_of_many_variants_take_as_many_statements_as_of_one(
        self, dieter: Voice, network: Network
    ) -> None:
        price_list = a_list(dieter)
        entries = [
            {
                "variant_id": public_id("var", VariantFactory(manufacturer_id=network.mira.id).id),
                "amount_minor": 100,
            }
            for _ in range(20)
        ]
        with count_statements() as few:
            made(put(dieter, price_list, entries[0]))
        with count_statements() as many:
            made(put(dieter, price_list, *entries))
        assert len(many) == len(few)
        with count_statements() as listing:
            path = f"/price-lists/{price_list['id']}/entries"
            assert len(made(dieter.get(path, limit=15))["items"]) == 15
        assert listing.about("pricing_") == 2  # the list is the caller's; its entries


class TestAssignments:
    def test_name_whom_they_are_for(self, dieter: Voice, network: Network) -> None:
        price_list = a_list(dieter)
        shop = public_id("shop", network.storefront.id)
        buyer = public_id("org", network.berta.id)
        made(assign(dieter, price_list))
        made(assign(dieter, price_list, buyer_id=buyer, priority=3, stops=True))
        made(assign(dieter, price_list, buyer_id=buyer, storefront_id=shop))
        path = f"/price-lists/{price_list['id']}/assignments"
        with count_statements() as statements:
            found = made(dieter.get(path))["items"]
        assert [(each["buyer_id"], each["storefront_id"], each["priority"]) for each in found] == [
            (None, None, 0), (buyer, None, 3), (buyer, shop, 0),
        ]  # fmt: skip
        assert statements.about("pricing_") == 2

    def test_are_of_sale_lists(self, dieter: Voice) -> None:
        refused(
            assign(dieter, a_list(dieter, purpose="floor")),
            status=400,
            code="pricing.only_sale_lists_are_assigned",
        )

    def test_name_whom_the_owner_deals_with(self, dieter: Voice, network: Network) -> None:
        refused(
            assign(dieter, a_list(dieter), buyer_id=public_id("org", network.theo.id)),
            status=400,
            code="pricing.assignee_unknown",
        )

    def test_are_ended_by_their_owner_alone(self, dieter: Voice, theo: Voice, clerk: Voice) -> None:
        price_list = a_list(dieter)
        assignment = made(assign(dieter, price_list))
        path = f"/price-assignments/{assignment['id']}"
        refused(theo.delete(path), status=404, code="pricing.assignment_not_found")
        refused(clerk.delete(path), status=403, code="auth.forbidden")
        assert dieter.delete(path).status_code == 204
        found = made(dieter.get(f"/price-lists/{price_list['id']}/assignments"))
        assert found["items"] == []


class TestResolution:
    """A catalogue price for everybody, a better one for Berta, a lower one from ten on."""

    @pytest.fixture
    def lists(self, dieter: Voice, network: Network, drill: str) -> dict[str, dict]:
        everybody, contract = a_list(dieter, name="All"), a_list(dieter, name="Berta")
        ten = {"variant_id": drill, "from_quantity": 10, "amount_minor": 900}
        made(put(dieter, everybody, {"variant_id": drill, "amount_minor": 1000}, ten))
        made(assign(dieter, everybody))
        made(put(dieter, contract, {"variant_id": drill, "amount_minor": 2850, "per_quantity": 3}))
        made(assign(dieter, contract, buyer_id=public_id("org", network.berta.id)))
        return {"everybody": everybody, "contract": contract}

    def ask(self, voice: Voice, network: Network, drill: str, quantity: int = 5, **more):
        line = {
            "owner_id": public_id("org", network.dieter.id),
            "variant_id": drill,
            "quantity": quantity,
        }
        body = {
            "currency": "BRL",
            "storefront_id": public_id("shop", network.storefront.id),
            "buyer_id": public_id("org", network.berta.id),
            "lines": [line],
        }
        return voice.post("/prices/resolve", **{**body, **more})

    def test_gives_the_buyer_its_contract_price(
        self, berta: Voice, network: Network, drill: str, lists: dict
    ) -> None:
        [item] = made(self.ask(berta, network, drill))["items"]
        assert item["price_list_id"] == lists["contract"]["id"]
        assert (item["amount_minor"], item["per_quantity"]) == (2850, 3)
        assert item["goods_minor"] == 4750
        assert item["currency"] == "BRL"

    def test_gives_everybody_else_the_catalogue_price_by_quantity(
        self, dieter: Voice, network: Network, drill: str, lists: dict
    ) -> None:
        for quantity, goods in ((9, 9000), (10, 9000), (11, 9900)):
            answer = self.ask(dieter, network, drill, quantity, buyer_id=None)
            assert made(answer)["items"][0]["goods_minor"] == goods

    def test_says_that_there_is_no_price(self, berta: Voice, network: Network, lists: dict) -> None:
        other = public_id("var", VariantFactory(manufacturer_id=network.mira.id).id)
        [item] = made(self.ask(berta, network, other))["items"]
        assert (item["amount_minor"], item["goods_minor"]) == (None, None)

    def test_says_why(
        self, dieter: Voice, berta: Voice, network: Network, drill: str, lists: dict
    ) -> None:
        euro = a_list(dieter, currency="EUR")
        [item] = made(self.ask(dieter, network, drill, explain=True))["items"]
        assert item["goods_minor"] == 4750
        assert {(each["price_list_id"], each["reason"]) for each in item["why"]} == {
            (lists["contract"]["id"], "holds"),
            (lists["everybody"]["id"], "outranked"),
            (euro["id"], "other_currency"),
        }
        [hers] = made(self.ask(berta, network, drill, explain=True))["items"]
        assert euro["id"] not in {each["price_list_id"] for each in hers["why"]}
        assert "steps" not in hers
        assert {**hers, "why": None, "steps": []} == {**item, "why": None}

    def test_is_not_for_strangers(
        self, theo: Voice, network: Network, drill: str, lists: dict
    ) -> None:
        body = refused(self.ask(theo, network, drill), status=404, code="pricing.prices_not_yours")
        assert body["errors"][0]["pointer"] == "/lines/0"
        for buyer_id in (None, public_id("org", network.theo.id)):
            refused(
                self.ask(theo, network, drill, buyer_id=buyer_id),
                status=404,
                code="pricing.prices_not_yours",
            )

    def test_is_not_for_a_buyer_whose_account_is_suspended(
        self, berta: Voice, network: Network, drill: str, lists: dict
    ) -> None:
        network.account.status = "suspended"
        refused(self.ask(berta, network, drill), status=404, code="pricing.prices_not_yours")

    def test_of_a_rival_s_prices_is_refused(
        self, client: FlaskClient, network: Network, drill: str, lists: dict
    ) -> None:
        refused(
            self.ask(Voice(client, network.wanda), network, drill),
            status=404,
            code="pricing.prices_not_yours",
        )

    def test_for_the_storefront_s_owner_and_the_operator_is_open(
        self, client: FlaskClient, network: Network, drill: str, lists: dict
    ) -> None:
        for voice in (Voice(client, network.rosa), Voice(client, network.operator)):
            [item] = made(self.ask(voice, network, drill))["items"]
            assert item["goods_minor"] == 4750

    def test_follows_the_clock(
        self, dieter: Voice, network: Network, drill: str, lists: dict, now
    ) -> None:
        path = f"/price-lists/{lists['contract']['id']}"
        made(dieter.patch(path, version=1, valid_to=now.isoformat()))
        [item] = made(self.ask(dieter, network, drill))["items"]
        assert item["price_list_id"] == lists["everybody"]["id"]
        path = f"/price-lists/{lists['everybody']['id']}"
        made(dieter.patch(path, version=1, valid_from=(now + timedelta(seconds=1)).isoformat()))
        [item] = made(self.ask(dieter, network, drill))["items"]
        assert item["price_list_id"] is None

    def test_of_five_hundred_lines_is_one_statement(
        self, dieter: Voice, network: Network, drill: str, lists: dict
    ) -> None:
        line = {"owner_id": public_id("org", network.dieter.id), "variant_id": drill}
        lines = [{**line, "quantity": number + 1} for number in range(500)]
        with count_statements() as statements:
            items = made(self.ask(dieter, network, drill, lines=lines))["items"]
        assert len(items) == 500
        assert items[499]["goods_minor"] == 475_000
        assert statements.about("pricing_entries") == 1
        refused(
            self.ask(dieter, network, drill, lines=[*lines, lines[0]]),
            status=422,
            code="http.malformed",
        )
