"""``flask ledger verify`` and ``flask settlement``: what the operator sees, and the exit status."""

import pytest
from sqlalchemy import text

from app.cli.ledger import ledger
from app.cli.settlement import settlement
from tests.support.till import Till


@pytest.fixture
def till(session, now):
    till = Till(session, now)
    order = till.place((till.world.add_variant(dieter=800, wanda=None, rosa=1200), 10))
    till.accept(order)
    till.ship(order, "dieter")
    return till


def run(app, group, *arguments):
    return app.test_cli_runner().invoke(group, arguments)


@pytest.mark.usefixtures("till")
class TestVerify:
    def test_shows_what_was_proved(self, app):
        result = run(app, ledger, "verify")
        assert result.exit_code == 0, result.output
        assert "every shipment is billed, split and booked with one amount" in result.output
        assert "invariants hold" in result.output
        assert "129.00" in result.output

    @pytest.mark.parametrize(
        ("damage", "law"),
        [
            ("UPDATE payments_invoices SET paid_minor = 1", "open invoices are what buyers owe"),
            (
                "UPDATE settlement_splits SET amount_minor = amount_minor + 1 WHERE kind = 'goods'",
                "what was shipped of an allocation is owned to the cent",
            ),
            ("UPDATE inventory_stock SET reserved = reserved + 1", "reserved stock is the sum"),
            (
                "UPDATE ordering_seller_orders SET status = 'offered'",
                "each seller order's state fits its allocations",
            ),
            (
                "UPDATE ordering_order_lines SET cancelled_quantity = 1",
                "orders serve what their allocations hold",
            ),
            (
                "UPDATE ordering_allocations SET delivered_quantity = 1",
                "shipments carry what allocations count",
            ),
            (
                "UPDATE ordering_allocations SET buyer_goods_minor = buyer_goods_minor + 1",
                "re-routing never moves the buyer's price",
            ),
            ("UPDATE payments_invoices SET shipment_id = id", "every shipment is billed"),
            (
                (
                    "UPDATE ledger_balances SET amount_minor = amount_minor + 1 WHERE account_id ="
                    " (SELECT id FROM ledger_accounts WHERE code = 9200)"
                ),
                "reserved credit is the open value of orders on account",
            ),
            (
                (
                    "INSERT INTO inventory_reservations (id, order_id, allocation_id, location_id,"
                    " variant_id, quantity, created_at) SELECT uuidv7(), order_id, uuidv7(),"
                    " location_id, variant_id, 5, now() FROM inventory_reservations"
                ),
                "reserved stock is the sum",
            ),
            (
                "UPDATE settlement_releases SET released_at = now()",
                "money waits, is held or is free",
            ),
        ],
    )
    def test_finds_damage_and_fails(self, app, session, damage, law):
        session.execute(text("SET session_replication_role = replica"))
        session.execute(text(damage))
        session.execute(text("SET session_replication_role = origin"))
        result = run(app, ledger, "verify")
        assert result.exit_code == 1
        assert f"Broken: {law}" in " ".join(result.output.split())


class TestSettlement:
    def test_releases_and_closes(self, app, till):
        result = run(app, settlement, "release")
        assert result.output == "0 shipments released.\n"
        arguments = ("close", "--from", "2026-02-01", "--to", "2026-03-01")
        assert run(app, settlement, *arguments).output == "0 statements closed.\n"
