"""A story of orders that turn, as each side's feed tells it: buyer, owner, old seller, new seller.

Berta buys at Rosa's; Dieter has the units first, Wanda after him. Theo has no part in it.
"""

import uuid

import pytest
from sqlalchemy import text

from app.infra.unit_of_work import transaction
from app.ordering import operations as ordering
from app.ordering import queries as ordering_queries
from app.ordering.models import Choice
from app.wiring import relay_outbox
from tests.factories.network import OrganizationFactory
from tests.http.api import Api
from tests.support.till import Till
from tests.web.test_pages import sign_in

SIDES = ("berta", "rosa", "dieter", "wanda", "theo")
TOLD = "order.", "orders.", "seller_order."


class Feeds:
    """What has come to each side since it last looked, in English."""

    def __init__(self, client, till: Till) -> None:
        self.till = till
        theo = OrganizationFactory(reseller=True)
        of = {name: getattr(till.world, name, theo) for name in SIDES}
        self.apis = {name: Api(client, who) for name, who in of.items()}
        self.cursors = dict.fromkeys(SIDES, "")

    def news(self, lang: str = "en") -> dict[str, dict[str, str]]:
        with transaction(self.till.session):
            relay_outbox(self.till.session, now=self.till.now, limit=1000)
        return {name: self._of(name, lang) for name in SIDES}

    def _of(self, name: str, lang: str) -> dict[str, str]:
        query = {"limit": 200, "lang": lang, "cursor": self.cursors[name]}
        asked = {key: value for key, value in query.items() if value}
        items = self.apis[name].get("/events", query_string=asked).get_json()["items"]
        if items:
            self.cursors[name] = items[-1]["cursor"]
        return {
            item["name"]: item["text"].partition(": ")[2] or item["text"]
            for item in items
            if item["name"].startswith(TOLD)
        }


@pytest.fixture
def till(session, now) -> Till:
    made = Till(session, now)
    with transaction(session):
        shop = made.world.storefront
        shop.last_resort, shop.reoptimize_above_minor = "ask_buyer", 0
    return made


@pytest.fixture
def feeds(client, till: Till) -> Feeds:
    made = Feeds(client, till)
    made.news()
    return made


def choose(till: Till, order_id: uuid.UUID, answer: str) -> None:
    choice = till.session.query(Choice).where(Choice.order_id == order_id).one()
    with transaction(till.session):
        ordering.answer_choice(
            till.session, caller=till.world.caller(till.world.berta), choice_id=choice.id,
            answer=answer, now=till.now,
        )  # fmt: skip


class TestARefusal:
    def test_is_told_to_both_sides_and_to_the_old_and_the_new_seller(self, till, feeds) -> None:
        order_id = till.place((till.world.add_variant(), 3))
        feeds.news()
        moved = "other sellers deliver 3 units; the buyer's price stays."

        till.reject(order_id, "dieter")

        news = feeds.news()
        assert {name: told.get("order.rerouted") for name, told in news.items()} == {
            "berta": moved, "rosa": moved, "dieter": moved, "wanda": moved, "theo": None,
        }  # fmt: skip
        assert set(news["wanda"]) == {"order.rerouted", "seller_order.offered"}
        assert set(news["berta"]) == {"order.rerouted"}
        assert news["theo"] == {}

    def test_that_nobody_makes_up_for_opens_a_choice_and_every_turn_of_it_is_told(
        self, till, feeds
    ) -> None:
        order_id = till.place((till.world.add_variant(wanda=None), 3))
        feeds.news()
        concerned = {"berta", "rosa", "dieter"}

        till.reject(order_id, "dieter")
        asked = feeds.news("de")
        choose(till, order_id, "wait")
        waits = feeds.news("pt")
        choose(till, order_id, "cancel")
        ended = feeds.news("es")

        assert asked["berta"]["order.choice_opened"] == (
            "niemand liefert jetzt 3 Stück; der Käufer kann bis 5 März 2026, 09:00 UTC wählen."
        )
        assert {name for name in SIDES if "order.choice_opened" in asked[name]} == concerned
        assert waits["dieter"]["order.choice_waits"].startswith(
            "o comprador espera até 1 abr. 2026"
        )
        assert {name for name in SIDES if waits[name]} == concerned
        assert {name for name in SIDES if "order.choice_ended" in ended[name]} == concerned
        # Both sides are told the amount; who had the units is told that they are given up.
        assert ended["dieter"]["order.units_given_up"] == (
            "nadie más entrega 3 unidades; se renuncia a ellas."
        )
        for side in ("berta", "rosa"):
            assert "45,00" in ended[side]["order.units_cancelled"]
        assert "order.units_cancelled" not in ended["dieter"]


class TestAnOrderThatIsCancelled:
    def test_is_told_to_its_sellers(self, till, feeds) -> None:
        order_id = till.place((till.world.add_variant(), 3))
        feeds.news()

        till.cancel(order_id)

        news = feeds.news()
        assert news["dieter"] == {
            "seller_order.units_taken_back": (
                "3 units are cancelled; the seller need not deliver them."
            )
        }
        assert "order.units_cancelled" in news["berta"]
        assert news["wanda"] == news["theo"] == {}

    def test_ends_its_choices(self, till, feeds) -> None:
        order_id = till.place((till.world.add_variant(wanda=None), 3))
        till.reject(order_id, "dieter")
        feeds.news()

        till.cancel(order_id)

        assert feeds.news()["dieter"] == {"order.choice_ended": "what waited is cancelled."}


class TestPlanningAgain:
    def test_is_told_to_both_sides_and_to_who_loses_and_wins_it(self, till, feeds) -> None:
        order_id = till.place((till.world.add_variant(dieter=1100, wanda=800, stock=(9, 0)), 5))
        with transaction(till.session):
            till.session.execute(
                text("UPDATE inventory_stock SET on_hand = 50 WHERE location_id = :place"),
                {"place": till.world.places["wanda"]},
            )
        feeds.news()

        with transaction(till.session):
            ordering.apply_gain(till.session, order_ids=[order_id], now=till.now)

        news = feeds.news()
        again = "planned again before anybody had accepted; price and promise stay."
        assert {name: told.get("order.rerouted") for name, told in news.items()} == {
            "berta": again, "rosa": again, "dieter": again, "wanda": again, "theo": None,
        }  # fmt: skip
        assert "seller_order.units_taken_back" in news["dieter"]
        assert "seller_order.offered" in news["wanda"]
        assert news["rosa"]["orders.reoptimized"].startswith("1 open orders")


class TestAColleague:
    def test_who_may_not_read_events_reads_none(self, client, till, feeds) -> None:
        till.place((till.world.add_variant(), 1))

        answer = Api(client, till.world.rosa, "orders.read").get("/events")

        assert answer.status_code == 403


class TestTheirPage:
    def test_tells_the_newest_first_in_the_readers_language(self, client, till, feeds) -> None:
        order_id = till.place((till.world.add_variant(), 3))
        till.reject(order_id, "dieter")
        feeds.news()
        number = ordering_queries.find_order(till.session, order_id=order_id).number
        sign_in(client, till.world, "dieter")

        page = client.get("/news?lang=es").get_data(as_text=True)

        assert f"Pedido {number}: otros vendedores entregan 3 unidades" in page
        assert page.index("otros vendedores") < page.index("se pregunta a un vendedor")
        # The order's page is not his to open.
        assert "/orders/" not in page
