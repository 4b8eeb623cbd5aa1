"""Rosa supposes something of an order on a page, and sees both decisions side by side."""

import pytest

from app.kernel.ids import public_id
from tests.factories.world import build_world
from tests.web.test_price_pages import signed_in


@pytest.fixture
def world(client, session, now):
    made = build_world(session, now)
    tap = made.add_variant(stock=(1, 100))
    made.order = public_id("order", made.place((tap, 2), now=now))
    session.commit()
    return made


def page(client, world, **said):
    return client.get(f"/orders/{world.order}/what-if", query_string=said)


class TestThePage:
    def test_is_reached_from_the_reasons_by_who_may_ask(self, client, world):
        why = f"/orders/{world.order}/why"
        assert "/what-if" in signed_in(client, world.rosa).get(why).text
        assert "/what-if" not in signed_in(client, world.berta).get(why).text

    def test_offers_what_can_be_supposed(self, client, world):
        shown = page(signed_in(client, world.rosa), world).text
        assert "Side by side" not in shown
        for said in (
            "Wanda Wholesale takes part",
            "Dieter Distribution: Campinas",
            "fewest sellers",
        ):
            assert said in shown

    def test_compares_and_keeps_what_was_asked(self, client, world):
        rosa = signed_in(client, world.rosa)
        said = {
            f"price.{public_id('org', world.wanda.id)}": "-2,5 %",
            "stock.0.place": public_id("loc", world.places["dieter"]),
            "stock.0.goods": public_id("var", world.variants[0]),
            "stock.0.change": "+1",
            "document": '{"terms": {"split_minor": 30}}',
        }
        shown = page(rosa, world, **said).text
        for amount in ("R$30.00", "R$21.30", "R$0.30", "2 from Dieter Distribution", "otherwise"):
            assert amount in shown
        assert 'value="-2,5 %"' in shown

    def test_forbids_or_forces_sellers(self, client, world):
        rosa = signed_in(client, world.rosa)
        wanda = public_id("org", world.wanda.id)
        assert "R$13.00" in page(rosa, world, **{f"is.{wanda}": "without"}).text
        assert "R$30.00" in page(rosa, world, **{"line.1": wanda}).text

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            ({"strategy": "best"}, "There is no such strategy"),
            ({"document": "{"}, "The policy cannot be read"),
            ({"line.1": "org_x"}, "org_x is not an id"),
        ],
    )
    def test_says_what_cannot_be_supposed(self, client, world, said, told):
        answer = page(signed_in(client, world.rosa), world, **said)
        assert 400 <= answer.status_code < 500
        assert told in answer.text

    def test_is_closed_to_others(self, client, world):
        assert page(signed_in(client, world.wanda), world).status_code == 404
        assert page(signed_in(client, world.berta), world).status_code == 403
