"""Files on pages: sent, read as guessed, tried, run, and the refused rows taken home."""

import io

import pytest

from app.exchange import tasks
from app.infra.db import db
from app.kernel.ids import parse_id, public_id
from tests.factories import catalog as make
from tests.factories import network as net

FILE = "Artikelnummer;Preis\nT-1;1.234,50\nT-2;x\n"


@pytest.fixture
def people(session):
    made = net.make_network()
    make.VariantFactory(manufacturer_id=made.mira.id, sku="T-1")
    session.commit()
    return made


@pytest.fixture
def price_list(people, session):
    found = make.PriceListFactory(owner_id=people.dieter.id, currency="EUR", name="Spring")
    session.commit()
    return public_id("plist", found.id)


def sign_in(client, organization):
    header = net.headers_of(organization)["Authorization"]
    db.session.commit()
    assert client.post("/session", data={"key": header.removeprefix("Bearer ")}).status_code == 302


def send(client, price_list):
    form = {
        "resource": "prices", "price_list": price_list,
        "file": (io.BytesIO(FILE.encode("cp1252")), "Frühling.csv"),
    }  # fmt: skip
    answer = client.post("/imports", data=form, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return answer.location


def mapping(page):
    return {
        "mapped": "1", "header-0": "Artikelnummer", "column-0": "sku", "header-1": "Preis",
        "column-1": "price", "decimal_mark": ",", "date_format": "iso", "mode": "delta",
        "policy": "partial",
    }  # fmt: skip


class TestTheImportPages:
    def test_lead_from_the_file_over_a_trial_to_the_result(self, client, people, price_list, now):
        sign_in(client, people.dieter)
        assert "Spring (sale, EUR)" in client.get("/imports").get_data(as_text=True)
        page = send(client, price_list)
        shown = client.get(page).get_data(as_text=True)
        assert "Frühling.csv" in shown
        assert '<option value="price" selected>Price</option>' in shown
        assert '<option value="," selected>1.234,56</option>' in shown
        client.post(f"{page}/confirm", data={**mapping(page), "action": "try", "save_as": "ERP"})
        assert 'http-equiv="refresh"' in client.get(page).get_data(as_text=True)
        self.work(page, now)
        tried = client.get(page).get_data(as_text=True)
        assert "What would happen" in tried
        assert "It is not an amount" in tried
        client.post(f"{page}/confirm", data={"action": "run"})
        self.work(page, now)
        done = client.get(page).get_data(as_text=True)
        assert "What happened" in done
        assert 'http-equiv="refresh"' not in done
        errors = client.get(f"{page}/errors.csv").get_data(as_text=True)
        assert "3,Preis,x,not_an_amount" in errors
        assert "Frühling.csv" in client.get("/imports").get_data(as_text=True)

    def test_say_in_place_what_a_mapping_lacks(self, client, people, price_list):
        sign_in(client, people.dieter)
        page = send(client, price_list)
        answer = client.post(f"{page}/confirm", data={**mapping(page), "column-1": ""})
        assert answer.status_code == 400
        assert "Price is needed" in answer.get_data(as_text=True)

    def test_are_not_there_for_strangers(self, client, people, price_list):
        sign_in(client, people.dieter)
        page = send(client, price_list)
        client.post("/session/end")
        assert client.get(page).status_code == 302
        sign_in(client, people.theo)
        assert client.get(page).status_code == 404
        assert client.get(f"{page}/errors.csv").status_code == 404
        assert client.post(f"{page}/cancel").status_code == 404

    def test_give_everything_back_as_a_file(self, client, people, price_list):
        sign_in(client, people.mira)
        assert "sku,gtin" in client.get("/exports/products.csv").get_data(as_text=True)
        assert client.get("/exports/products.xlsx").data[:2] == b"PK"

    def test_stop_what_waits(self, client, people, price_list):
        sign_in(client, people.dieter)
        page = send(client, price_list)
        client.post(f"{page}/confirm", data={**mapping(page), "action": "run"})
        client.post(f"{page}/cancel")
        assert "cancelled" in client.get(page).get_data(as_text=True)

    def work(self, page, now):
        import_id = parse_id("imp", page.rsplit("/", 1)[1])
        tasks.work(db.session, import_id=import_id, told=lambda **_: None, now=now)
