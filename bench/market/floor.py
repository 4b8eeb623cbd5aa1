"""The least that a page can cost: bare Flask, one select of 24 rows, served as the product is."""

import os

import psycopg_pool
from flask import Flask, Response

app = Flask(__name__)
_ADDRESS = os.environ["DATABASE_URL"].replace("+psycopg", "")
_pool = psycopg_pool.ConnectionPool(_ADDRESS, min_size=2, max_size=4, open=True)
_PAGE = """
SELECT CAST(id AS text), sku, name, weight_g FROM catalog_variants WHERE id >= %s
ORDER BY id LIMIT 24
"""


@app.get("/page/<uuid:first>")
def page(first: object) -> Response:
    """Twenty-four rows from an id on, as JSON."""
    with _pool.connection() as connection:
        rows = connection.execute(_PAGE, [first]).fetchall()
    names = ("id", "sku", "name", "weight_g")
    return app.json.response([dict(zip(names, row, strict=True)) for row in rows])
