"""A voice that talks to the API: one organization's key, a fresh Idempotency-Key a write."""

from dataclasses import dataclass, field
from typing import Any

from flask import g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.infra.db import db
from app.kernel.ids import new_id
from app.network.models import Organization
from tests.factories.network import headers_of


@dataclass
class Voice:
    """An organization that speaks through ``client``; ``permissions`` empty means all that fit."""

    client: FlaskClient
    organization: Organization
    permissions: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers = headers_of(self.organization, *self.permissions)

    def _begin(self) -> None:
        g.pop("caller", None)  # the test's application context outlives the request
        db.session.commit()  # a refusal rolls back to here, not further

    def get(self, path: str, **query: Any) -> TestResponse:
        self._begin()
        return self.client.get(f"/v1{path}", query_string=query, headers=self.headers)

    def post(self, path: str, **body: Any) -> TestResponse:
        return self._write("POST", path, body)

    def put(self, path: str, **body: Any) -> TestResponse:
        return self._write("PUT", path, body)

    def delete(self, path: str) -> TestResponse:
        return self._write("DELETE", path, {})

    def patch(self, path: str, *, version: int | None, **body: Any) -> TestResponse:
        condition = {} if version is None else {"If-Match": f'"{version}"'}
        return self._write("PATCH", path, body, condition)

    def _write(
        self, method: str, path: str, body: dict[str, Any], more: dict[str, str] | None = None
    ) -> TestResponse:
        self._begin()
        headers = {**self.headers, "Idempotency-Key": str(new_id()), **(more or {})}
        return self.client.open(f"/v1{path}", method=method, json=body, headers=headers)


def made(response: TestResponse) -> dict[str, Any]:
    """The body of an answer that must be a success."""
    assert response.status_code < 300, response.get_data(as_text=True)
    return response.get_json()


def refused(response: TestResponse, *, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer that must be this refusal."""
    body = response.get_json()
    assert (response.status_code, body["code"]) == (status, code), body
    return body
