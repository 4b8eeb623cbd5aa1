"""Where every cent of an order is, from placement to statement, to the cent.

Rosa resells Dieter's taps (12.00; she pays him 8.00) and lets Wanda sell in her own name (10.00,
commission 5 %). The manufacturer's royalty is 2 %, the platform's fee 1 %.
"""

from datetime import timedelta

import pytest

from app.kernel.paging import PageRequest
from app.settlement import queries
from app.settlement.errors import PeriodMalformed, PeriodNotNext, StatementNotFound

BANK, OWED, CLAWBACK, CLEARING = 1200, 1300, 1400, 2100
HELD, WAITING, FREE, DEFERRED, CREDIT, EARNED = 2200, 2205, 2210, 2450, 2710, 4110
RESERVED, CONTRA = 9200, 9201


class TestAnOrderOnAccount:
    @pytest.fixture
    def order(self, till):
        resold = till.world.add_variant(dieter=800, wanda=None, rosa=1200)
        brokered = till.world.add_variant(dieter=None, wanda=1000)
        return till.place((resold, 10), (brokered, 7))

    @pytest.mark.usefixtures("order")
    def test_first_takes_up_credit_only(self, till):
        # 120.00 + 9.00 freight from Dieter, 70.00 + 18.00 freight from Wanda.
        assert till.check() == {(RESERVED, "Berta"): -21_700, (CONTRA, "Berta"): 21_700}

    def test_owes_each_party_its_part_when_shipped(self, till, order):
        till.accept(order)
        till.ship(order, "dieter")
        assert till.check() == {
            (OWED, "Berta"): -12_900,
            (WAITING, "Dieter"): 8_740,  # 80.00 - 1.60 royalty + 9.00 freight
            (WAITING, "Mira"): 160,
            (WAITING, "Rosa"): 3_880,  # 120.00 - 80.00 - 1.20 fee
            (DEFERRED, "Operator"): 120,
            (RESERVED, "Berta"): -8_800,
            (CONTRA, "Berta"): 8_800,
        }
        till.ship(order, "wanda")
        assert till.check() == {
            (OWED, "Berta"): -21_700,
            (WAITING, "Dieter"): 8_740,
            (WAITING, "Wanda"): 8_240,  # 70.00 - 1.40 - 0.70 - 3.50 + 18.00 freight
            (WAITING, "Mira"): 300,
            (WAITING, "Rosa"): 4_230,  # 38.80 margin + 3.50 commission
            (DEFERRED, "Operator"): 190,
        }

    def test_holds_the_money_of_a_shipment_once_its_invoice_is_paid(self, till, order):
        till.accept(order)
        first = till.ship(order, "dieter")
        till.ship(order, "wanda")
        till.pay(first, 12_000, "part one")
        assert till.check()[WAITING, "Dieter"] == 8_740
        till.pay(first, 900, "part two")
        books = till.check()
        assert books[BANK, ""] == -12_900
        assert books[OWED, "Berta"] == -8_800
        assert (books[HELD, "Dieter"], books[HELD, "Mira"], books[HELD, "Rosa"]) == (
            8_740,
            160,
            3_880,
        )
        assert (books[WAITING, "Wanda"], books[WAITING, "Mira"], books[WAITING, "Rosa"]) == (
            8_240,
            140,
            350,
        )

    def test_frees_the_money_when_hold_and_payment_are_both_over(self, till, order):
        till.accept(order)
        paid, unpaid = till.ship(order, "dieter"), till.ship(order, "wanda")
        till.after(days=2).deliver(paid, unpaid)
        till.pay(paid)
        assert till.after(days=13).release() == 0
        assert till.after(days=1).release() == 1
        assert till.check() == {
            (BANK, ""): -12_900,
            (OWED, "Berta"): -8_800,
            (FREE, "Dieter"): 8_740,
            (FREE, "Mira"): 160,
            (FREE, "Rosa"): 3_880,
            (EARNED, "Operator"): 120,
            (WAITING, "Wanda"): 8_240,
            (WAITING, "Mira"): 140,
            (WAITING, "Rosa"): 350,
            (DEFERRED, "Operator"): 70,
        }
        assert till.release() == 0
        till.pay(unpaid)
        assert till.release() == 1
        assert till.check() == {
            (BANK, ""): -21_700,
            (FREE, "Dieter"): 8_740,
            (FREE, "Wanda"): 8_240,
            (FREE, "Mira"): 300,
            (FREE, "Rosa"): 4_230,
            (EARNED, "Operator"): 190,
        }

    def test_shipped_in_parts_comes_to_the_same_cents(self, till):
        tap = till.world.add_variant(dieter=333, wanda=None, rosa=777)
        order = till.place((tap, 7))
        till.accept(order)
        shipments = [till.ship(order, "dieter", units) for units in (2, 4, 1)]
        assert [till.invoice(shipment)["amount_minor"] for shipment in shipments] == [
            1_554 + 257,
            3_108 + 514,
            777 + 129,
        ]
        books = till.check()
        assert books[OWED, "Berta"] == -(7 * 777 + 900)
        assert sum(amount for (code, _), amount in books.items() if code < RESERVED) == 0

    def test_that_is_cancelled_frees_its_credit(self, till, order):
        till.accept(order)
        till.ship(order, "dieter", 3)
        till.cancel(order)
        books = till.check()
        assert RESERVED not in {code for code, _ in books}
        assert books[OWED, "Berta"] == -(3_600 + 270)


