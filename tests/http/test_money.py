"""Money over HTTP, in the voices of those who may, may less, and may not know."""

import pytest

from app.kernel.ids import public_id
from tests.factories.network import OrganizationFactory
from tests.support.api import Voice, made, refused
from tests.support.till import Till


@pytest.fixture
def till(session, now):
    return Till(session, now)


@pytest.fixture
def voices(client, till):
    world = till.world
    people = {
        name: getattr(world, name)
        for name in ("rosa", "dieter", "wanda", "mira", "berta", "operator")
    }
    people["theo"] = OrganizationFactory(name="Theo Elsewhere", kinds=["reseller", "buyer"])
    voices = {name: Voice(client, organization) for name, organization in people.items()}
    till.session.commit()
    return voices


@pytest.fixture
def order(till):
    """Ten taps resold on account, 129.00."""
    order = till.place((till.world.add_variant(dieter=800, wanda=None, rosa=1200), 10))
    till.accept(order)
    return order


@pytest.fixture
def shipment(till, order):
    return till.ship(order, "dieter")


@pytest.fixture
def invoice(till, shipment):
    return public_id("inv", till.invoice(shipment)["id"])


class TestInvoices:
    def test_are_listed_and_shown_to_buyer_and_owner(self, voices, invoice):
        for name in ("berta", "rosa", "operator"):
            [listed] = made(voices[name].get("/invoices"))["items"]
            shown = made(voices[name].get(f"/invoices/{invoice}"))
            assert listed == shown
            assert (shown["amount_minor"], shown["open_minor"], shown["currency"]) == (
                12_900,
                12_900,
                "BRL",
            )
            assert shown["recipient_id"] == public_id("org", voices["berta"].organization.id)

    def test_can_be_narrowed_to_an_order(self, voices, order, invoice):
        known, other = public_id("order", order), "order_01h455vb4pex5vsknk084sn02q"
        assert len(made(voices["rosa"].get("/invoices", order_id=known))["items"]) == 1
        assert made(voices["rosa"].get("/invoices", order_id=other))["items"] == []

    def test_are_hidden_from_strangers(self, voices, invoice):
        for name in ("theo", "dieter", "mira"):
            assert made(voices[name].get("/invoices"))["items"] == []
            refused(
                voices[name].get(f"/invoices/{invoice}"),
                status=404,
                code="payments.invoice_not_found",
            )

    def test_need_the_permission(self, client, till, invoice):
        clerk = Voice(client, till.world.rosa, ("orders.read",))
        refused(clerk.get("/invoices"), status=403, code="auth.forbidden")


BODY = {"amount_minor": 900, "method": "bank_transfer", "reference": "E2E-1"}
FUTURE = {"period_from": "2026-03-01T00:00:00+00:00", "period_to": "2026-04-01T00:00:00+00:00"}


