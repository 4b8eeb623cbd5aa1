"""Files over HTTP: the owner, a colleague who may do less, and Theo."""

import gzip
import io

import openpyxl
import pytest

from app.exchange import tasks
from app.infra.db import db
from app.kernel.ids import parse_id, public_id
from tests.factories import catalog as make
from tests.factories import network as net
from tests.http.api import Api, _numbers

FILE = "sku,price\nT-1,12.00\nT-2,x\n"


@pytest.fixture
def people(session):
    made = net.make_network()
    for n in (1, 2, 3):
        make.VariantFactory(manufacturer_id=made.mira.id, sku=f"T-{n}", name=f'=Tap "{n}"; á')
    session.commit()
    return made


@pytest.fixture
def price_list(people):
    found = make.PriceListFactory(owner_id=people.dieter.id, currency="EUR")
    return public_id("plist", found.id)


@pytest.fixture
def dieter(client, people):
    return Api(client, people.dieter)


@pytest.fixture
def theo(client, people):
    return Api(client, people.theo)


def send(api, data, query, key=None, **options):
    api._begin()
    headers = {**api.headers, "Idempotency-Key": key or f"send-{next(_numbers)}"}
    body = data.encode() if isinstance(data, str) else data
    return api.client.post("/v1/imports", query_string=query, data=body, headers=headers, **options)


def work(import_id, now):
    """What a worker does."""
    tasks.work(db.session, import_id=parse_id("imp", import_id), told=lambda **_: None, now=now)


class TestAnImport:
    def test_is_guessed_confirmed_done_and_hands_back_what_it_refused(
        self, dieter, price_list, now
    ):
        query = {"resource": "prices", "price_list_id": price_list, "file_name": "p.csv"}
        sent = send(dieter, FILE, query)
        assert sent.status_code == 201
        assert sent.json["mapping"]["columns"] == {"sku": "sku", "price": "price"}
        path = f"/imports/{sent.json['id']}"
        confirmed = dieter.post(f"{path}/confirm", {"save_as": "mine"})
        assert (confirmed.status_code, confirmed.json["status"]) == (202, "queued")
        assert dieter.post(f"{path}/confirm", {}).json["code"] == "exchange.import_started"
        work(sent.json["id"], now)
        shown = dieter.get(path).json
        assert shown["status"] == "done"
        assert (shown["report"]["inserted"], shown["report"]["refused"]) == (1, 1)
        errors = dieter.get(f"{path}/errors.csv").get_data(as_text=True).splitlines()
        assert errors[1].startswith("3,price,x,not_an_amount,")
        assert [each["id"] for each in dieter.get("/imports").json["items"]] == [shown["id"]]
        again = send(dieter, FILE, query)
        assert again.json["profile_id"] is not None

    def test_is_nobody_elses(self, dieter, theo, price_list):
        query = {"resource": "prices", "price_list_id": price_list}
        path = f"/imports/{send(dieter, FILE, query).json['id']}"
        assert theo.get(path).status_code == 404
        assert theo.get(f"{path}/errors.csv").status_code == 404
        assert theo.post(f"{path}/confirm", {}).status_code == 404
        assert theo.post(f"{path}/cancel").status_code == 404
        assert send(theo, FILE, query).json["code"] == "exchange.target_unknown"

    def test_needs_the_permission_for_what_it_changes(self, client, people, price_list):
        colleague = Api(client, people.dieter, "imports.write", "stock.write", "prices.read")
        query = {"resource": "prices", "price_list_id": price_list}
        assert send(colleague, FILE, query).status_code == 403
        looker = Api(client, people.dieter, "prices.write")
        assert send(looker, FILE, query).status_code == 403

    def test_sent_twice_under_one_key_is_one(self, dieter, price_list):
        query = {"resource": "prices", "price_list_id": price_list}
        first = send(dieter, FILE, query, key="once")
        second = send(dieter, FILE, query, key="once")
        assert second.headers["Idempotent-Replay"] == "true"
        assert second.json["id"] == first.json["id"]
        other = send(dieter, FILE + "T-3,1\n", query, key="once")
        assert other.json["code"] == "http.idempotency_key_reused"
        stored = {path.name for path in tasks.folder().iterdir()}
        assert parse_id("imp", first.json["id"]).hex in stored

    def test_comes_as_a_form_or_compressed_too(self, dieter, price_list):
        query = {"resource": "prices", "price_list_id": price_list}
        form = {"file": (io.BytesIO(FILE.encode()), "prices.csv")}
        dieter._begin()
        headers = {**dieter.headers, "Idempotency-Key": "form"}
        sent = dieter.client.post("/v1/imports", query_string=query, data=form, headers=headers)
        assert (sent.status_code, sent.json["file_name"]) == (201, "prices.csv")
        packed = send(dieter, gzip.compress(FILE.encode()), query)
        assert packed.json["header"] == ["sku", "price"]

    def test_may_be_larger_than_other_bodies_but_not_boundless(self, app, dieter, price_list):
        query = {"resource": "prices", "price_list_id": price_list}
        large = "sku,price\n" + "T-1,1.00\n" * 700_000
        assert send(dieter, large, query).status_code == 201
        settings = app.extensions["settings"]
        before = set(tasks.folder().iterdir())
        object.__setattr__(settings, "upload_mib", 1)
        try:
            refused = send(dieter, large, query)
        finally:
            object.__setattr__(settings, "upload_mib", 512)
        assert refused.status_code in {413, 422}
        assert set(tasks.folder().iterdir()) == before

    def test_that_cannot_be_read_is_refused_and_not_kept(self, dieter, price_list):
        before = set(tasks.folder().iterdir()) if tasks.folder().exists() else set()
        refused = send(dieter, b"\xd0\xcf\x11\xe0nonsense", {"resource": "stock"})
        assert refused.json["code"] == "exchange.file_refused"
        assert send(dieter, b"", {"resource": "stock"}).json["code"] == "exchange.file_refused"
        assert set(tasks.folder().iterdir()) == before

    def test_is_cancelled_while_it_waits(self, dieter, price_list):
        query = {"resource": "prices", "price_list_id": price_list}
        path = f"/imports/{send(dieter, FILE, query).json['id']}"
        dieter.post(f"{path}/confirm", {})
        cancelled = dieter.post(f"{path}/cancel")
        assert (cancelled.status_code, cancelled.json["status"]) == (202, "cancelled")

    def test_points_at_what_its_mapping_lacks(self, dieter, price_list):
        query = {"resource": "prices", "price_list_id": price_list}
        path = f"/imports/{send(dieter, FILE, query).json['id']}"
        refused = dieter.post(f"{path}/confirm", {"mapping": {"columns": {"sku": "nowhere"}}})
        assert refused.json["code"] == "exchange.mapping_incomplete"
        assert {each["pointer"] for each in refused.json["errors"]} == {
            "/columns/sku", "/columns/price",
        }  # fmt: skip