class TestAReRouting:
    def test_that_costs_more_is_carried_by_the_storefront(self, till):
        tap = till.world.add_variant(dieter=800, wanda=1500, rosa=1200)
        order = till.place((tap, 10))
        till.reject(order, "dieter")
        till.accept(order)
        shipment = till.ship(order, "wanda")
        # The buyer pays 120.00 + 9.00; Wanda gets 150.00 less 1.5 + 3 + 7.5, and 18.00 freight.
        assert till.check() == {
            (OWED, "Berta"): -12_900,
            (WAITING, "Wanda"): 15_600,
            (WAITING, "Mira"): 300,
            (CLAWBACK, "Rosa"): -3_150,  # 7.50 commission - 39.00
            (DEFERRED, "Operator"): 150,
        }
        till.pay(shipment)
        till.deliver(shipment)
        till.after(days=15).release()
        assert till.check()[CLAWBACK, "Rosa"] == -3_150

    def test_is_paid_back_from_what_the_storefront_earns_next(self, till):
        dear = till.world.add_variant(dieter=800, wanda=1500, rosa=1200)
        tap = till.world.add_variant(dieter=800, wanda=None, rosa=1200)
        first = till.place((dear, 10))
        till.reject(first, "dieter")
        second = till.place((tap, 10))
        for order, seller in ((first, "wanda"), (second, "dieter")):
            till.accept(order)
            shipment = till.ship(order, seller)
            till.pay(shipment)
            till.deliver(shipment)
        till.after(days=15).release()
        books = till.check()
        assert (CLAWBACK, "Rosa") not in books
        assert books[FREE, "Rosa"] == 3_880 - 3_150


