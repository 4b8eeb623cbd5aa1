"""Dieter keeps price lists and puts prices on them; a colleague looks, Theo may not."""

import pytest
from flask.testing import FlaskClient

from app.kernel.ids import parse_id, public_id
from tests.factories.catalog import VariantFactory
from tests.factories.network import (
    AgreementFactory,
    AgreementTermsFactory,
    Network,
)
from tests.http.pricing.story import a_list, put
from tests.support.api import Voice, made, refused
from tests.support.statements import count_statements


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
