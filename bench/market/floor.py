"""The least that a page can cost: bare Flask, one select of 24 rows, served as the product is."""

import os
import threading

import psycopg
from flask import Flask, Response

app = Flask(__name__)
_kept = threading.local()
_NAMES = ("id", "sku", "name", "weight_g")
_PAGE = """
SELECT CAST(id AS text), sku, name, weight_g FROM catalog_variants WHERE id >= %s
ORDER BY catalog_variants.id LIMIT 24
"""


def _connection() -> psycopg.Connection:
    """The thread's own connection, made once."""
    if not hasattr(_kept, "connection"):
        address = os.environ["DATABASE_URL"].replace("+psycopg", "")
        _kept.connection = psycopg.connect(address, autocommit=True)
    return _kept.connection


@app.get("/page/<uuid:first>")
def page(first: object) -> Response:
    """Twenty-four rows from an id on, as JSON."""
    rows = _connection().execute(_PAGE, [first]).fetchall()
    return app.json.response([dict(zip(_NAMES, row, strict=True)) for row in rows])