class TestPayments:
    def test_are_recorded_by_the_creditor(self, voices, invoice):
        paid = made(voices["rosa"].post(f"/invoices/{invoice}/payments", **BODY))
        assert (paid["amount_minor"], paid["invoice_id"]) == (900, invoice)
        assert made(voices["rosa"].get(f"/invoices/{invoice}"))["open_minor"] == 12_000
        listed = made(voices["berta"].get(f"/invoices/{invoice}/payments"))["items"]
        assert [payment["id"] for payment in listed] == [paid["id"]]

    def test_told_twice_are_one(self, voices, invoice):
        answers = [
            made(voices["rosa"].post(f"/invoices/{invoice}/payments", **BODY)) for _ in range(2)
        ]
        assert answers[0] == answers[1]

    def test_settle_the_invoice(self, voices, invoice):
        body = BODY | {"amount_minor": 12_900}
        made(voices["operator"].post(f"/invoices/{invoice}/payments", **body))
        assert made(voices["berta"].get(f"/invoices/{invoice}"))["paid_at"] is not None

    def test_are_refused_where_they_do_not_fit(self, voices, invoice):
        path = f"/invoices/{invoice}/payments"
        too_much = BODY | {"amount_minor": 12_901}
        problem = refused(
            voices["rosa"].post(path, **too_much), status=409, code="payments.more_than_open"
        )
        assert problem["open_minor"] == 12_900
        made(voices["rosa"].post(path, **BODY))
        refused(
            voices["rosa"].post(path, **(BODY | {"amount_minor": 1})),
            status=409,
            code="payments.reference_reused",
        )
        refused(
            voices["rosa"].post(path, **(BODY | {"amount_minor": 0})),
            status=422,
            code="http.malformed",
        )

    def test_are_not_recorded_by_debtors_clerks_or_strangers(self, client, till, voices, invoice):
        path = f"/invoices/{invoice}/payments"
        refused(voices["berta"].post(path, **BODY), status=403, code="auth.forbidden")
        clerk = Voice(client, till.world.rosa, ("payments.read",))
        refused(clerk.post(path, **BODY), status=403, code="auth.forbidden")
        refused(voices["theo"].post(path, **BODY), status=404, code="payments.invoice_not_found")

    def test_of_a_bank_statement_are_recorded_together_or_not_at_all(self, voices, invoice):
        lines = [BODY | {"invoice_id": invoice, "reference": name} for name in ("E2E-1", "E2E-2")]
        made_of = made(voices["rosa"].post("/payments", payments=lines))["payments"]
        assert [(each["reference"], each["amount_minor"]) for each in made_of] == [
            ("E2E-1", 900),
            ("E2E-2", 900),
        ]
        assert made(voices["rosa"].post("/payments", payments=lines))["payments"] == made_of
        more = [BODY | {"invoice_id": invoice, "reference": "E2E-3"}]
        more.append(more[0] | {"amount_minor": 12_900, "reference": "E2E-4"})
        problem = refused(
            voices["rosa"].post("/payments", payments=more),
            status=409,
            code="payments.more_than_open",
        )
        assert (problem["position"], problem["open_minor"]) == (1, 10_200)
        assert made(voices["berta"].get(f"/invoices/{invoice}"))["paid_minor"] == 1_800

    def test_of_a_bank_statement_are_the_creditors_and_up_to_two_hundred(
        self, client, till, voices, invoice
    ):
        line = BODY | {"invoice_id": invoice}
        refused(
            voices["berta"].post("/payments", payments=[line]), status=403, code="auth.forbidden"
        )
        refused(
            voices["theo"].post("/payments", payments=[line]),
            status=404,
            code="payments.invoice_not_found",
        )
        clerk = Voice(client, till.world.rosa, ("payments.read",))
        refused(clerk.post("/payments", payments=[line]), status=403, code="auth.forbidden")
        for lines in ([], [line] * 201):
            refused(
                voices["rosa"].post("/payments", payments=lines), status=422, code="http.malformed"
            )

    def test_come_in_advance_for_prepaid_orders(self, till, voices):
        tap = till.world.add_variant(dieter=800, wanda=None, rosa=1200)
        order = till.place((tap, 1), payment_method="prepaid")
        path = f"/orders/{public_id('order', order)}/prepayments"
        refused(voices["theo"].post(path, **BODY), status=404, code="payments.order_not_found")
        paid = made(voices["rosa"].post(path, **BODY))
        assert (paid["invoice_id"], paid["amount_minor"]) == (None, 900)


class TestCredit:
    def test_is_shown_to_both_sides(self, voices, order):
        [account] = made(voices["berta"].get("/trading-accounts"))["items"]
        expected = {
            "currency": "BRL",
            "limit_minor": 1_000_000,
            "reserved_minor": 12_900,
            "owed_minor": 0,
            "free_minor": 987_100,
        }
        for name in ("berta", "rosa"):
            path = f"/trading-accounts/{account['id']}/credit"
            assert made(voices[name].get(path)) == expected
        refused(voices["theo"].get(path), status=404, code="payments.trading_account_not_found")


