"""``flask routing what-if``: both decisions of one order at a terminal."""

import json

import pytest

from app.catalog.models import Variant
from app.cli.what_if import what_if
from app.inventory.models import Location
from app.kernel.ids import public_id
from app.ordering import operations as ordering
from app.ordering.models import Order
from tests.factories.world import build_world


@pytest.fixture
def world(session, now):
    made = build_world(session, now)
    tap = made.add_variant(stock=(1, 100))
    made.order_id = made.place((tap, 2), now=now)
    session.commit()
    return made


@pytest.fixture
def run(app, world):
    def invoke(*arguments):
        order = world.session.get_one(Order, world.order_id)
        return app.test_cli_runner().invoke(what_if, [str(order.number), *map(str, arguments)])

    return invoke


@pytest.fixture
def shelf(world):
    """Dieter's tap as a terminal names it."""
    place = world.session.get_one(Location, world.places["dieter"])
    sku = world.session.get_one(Variant, world.variants[0]).sku
    return f"{world.dieter.code}/{place.code}:{sku}"


def shown(done):
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


class TestWhatIf:
    def test_prints_both_and_the_difference(self, run, world, shelf):
        done = run("--stock", f"{shelf}=+1")
        assert done.exit_code == 0, done.output
        for said in ("30.00", "21.00", "-9.00", "2 Wanda Wholesale", "2 Dieter Distribution"):
            assert said in done.output

    def test_prints_json_of_whatever_is_supposed(self, run, world, shelf, tmp_path):
        (tmp_path / "p.json").write_text('{"terms": {"split_minor": 7}}')
        wanda, dieter = world.wanda.code, world.dieter.code

        def cost(*arguments):
            return shown(run(*arguments, "--json"))["supposed"]["objective_minor"]

        assert cost("--stock", f"{shelf}=40") == 2100
        assert cost("--policy", tmp_path / "p.json") == 3007
        assert cost("--price", f"{wanda}=-5%") == 2900
        assert cost("--without", wanda) == cost("--only", dieter) == 1300
        assert cost("--line", f"1={dieter}", "--strategy", "fewest_sellers") == 1300

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--stock", "x:y=3"), "LOCATION:SKU"),
            (("--price", "NOBODY=-5%"), "no organization"),
            (("--price", "NOBODY"), "equals sign"),
            (("--policy", "nowhere.json"), "nowhere.json"),
            (("--strategy", "best"), "no such strategy"),
        ],
    )
    def test_tells_what_it_cannot_read(self, run, arguments, said):
        done = run(*arguments)
        assert done.exit_code in {1, 2}
        assert said in done.output

    def test_knows_orders_by_their_id_and_no_others(self, app, world):
        runner = app.test_cli_runner()
        assert runner.invoke(what_if, [public_id("order", world.order_id)]).exit_code == 0
        assert runner.invoke(what_if, ["999999999"]).exit_code == 1

    def test_decides_a_cart_too(self, app, world, now):
        cart = ordering.create_cart(
            world.session, caller=world.caller(world.berta), storefront_id=world.storefront.id,
            buyer_id=world.berta.id, address_id=world.address.id,
            items=[ordering.CartItem(world.variants[0], 2)], now=now,
        )  # fmt: skip
        asked = [public_id("cart", cart.id), "--without", world.wanda.code, "--json"]
        told = shown(app.test_cli_runner().invoke(what_if, asked))
        assert (told["now"]["units_served"], told["supposed"]["units_served"]) == (2, 1)
