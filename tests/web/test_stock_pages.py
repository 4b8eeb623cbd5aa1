"""Dieter's stock on pages: he looks, receives, adjusts, announces and closes; others cannot."""

import pytest

from app.inventory import operations
from app.inventory.models import Location, Stock
from app.inventory.operations import Message
from app.kernel.ids import public_id
from tests.factories.catalog import LocationFactory, OfferFactory, VariantFactory
from tests.factories.network import caller_of, headers_of, make_network


@pytest.fixture
def network(session):
    return make_network()


@pytest.fixture
def here(network):
    return LocationFactory(seller_id=network.dieter.id, name="North", code="N1")


@pytest.fixture
def there(network):
    return LocationFactory(seller_id=network.dieter.id, name="South", code="S1")


@pytest.fixture
def tap(network):
    tap = VariantFactory(manufacturer_id=network.mira.id, sku="TAP-1", name="Blue tap")
    OfferFactory(seller_id=network.dieter.id, variant_id=tap.id, seller_sku="DD-TAP")
    return tap


@pytest.fixture
def path(here):
    return f"/stock/{public_id('loc', here.id)}"


@pytest.fixture
def sign_in(client, session):
    def as_(organization, *permissions):
        header = headers_of(organization, *permissions)["Authorization"]
        session.commit()
        answer = client.post("/session", data={"key": header.removeprefix("Bearer ")})
        assert answer.status_code == 302

    return as_


RECEIPT = {"act": "receive", "sku": "DD-TAP", "quantity": "7", "reference": "D-1"}


class TestTheStockPage:
    def test_receives_adjusts_and_shows_what_is_there(
        self, client, session, network, sign_in, here, there, tap, path
    ):
        sign_in(network.dieter)
        assert "7 came." in client.post(path, data=RECEIPT).text
        less = {"act": "adjust", "sku": "TAP-1", "quantity": "-2", "code": "damaged"}
        page = client.post(path, data=less).text
        for told in ("Adjusted by -2.", "Blue tap", "TAP-1"):
            assert told in page
        assert session.get(Stock, (here.id, tap.id)).on_hand == 5
        to = public_id("loc", there.id)
        sent = {"act": "transfer", "sku": "TAP-1", "quantity": "4", "to": to}
        assert "4 left" in client.post(path, data=sent).text
        session.expire_all()
        assert session.get(Stock, (there.id, tap.id)).on_hand == 4
        moved = client.get(f"{path}/movements?sku=TAP-1").text
        for told in ("+7", "-2", "-4", "damaged", "D-1", "receipt"):
            assert told in moved
        assert "damaged" not in client.get(f"{path}/movements?reason=receipt").text

    def test_finds_what_is_asked_for_and_what_is_scarce(
        self, client, network, sign_in, here, tap, path
    ):
        sign_in(network.dieter)
        client.post(path, data=RECEIPT)
        assert "Blue tap" in client.get(f"{path}?q=blue").text
        assert "Blue tap" not in client.get(f"{path}?q=b%25e").text
        assert "Blue tap" not in client.get(f"{path}?scarce=yes").text
        client.post(path, data={"act": "watch", "sku": "TAP-1", "quantity": "9"})
        assert "Blue tap" in client.get(f"{path}?scarce=yes").text

    def test_says_what_is_wrong_and_keeps_what_was_typed(
        self, client, network, sign_in, here, tap, path
    ):
        sign_in(network.dieter)
        for wrong, told in (
            ({"sku": "NONE"}, "None of your variants is called"),
            ({"quantity": "many"}, "not a whole number"),
            ({"expires_on": "2026-05-31"}, "name it"),
            ({"act": "burn"}, "is none of"),
        ):
            answer = client.post(path, data=RECEIPT | wrong)
            assert 400 <= answer.status_code < 500
            assert told in answer.text
            assert 'value="D-1"' in answer.text or "act" in wrong
        less = {"act": "adjust", "sku": "TAP-1", "quantity": "-2", "code": "lost"}
        answer = client.post(path, data=less)
        assert answer.status_code == 409
        assert "0 are there, 0 of them reserved" in answer.text

    def test_is_the_seller_s_own(self, client, network, sign_in, here, there, tap, path):
        assert client.get(path).status_code == 302
        sign_in(network.dieter, "stock.read")
        assert "Move goods" not in client.get(path).text
        assert client.post(path, data=RECEIPT).status_code == 403
        assert "North" in client.get("/stock").text
        sign_in(network.wanda)
        for page in ("", "/movements", "/incoming", "/calendar"):
            assert client.get(f"{path}{page}").status_code == 404
        assert client.post(path, data=RECEIPT).status_code == 404
        assert "North" not in client.get("/stock").text


