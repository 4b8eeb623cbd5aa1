"""Bodies that no program of good will sends: refused as unreadable, never a failure of ours."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.infra.db import db
from tests.factories.network import headers_of, make_network


class TestABody:
    @pytest.mark.parametrize(
        "body",
        [
            b'{"rows": [' + b"1" * 5000 + b"]}",
            b'{"rows": ' + b"[" * 5000 + b"]" * 5000 + b"}",
            b'{"rows": [{"location_code": "\\ud800"}]}',
            b'{"rows": NaN}',
            b"\xff\xfe",
            b'{"rows": [',
        ],
        ids=["endless number", "endless depth", "half a character", "NaN", "no text", "no end"],
    )
    def test_that_cannot_be_read_is_refused(
        self, client: FlaskClient, session: Session, body: bytes
    ) -> None:
        headers = headers_of(make_network().dieter) | {"Idempotency-Key": "1"}
        session.commit()
        answer = client.put(
            "/v1/stock", data=body, content_type="application/json", headers=headers
        )
        assert (answer.status_code, answer.get_json()["code"]) == (422, "http.malformed")
        assert db.session.is_active
