"""Berta's cart on pages: what it would bring, kept for a while; Rosa asks what would be, if."""

import pytest

from app.kernel.ids import public_id
from app.ordering import operations as ordering
from app.ordering.models import Cart
from app.web.cart_texts import TEXTS
from tests.factories.world import build_world
from tests.web.test_policy_pages import placeholders
from tests.web.test_price_pages import signed_in


@pytest.fixture
def world(client, session, now):
    made = build_world(session, now)
    tap = made.add_variant(stock=(1, 100))
    made.cart = ordering.create_cart(
        session, caller=made.caller(made.berta), storefront_id=made.storefront.id,
        buyer_id=made.berta.id, address_id=made.address.id,
        items=[ordering.CartItem(tap, 2)], now=now,
    )  # fmt: skip
    made.path = f"/carts/{public_id('cart', made.cart.id)}"
    session.commit()
    return made


class TestACartsPage:
    def test_shows_what_ordering_it_would_bring_to_who_may_look(self, client, world):
        berta = signed_in(client, world.berta)
        assert world.path in berta.get("/carts").text
        shown = berta.get(world.path).text
        assert "2 from Wanda Wholesale" in shown
        assert "R$30.00" in shown
        assert "/what-if" not in shown
        assert "/what-if" in signed_in(client, world.rosa).get(world.path).text
        assert signed_in(client, world.wanda).get(world.path).status_code == 404

    def test_keeps_it_for_a_while_and_lets_it_go(self, client, world, session):
        berta = signed_in(client, world.berta)
        kept = berta.post(world.path, data={"act": "keep", "minutes": "20"})
        assert kept.status_code == 302
        assert world.available("wanda", world.variants[0]) == 98
        assert "kept from others until" in berta.get(world.path).text
        berta.post(world.path, data={"act": "let_go"})
        assert session.get(Cart, world.cart.id, populate_existing=True).reserved_until is None
        assert world.available("wanda", world.variants[0]) == 100

    def test_says_why_it_keeps_nothing_in_the_readers_language(self, client, world, session):
        berta = signed_in(client, world.berta)
        session.commit()
        told = berta.post(f"{world.path}?lang=de", data={"act": "keep", "minutes": "9999"})
        assert told.status_code == 400
        assert TEXTS["de"]["refused.ordering.kept_too_long"] in told.text
        told = berta.post(world.path, data={"act": "keep", "minutes": "soon"})
        assert TEXTS["de"]["refused.minutes"] in told.text

    def test_is_changed_by_its_buyer_alone(self, client, world):
        rosa = signed_in(client, world.rosa)
        assert rosa.post(world.path, data={"act": "keep"}).status_code == 404

    def test_says_the_same_in_every_language(self):
        for key, template in TEXTS["en"].items():
            for texts in TEXTS.values():
                assert placeholders(texts[key]) == placeholders(template), key


class TestWhatIfOfACart:
    def test_is_asked_by_the_shops_owner_in_the_readers_language(self, client, world):
        rosa = signed_in(client, world.rosa)
        form = rosa.get(f"{world.path}/what-if?lang=pt").text
        assert "E se…: um carrinho" in form
        assert "Dieter Distribution participa" in form
        wanda = public_id("org", world.wanda.id)
        told = rosa.get(f"{world.path}/what-if", query_string={f"is.{wanda}": "without"}).text
        assert "Lado a lado" in told
        assert "1 de Dieter Distribution" in told
        assert "otherwise" not in told
        assert signed_in(client, world.berta).get(f"{world.path}/what-if").status_code == 403

    def test_counts_what_is_kept_for_it_as_its_own(self, client, world):
        berta = signed_in(client, world.berta)
        berta.post(world.path, data={"act": "keep"})
        tap, wandas = world.variants[0], world.places["wanda"]
        others = {
            "stock.0.place": public_id("loc", wandas), "stock.0.goods": public_id("var", tap),
            "stock.0.change": "-98",
        }  # fmt: skip
        told = signed_in(client, world.rosa).get(f"{world.path}/what-if", query_string=others).text
        assert told.count("2 from Wanda Wholesale") == 2

    def test_says_what_it_cannot_suppose(self, client, world):
        rosa = signed_in(client, world.rosa)
        asked = {"strategy": "best", "lang": "es"}
        told = rosa.get(f"{world.path}/what-if", query_string=asked)
        assert told.status_code == 422
        assert "Esto no se puede suponer" in told.text
        assert "No hay tal estrategia" in told.text
