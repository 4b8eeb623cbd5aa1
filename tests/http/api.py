"""A caller of the API: one organization's key, a fresh Idempotency-Key for every write."""

import itertools

from flask import g

from app.infra.db import db
from tests.factories.network import headers_of

_numbers = itertools.count()


class Api:
    """Requests of one caller; answers are werkzeug responses."""

    def __init__(self, client, organization, *permissions):
        self.client = client
        self.headers = headers_of(organization, *permissions)

    def get(self, path, **options):
        self._begin()
        return self.client.get(f"/v1{path}", headers=self.headers, **options)

    def write(self, method, path, json=None, *, key=None, version=None):
        self._begin()
        headers = {**self.headers, "Idempotency-Key": key or f"test-{next(_numbers)}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self.client.open(f"/v1{path}", method=method, json=json, headers=headers)

    def _begin(self):
        """Keep what the test made, whatever becomes of the request; forget the last one."""
        db.session.commit()
        g.pop("caller", None)

    def post(self, path, json=None, **options):
        return self.write("POST", path, json, **options)

    def patch(self, path, json=None, **options):
        return self.write("PATCH", path, json, **options)

    def put(self, path, json=None, **options):
        return self.write("PUT", path, json, **options)

    def delete(self, path, **options):
        return self.write("DELETE", path, **options)