class TestAnExport:
    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_of_products_is_read_back_without_a_change(self, client, people, now, form):
        mira = Api(client, people.mira)
        exported = mira.get(f"/exports/products.{form}").data
        if form == "csv":
            assert "'=Tap" in exported.decode()
        else:
            sheet = openpyxl.load_workbook(io.BytesIO(exported)).active
            assert sheet.max_row == 4
        sent = send(mira, exported, {"resource": "products", "dry_run": "true"})
        mira.post(f"/imports/{sent.json['id']}/confirm", {})
        work(sent.json["id"], now)
        report = mira.get(f"/imports/{sent.json['id']}").json["report"]
        assert (report["unchanged"], report["insert"], report["update"], report["refused"]) == (
            3, 0, 0, 0,
        )  # fmt: skip

    def test_holds_the_callers_own_alone(self, dieter, theo, price_list):
        assert theo.get("/exports/stock.csv").get_data(as_text=True).count("\n") == 1
        path = f"/exports/prices.csv?price_list_id={price_list}"
        assert dieter.get(path).status_code == 200
        assert theo.get(path).json["code"] == "exchange.target_unknown"
        assert theo.get("/exports/people.csv").status_code == 404


MAPPING = {"columns": {"sku": "Art", "price": "Preis"}, "decimal_mark": ","}


class TestAProfile:
    def test_is_saved_changed_and_forgotten_by_its_owner(self, dieter, theo):
        made = dieter.post(
            "/import-profiles", {"resource": "prices", "name": "SAP", "mapping": MAPPING}
        )
        assert made.status_code == 201
        path = f"/import-profiles/{made.json['id']}"
        assert theo.get(path).status_code == 404
        changed = dieter.patch(path, {"name": "ERP"}, version=1)
        assert (changed.json["name"], changed.json["version"]) == ("ERP", 2)
        assert dieter.patch(path, {"name": "X"}, version=1).status_code == 412
        names = [each["name"] for each in dieter.get("/import-profiles").json["items"]]
        assert names == ["ERP"]
        assert theo.delete(path).status_code == 404
        assert dieter.delete(path).status_code == 204

    def test_must_say_all_that_is_needed(self, dieter):
        refused = dieter.post(
            "/import-profiles",
            {"resource": "prices", "name": "SAP", "mapping": {"columns": {"sku": "Art"}}},
        )
        assert refused.json["code"] == "exchange.mapping_incomplete"
