"""The API's description: valid, complete, and true to what the routes do."""

import inspect
import json

import pytest
from flask import Flask
from openapi_spec_validator import validate

from app.infra import docs
from app.kernel.errors import AppError
from tests.factories.network import OrganizationFactory
from tests.http.api import Api

WRITES = {"POST", "PUT", "PATCH", "DELETE"}

# Read-only questions that are too long for a URL.
QUESTIONS = {
    "preview_assortment", "preview_policy", "resolve_prices", "simulate", "validate_policy",
    "what_if", "what_if_of_cart", "what_if_of_order",
}  # fmt: skip


@pytest.fixture
def described(client):
    return json.loads(client.get("/openapi.json").data)


def operations(described):
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield path, method.upper(), operation


def routes(app: Flask):
    """Every route below /v1 with its methods."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/v1/"):
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                yield rule, method


def refs(operation):
    return {each["$ref"].rsplit("/", 1)[1] for each in operation["parameters"] if "$ref" in each}


def is_list(operation):
    schema = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    return schema.get("schema", {}).get("$ref", "").endswith("Page")


class TestTheDescription:
    def test_is_valid_openapi(self, described):
        validate(described)
        assert described["openapi"].startswith("3.1")

    def test_names_every_route_and_no_other(self, app, described):
        written = sum(1 for _ in operations(described))
        assert written == sum(1 for _ in routes(app))
        assert written > 30

    def test_says_of_every_operation_what_it_does_and_who_may(self, described):
        for path, method, operation in operations(described):
            assert operation["summary"], (method, path)
            assert operation["tags"], (method, path)
            assert operation.get("x-permission") or path.startswith("/v1/me"), (method, path)

    def test_gives_every_operation_a_name_of_its_own(self, described):
        names = [operation["operationId"] for _, _, operation in operations(described)]
        assert sorted(names) == sorted(set(names))

    def test_promises_problem_documents(self, described):
        for name, response in described["components"]["responses"].items():
            assert set(response["content"]) == {"application/problem+json"}, name
        for path, method, operation in operations(described):
            assert "default" in operation["responses"], (method, path)

    def test_demands_an_idempotency_key_of_every_write(self, described):
        for path, method, operation in operations(described):
            demanded = "IdempotencyKey" in refs(operation)
            is_write = method in WRITES and operation["operationId"] not in QUESTIONS
            assert demanded == is_write, (method, path)

    def test_demands_the_version_of_every_edit(self, described):
        for path, method, operation in operations(described):
            assert ("IfMatch" in refs(operation)) == (method == "PATCH"), (method, path)

    def test_pages_every_list(self, described):
        """A path that ends in a plural noun is a list."""
        lists = 0
        for path, method, operation in operations(described):
            if method == "GET" and operation["operationId"].startswith(("list_", "search_")):
                lists += 1
                assert is_list(operation), path
                names = {each.get("name") for each in operation["parameters"]}
                assert {"limit", "cursor"} <= names, path
        assert lists > 10


class TestTheRoutes:
    def test_refuse_a_write_without_its_key(self, app, client, described):
        caller = Api(client, OrganizationFactory(operator=True))
        for path, method, operation in operations(described):
            if "IdempotencyKey" not in refs(operation):
                continue
            url = filled(path, described["paths"][path].get("parameters", []))
            caller._begin()
            answer = client.open(url, method=method, json={}, headers=caller.headers)
            assert answer.status_code == 422, (method, path, answer.json)
            assert answer.json["code"] == "http.idempotency_key_required", (method, path)

    def test_refuse_whoever_does_not_say_who_it_is(self, client, described):
        for path, method, operation in operations(described):
            url = filled(path, described["paths"][path].get("parameters", []))
            answer = client.open(url, method=method, headers={"Idempotency-Key": "x"})
            if answer.status_code != 422:  # a required query is looked at first
                # Whoever may come without a key does not find what is not open.
                expected = 404 if {} in operation.get("security", []) else 401
                assert answer.status_code == expected, (method, path)
            assert answer.content_type == "application/problem+json"


def filled(path, parameters):
    for each in parameters:
        path = path.replace(f"{{{each['name']}}}", str(each["schema"].get("example", "1")))
    return path


class TestTheDocumentation:
    def test_is_a_page_that_asks_no_other_host(self, client):
        page = client.get("/docs")
        assert page.status_code == 200
        assert "http" not in page.text.replace("<!doctype html>", "").replace("http-equiv", "")
        assert "<script>" not in page.text
        assert "script-src" not in page.headers["Content-Security-Policy"]
        for name in docs.ASSETS:
            with client.get(f"/docs/assets/{name}") as answer:
                assert answer.status_code == 200

    def test_serves_its_own_files_only(self, client):
        for name in ("index.html", "..%2f__init__.py", "oauth2-redirect.html"):
            assert client.get(f"/docs/assets/{name}").status_code == 404

    def test_lists_every_refusal_with_a_code_of_its_own(self, client):
        listed = client.get("/docs/problems", headers={"Accept": "application/json"}).json["items"]
        codes = [each["code"] for each in listed]
        assert codes == sorted(set(codes))
        assert "network.not_your_move" in codes
        assert all(each["title"] and each["description"] for each in listed)
        page = client.get("/docs/problems", headers={"Accept": "text/html"})
        assert '<dt id="network.not_your_move">' in page.text


class TestARefusal:
    def test_that_is_raised_has_a_code_that_no_other_has(self):
        kinds = {}
        for kind in docs._below(AppError):
            if "code" in vars(kind):
                assert kinds.setdefault(kind.code, kind) is kind, kind.code
            assert inspect.getdoc(kind), kind