class TestJournals:
    def test_of_an_order_show_everybody_its_own_lines(self, voices, order, shipment):
        path = f"/orders/{public_id('order', order)}/journals"
        seen = {
            name: [
                (line["account_code"], line["amount_minor"])
                for journal in made(voices[name].get(path))["items"]
                for line in journal["lines"]
                if line["account_code"] < 9000
            ]
            for name in ("berta", "rosa", "dieter", "mira")
        }
        assert seen == {
            "berta": [(1300, 12_900)],
            # Rosa is the creditor; what Dieter and Mira get is theirs to know.
            "rosa": [(1300, 12_900), (2205, -3_880)],
            "dieter": [(2205, -8_740)],
            "mira": [(2205, -160)],
        }
        everything = made(voices["operator"].get(path))["items"]
        assert [len(journal["lines"]) for journal in everything] == [2, 7]

    def test_of_an_order_are_empty_for_a_party_before_it_earns(self, voices, order):
        path = f"/orders/{public_id('order', order)}/journals"
        assert made(voices["dieter"].get(path))["items"] == []
        for name in ("theo", "wanda"):
            refused(voices[name].get(path), status=404, code="settlement.order_not_found")

    def test_are_listed(self, voices, shipment):
        assert len(made(voices["operator"].get("/journals"))["items"]) == 2
        [journal] = made(voices["mira"].get("/journals"))["items"]
        assert [line["amount_minor"] for line in journal["lines"]] == [-160]
        assert made(voices["theo"].get("/journals"))["items"] == []


class TestBalances:
    def test_are_ones_own(self, voices, shipment):
        assert made(voices["dieter"].get("/balances"))["balances"] == [
            {
                "account_code": 2205,
                "account_name": "payable, waiting for the buyer",
                "currency": "BRL",
                "amount_minor": -8_740,
            }
        ]
        assert made(voices["theo"].get("/balances"))["balances"] == []


class TestSplits:
    def test_are_ones_own(self, voices, order, shipment):
        mine = made(voices["dieter"].get("/splits", order_id=public_id("order", order)))["items"]
        assert [(part["kind"], part["amount_minor"]) for part in mine] == [
            ("goods", 7_840),
            ("freight", 900),
        ]
        assert len(made(voices["operator"].get("/splits"))["items"]) == 5
        assert made(voices["theo"].get("/splits"))["items"] == []


class TestStatements:
    @pytest.fixture
    def closed(self, till, shipment):
        start = till.now.replace(day=1, hour=0)
        till.after(days=30).close(start, start.replace(month=4))

    @pytest.mark.usefixtures("closed")
    def test_are_listed_shown_and_explained(self, voices):
        [statement] = made(voices["dieter"].get("/statements"))["items"]
        assert made(voices["dieter"].get(f"/statements/{statement['id']}")) == statement
        assert (statement["opening_minor"], statement["closing_minor"]) == (0, 8_740)
        lines = made(voices["dieter"].get(f"/statements/{statement['id']}/lines"))["items"]
        assert [(line["kind"], line["amount_minor"]) for line in lines] == [
            ("goods", 7_840),
            ("freight", 900),
        ]
        assert all(line["order_line_id"] and line["shipment_id"] for line in lines)
        for path in ("", "/lines"):
            refused(
                voices["wanda"].get(f"/statements/{statement['id']}{path}"),
                status=404,
                code="settlement.statement_not_found",
            )

    def test_are_run_by_the_operator_as_a_job(self, voices):
        refused(
            voices["operator"].post("/statement-runs", **FUTURE),
            status=400,
            code="settlement.period_malformed",
        )
        body = {"period_from": "2026-02-01T00:00:00Z", "period_to": "2026-03-01T00:00:00Z"}
        started = made(voices["operator"].post("/statement-runs", **body))
        job = made(voices["operator"].get(f"/jobs/{started['job_id']}"))
        assert (job["kind"], job["status"]) == ("close_statements", "queued")
        refused(voices["rosa"].post("/statement-runs", **body), status=403, code="auth.forbidden")