class TestTheIncomingPage:
    def test_announces_and_receives(self, client, session, network, sign_in, here, tap, path):
        sign_in(network.dieter)
        said = {"sku": "TAP-1", "reference": "PO-1", "due_on": "2026-02-20", "quantity": "9"}
        page = client.post(f"{path}/incoming", data=said, follow_redirects=True).text
        for told in ("PO-1", "late", "Blue tap"):
            assert told in page
        came = {"act": "receive", "sku": "TAP-1", "reference": "PO-1", "quantity": "9"}
        page = client.post(f"{path}/incoming", data=came, follow_redirects=True).text
        assert "Nothing is announced" in page
        assert session.get(Stock, (here.id, tap.id)).on_hand == 9
        wrong = client.post(f"{path}/incoming", data=said | {"due_on": "soon"})
        assert wrong.status_code == 422
        assert "not a day" in wrong.text


class TestTheCalendarPage:
    WEEK = {"monday": "12:00", "time_zone": "Europe/Berlin", "low_at": "5", "version": "1"}  # noqa: RUF012

    def test_says_when_things_leave_and_is_changed(
        self, client, session, network, sign_in, here, path
    ):
        sign_in(network.dieter)
        assert "Monday, 2026-03-02" in client.get(f"{path}/calendar").text
        assert client.post(f"{path}/calendar", data=self.WEEK).status_code == 302
        page = client.get(f"{path}/calendar").text
        assert "Monday, 2026-03-09" in page
        session.expire_all()
        kept = session.get(Location, here.id)
        assert (kept.time_zone, kept.low_at, kept.cutoffs[1]) == ("Europe/Berlin", 5, None)
        assert client.post(f"{path}/calendar", data=self.WEEK).status_code == 412
        again = self.WEEK | {"version": "2", "monday": "noon"}
        assert client.post(f"{path}/calendar", data=again).status_code == 422

    def test_closes_and_opens_again(self, client, network, sign_in, here, path):
        sign_in(network.dieter)
        shut = {
            "act": "close", "first_on": "2026-03-02", "last_on": "2026-03-03", "reason": "Move",
        }  # fmt: skip
        page = client.post(f"{path}/calendar", data=shut, follow_redirects=True).text
        assert "Move" in page
        assert "Wednesday, 2026-03-04;" in page
        closure = page.split('name="closure" value="')[1].split('"')[0]
        back = {"act": "reopen", "closure": closure}
        page = client.post(f"{path}/calendar", data=back, follow_redirects=True).text
        assert "No closures" in page
        wrong = client.post(f"{path}/calendar", data=shut | {"last_on": "2026-03-01"})
        assert wrong.status_code == 422


class TestTheFeedsPage:
    def test_says_what_waits_for_what(self, client, session, network, sign_in, here, tap, now):
        sign_in(network.dieter)
        assert "No feed has told anything yet" in client.get("/stock-feeds").text
        line = {"location_id": here.id, "variant_id": tap.id, "quantity": 3}
        for sequence in (1, 3):
            message = Message(sequence=sequence, kind="delta", lines=[line])
            operations.put_feed(
                session, caller=caller_of(network.dieter), code="wms", message=message, now=now
            )
        session.commit()
        page = client.get("/stock-feeds").text
        for told in ("wms", "applied", "held", "waits for 2"):
            assert told in page