class TestAPeriod:
    @pytest.fixture
    def sold(self, till):
        """March: sold, paid, released; in April the same again, not yet paid."""
        self.march = till.now.replace(day=1, hour=0)
        tap = till.world.add_variant(dieter=800, wanda=None, rosa=1200)
        order = till.place((tap, 10))
        till.accept(order)
        shipment = till.ship(order, "dieter")
        till.deliver(shipment)
        till.after(days=3).pay(shipment)
        till.after(days=12).release()
        till.after(days=20)
        again = till.place((tap, 1))
        till.accept(again)
        till.ship(again, "dieter")
        return till

    @staticmethod
    def statements(till, organization):
        page = queries.list_statements(
            till.session, caller=till.world.caller(organization), page=PageRequest()
        )
        return [
            (s.opening_minor, s.movement_minor, s.closing_minor, s.line_count)
            for s in reversed(page.items)
            if s.organization_id == organization.id
        ]

    def test_becomes_one_statement_for_each_that_money_moved_for(self, sold):
        april, may = self.march + timedelta(days=31), self.march + timedelta(days=61)
        sold.after(days=60)
        assert sold.close(self.march, april) == 5
        assert sold.close(april, may) == 5
        world = sold.world
        assert self.statements(sold, world.dieter) == [
            (0, 8_740, 8_740, 2),
            (8_740, 1_284, 10_024, 2),
        ]
        assert self.statements(sold, world.rosa) == [(0, 3_880, 3_880, 1), (3_880, 388, 4_268, 1)]
        assert self.statements(sold, world.mira) == [(0, 160, 160, 1), (160, 16, 176, 1)]
        assert self.statements(sold, world.operator) == [(0, 120, 120, 1), (120, 12, 132, 1)]
        # Berta was invoiced and paid in March; in April she was invoiced.
        assert self.statements(sold, world.berta) == [(0, 0, 0, 2), (0, -1_700, -1_700, 1)]
        sold.check()

    def test_is_closed_once(self, sold):
        april = self.march + timedelta(days=31)
        assert sold.after(days=30).close(self.march, april) == 5
        assert sold.close(self.march, april) == 0
        assert self.statements(sold, sold.world.mira) == [(0, 160, 160, 1)]

    def test_follows_the_one_before(self, sold):
        april = self.march + timedelta(days=31)
        sold.after(days=90).close(self.march, april)
        with pytest.raises(PeriodNotNext):
            sold.close(april + timedelta(days=1), april + timedelta(days=30))
        with pytest.raises(PeriodNotNext):
            sold.close(self.march, april + timedelta(days=30))

    def test_begins_before_the_first_journal(self, sold):
        with pytest.raises(PeriodNotNext):
            sold.close(self.march + timedelta(days=10), self.march + timedelta(days=31))

    def test_is_closed_after_it_has_ended(self, sold):
        with pytest.raises(PeriodMalformed):
            sold.close(self.march, sold.now + timedelta(days=1))
        with pytest.raises(PeriodMalformed):
            sold.close(self.march, self.march)

    def test_tells_a_latecomer_in_the_next_statement(self, sold):
        april, may = self.march + timedelta(days=31), self.march + timedelta(days=61)
        sold.after(days=60).close(self.march, april)
        today, sold.now = sold.now, self.march + timedelta(days=30)
        tap = sold.world.add_variant(dieter=800, wanda=None, rosa=1200)
        late = sold.place((tap, 1))
        sold.accept(late)
        sold.ship(late, "dieter")
        sold.now = today
        sold.close(april, may)
        assert self.statements(sold, sold.world.mira) == [(0, 160, 160, 1), (160, 32, 192, 2)]
        sold.check()

    def test_has_lines_that_sum_to_its_movement_and_name_what_they_are_for(self, sold):
        sold.after(days=60).close(self.march, self.march + timedelta(days=61))
        for organization in (sold.world.dieter, sold.world.rosa, sold.world.berta):
            caller = sold.world.caller(organization)
            [statement] = queries.list_statements(
                sold.session, caller=caller, page=PageRequest()
            ).items
            lines = queries.list_statement_lines(
                sold.session, caller=caller, statement_id=statement.id, page=PageRequest()
            ).items
            assert sum(line.amount_minor for line in lines) == statement.movement_minor
            assert len(lines) == statement.line_count
            assert all(line.order_id for line in lines)
        assert [(line.kind, line.amount_minor) for line in lines] == [
            ("shipment", -12_900),
            ("payment", 12_900),
            ("shipment", -1_700),
        ]

    def test_pages_its_lines(self, sold):
        sold.after(days=60).close(self.march, self.march + timedelta(days=61))
        caller = sold.world.caller(sold.world.dieter)
        [statement] = queries.list_statements(sold.session, caller=caller, page=PageRequest()).items
        kinds, after = [], None
        while True:
            page = queries.list_statement_lines(
                sold.session,
                caller=caller,
                statement_id=statement.id,
                page=PageRequest(after=after, limit=1),
            )
            kinds += [line.kind for line in page.items]
            if page.next_cursor is None:
                break
            after = page.items[-1].id
        assert kinds == ["goods", "freight"] * 2

    def test_is_nobody_elses_business(self, sold):
        sold.after(days=30).close(self.march, self.march + timedelta(days=31))
        caller = sold.world.caller(sold.world.dieter)
        [statement] = queries.list_statements(sold.session, caller=caller, page=PageRequest()).items
        with pytest.raises(StatementNotFound):
            queries.get_statement(
                sold.session,
                caller=sold.world.caller(sold.world.wanda),
                statement_id=statement.id,
            )
