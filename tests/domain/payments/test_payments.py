"""Credit, invoices, payments on account and in advance."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.infra.unit_of_work import transaction
from app.kernel.errors import Forbidden
from app.kernel.paging import PageRequest
from app.payments import operations, queries
from app.payments.errors import (
    CreditLimitExceeded,
    InvoiceNotFound,
    MoreThanOpen,
    OrderNotFound,
    OrderNotPaid,
    OrderNotPrepaid,
    ReferenceReused,
    TradingAccountNotFound,
)
from tests.factories.network import OrganizationFactory
from tests.support.statements import count_statements

BANK, CLEARING, CREDIT, HELD, RESERVED = 1200, 2100, 2710, 2200, 9200


@pytest.fixture
def tap(till):
    return till.world.add_variant(dieter=800, wanda=None, rosa=1200)


@pytest.fixture
def shipment(till, tap):
    """Ten taps on account, shipped: an invoice of 129.00."""
    order = till.place((tap, 10))
    till.accept(order)
    return till.ship(order, "dieter")


class TestCredit:
    def test_is_refused_beyond_the_limit(self, till, tap):
        limit(till, 20_000)
        till.place((tap, 10))
        with pytest.raises(CreditLimitExceeded) as refused:
            till.place((tap, 10))
        assert refused.value.details == {
            "currency": "BRL",
            "limit_minor": 20_000,
            "used_minor": 12_900,
            "needed_minor": 12_900,
        }
        assert till.check()[RESERVED, "Berta"] == -12_900

    def test_counts_what_is_invoiced_and_unpaid(self, till, tap, shipment):
        limit(till, 20_000)
        with pytest.raises(CreditLimitExceeded):
            till.place((tap, 10))
        till.pay(shipment)
        till.place((tap, 10))

    def test_is_free_again_when_an_order_is_cancelled(self, till, tap):
        limit(till, 20_000)
        till.cancel(till.place((tap, 10)))
        till.place((tap, 10))
        till.check()

    @pytest.mark.usefixtures("shipment")
    def test_shows_both_sides_what_is_used(self, till, tap):
        till.place((tap, 1))
        account = till.session.scalar(text("SELECT id FROM network_trading_accounts"))
        for name in ("rosa", "berta", "operator"):
            credit = queries.get_credit(
                till.session,
                caller=till.world.caller(getattr(till.world, name)),
                account_id=account,
            )
            assert (credit.reserved_minor, credit.owed_minor) == (1_700, 12_900)
        with pytest.raises(TradingAccountNotFound):
            queries.get_credit(
                till.session, caller=till.world.caller(till.world.wanda), account_id=account
            )


class TestAnInvoice:
    def test_bills_the_shipment_in_the_name_of_the_seller_of_record(self, till, shipment):
        invoice = till.invoice(shipment)
        assert (invoice["goods_minor"], invoice["freight_minor"]) == (12_000, 900)
        assert invoice["issuer_id"] == till.world.rosa.id  # Dieter's taps are resold
        assert invoice["due_at"] == till.now + timedelta(days=30)
        brokered = till.world.add_variant(dieter=None, wanda=1000)
        order = till.place((brokered, 1))
        till.accept(order)
        assert till.invoice(till.ship(order, "wanda"))["issuer_id"] == till.world.wanda.id

    @pytest.mark.usefixtures("shipment")
    def test_is_seen_by_its_parties_only(self, till):
        world = till.world
        seen = {
            name: len(
                queries.list_invoices(
                    till.session,
                    caller=world.caller(getattr(world, name)),
                    page=PageRequest(),
                ).items
            )
            for name in ("berta", "rosa", "operator", "dieter", "wanda", "mira")
        }
        assert seen == {
            "berta": 1, "rosa": 1, "operator": 1, "dieter": 0, "wanda": 0, "mira": 0
        }  # fmt: skip


class TestAPayment:
    def test_told_twice_is_one_payment(self, till, shipment):
        first = till.pay(shipment, 5_000, "transfer 1")
        assert till.pay(shipment, 5_000, "transfer 1") == first
        assert till.invoice(shipment)["paid_minor"] == 5_000
        till.check()

    def test_told_twice_after_the_invoice_is_paid_is_still_one_payment(self, till, shipment):
        assert till.pay(shipment, 12_900, "all") == till.pay(shipment, 12_900, "all")

    def test_with_a_used_reference_and_another_amount_is_refused(self, till, shipment):
        till.pay(shipment, 5_000, "transfer 1")
        with pytest.raises(ReferenceReused):
            till.pay(shipment, 5_001, "transfer 1")

    def test_is_never_more_than_what_is_open(self, till, shipment):
        till.pay(shipment, 12_000, "most of it")
        with pytest.raises(MoreThanOpen) as refused:
            till.pay(shipment, 901, "too much")
        assert refused.value.details == {"open_minor": 900}

    def test_is_recorded_by_the_creditor_or_the_operator_only(self, till, shipment):
        invoice = till.invoice(shipment)["id"]
        stranger = OrganizationFactory(name="Theo", reseller=True)
        for organization, refusal in (
            (till.world.berta, Forbidden),
            (till.world.dieter, InvoiceNotFound),
            (stranger, InvoiceNotFound),
        ):
            with pytest.raises(refusal):
                pay_as(till, organization, invoice)
        pay_as(till, till.world.operator, invoice)

    def test_needs_an_invoice(self, till, shipment):
        with pytest.raises(InvoiceNotFound):
            pay_as(till, till.world.rosa, shipment)


class TestABankStatement:
    @pytest.fixture
    def invoices(self, till, tap):
        """Two orders on account, shipped: two invoices of 129.00."""
        orders = [till.place((tap, 10)) for _ in range(2)]
        for order in orders:
            till.accept(order)
        return [till.invoice(till.ship(order, "dieter"))["id"] for order in orders]

    @staticmethod
    def record(till, *lines):
        receipts = [operations.Receipt(each, amount, "bank", name) for each, amount, name in lines]
        with transaction(till.session):
            return operations.record_payments(
                till.session,
                caller=till.world.caller(till.world.rosa),
                receipts=receipts,
                now=till.now,
            )

    def test_pays_invoices_of_several_orders_in_part_and_in_full(self, till, invoices):
        one, two = invoices
        ids = self.record(till, (two, 12_900, "c"), (one, 2_900, "b"), (one, 10_000, "a"))
        assert len(set(ids)) == 3
        books = till.check()
        assert (books[BANK, ""], books[HELD, "Dieter"]) == (-25_800, 2 * 8_740)
        assert self.record(till, (one, 10_000, "a"), (two, 12_900, "c")) == [ids[2], ids[0]]

    def test_may_say_the_same_twice(self, till, invoices):
        ids = self.record(till, (invoices[0], 900, "a"), (invoices[0], 900, "a"))
        assert ids[0] == ids[1]
        assert till.check()[BANK, ""] == -900

    def test_counts_whole_or_not_at_all_and_says_which_line_is_wrong(self, till, invoices):
        one, two = invoices
        good = (one, 900, "a")
        for bad, refusal in (
            ((one, 12_001, "b"), MoreThanOpen),
            ((two, 900, "a"), ReferenceReused),
            ((till.world.rosa.id, 1, "b"), InvoiceNotFound),
        ):
            with pytest.raises(refusal) as refused:
                self.record(till, good, bad)
            assert refused.value.details["position"] == 1
        assert (BANK, "") not in till.check()

    def test_needs_few_statements_however_long_it_is(self, till, invoices):
        counts = []
        for lines in ([1], [2, 3, 4, 5, 6, 7]):
            with count_statements() as statements:
                self.record(till, *((invoices[0], 1, str(line)) for line in lines))
            counts.append(len(statements))
        assert counts[0] == counts[1] <= 10


class TestAPrepaidOrder:
    @pytest.fixture
    def order(self, till, tap):
        order = till.place((tap, 10), payment_method="prepaid")
        till.accept(order)
        return order

    def test_ships_only_when_it_is_paid(self, till, order):
        with pytest.raises(OrderNotPaid):
            till.ship(order, "dieter")
        till.prepay(order, 12_899)
        with pytest.raises(OrderNotPaid) as refused:
            till.ship(order, "dieter")
        assert refused.value.details == {"paid_minor": 12_899, "needed_minor": 12_900}
        till.prepay(order, 1)
        shipment = till.ship(order, "dieter")
        invoice = till.invoice(shipment)
        assert (invoice["paid_minor"], invoice["paid_at"]) == (12_900, till.now)
        books = till.check()
        assert (CLEARING, "Berta") not in books
        assert (books[HELD, "Dieter"], books[HELD, "Rosa"]) == (8_740, 3_880)

    def test_takes_up_no_credit(self, till, tap):
        limit(till, 0)
        till.place((tap, 10), payment_method="prepaid")
        assert till.check() == {}

    def test_ships_the_part_that_is_paid(self, till, order):
        till.prepay(order, 3_870)
        till.ship(order, "dieter", 3)
        with pytest.raises(OrderNotPaid):
            till.ship(order, "dieter", 1)
        till.check()

    def test_gives_the_advance_back_when_cancelled(self, till, order):
        till.prepay(order, 10_000)
        till.ship(order, "dieter", 3)
        till.cancel(order)
        books = till.check()
        assert books[CREDIT, "Berta"] == 10_000 - 3_870
        assert (CLEARING, "Berta") not in books

    def test_keeps_the_advance_for_what_can_still_come(self, till, tap):
        order = till.place((tap, 10), payment_method="prepaid")
        till.prepay(order, 2_000)
        till.reject(order, "dieter")
        assert till.check()[CREDIT, "Berta"] == 2_000

    def test_is_never_paid_beyond_its_price(self, till, order):
        till.prepay(order, 12_000)
        with pytest.raises(MoreThanOpen) as refused:
            till.prepay(order, 901)
        assert refused.value.details == {"open_minor": 900}

    def test_is_paid_once_a_reference(self, till, order):
        assert till.prepay(order, 500, "x") == till.prepay(order, 500, "x")
        assert till.check()[CLEARING, "Berta"] == 500

    def test_does_not_take_another_orders_payment_for_its_own(self, till, tap, order):
        till.prepay(order, 500, "x")
        other = till.place((tap, 10), payment_method="prepaid")
        with pytest.raises(ReferenceReused):
            till.prepay(other, 500, "x")

    def test_is_the_only_sort_that_is_paid_in_advance(self, till, tap):
        order = till.place((tap, 1))
        with pytest.raises(OrderNotPrepaid):
            till.prepay(order, 1)

    def test_is_nobody_elses_business(self, till, order):
        for organization, refusal in (
            (till.world.berta, Forbidden),
            (till.world.wanda, OrderNotFound),
        ):
            with pytest.raises(refusal):
                operations.record_prepayment(
                    till.session,
                    caller=till.world.caller(organization),
                    order_id=order,
                    amount_minor=1,
                    method="bank",
                    reference="r",
                    now=till.now,
                )


def limit(till, amount):
    till.session.execute(
        text("UPDATE network_trading_accounts SET credit_limit_minor = :amount"),
        {"amount": amount},
    )


def pay_as(till, organization, invoice_id):
    with transaction(till.session):
        return operations.record_payment(
            till.session,
            caller=till.world.caller(organization),
            invoice_id=invoice_id,
            amount_minor=100,
            method="bank",
            reference=f"by {organization.name}",
            now=till.now,
        )
