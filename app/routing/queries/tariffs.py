"""What freight costs from the sellers of a request: their tables, compiled once a process.

Rates are named by an id that changes with them, so what was compiled under it may be kept; which
rates a seller has now is asked by every request.
"""

import uuid
from collections.abc import Collection, Mapping

from sqlalchemy import text

from app.infra.db import DbSession, array_of
from app.routing.freight import TariffTable
from app.routing.problem import COST_SCALE

Tables = Mapping[uuid.UUID | None, TariffTable]

_RATES = text("""
SELECT t.seller_id, CAST(t.rates_id AS text), r.distance_km_up_to, r.weight_g_up_to, r.price_minor
FROM routing_freight_tables t JOIN routing_freight_rates r ON r.table_id = t.id
WHERE t.currency = :currency
  AND (t.seller_id = ANY (CAST(:seller_ids AS uuid[]))
       OR t.seller_id IS NULL AND CAST(:of_all AS boolean))
""")

_compiled: dict[str, TariffTable] = {}
_MOST_COMPILED = 20_000


def tariff_tables(
    session: DbSession, *, rates: Mapping[uuid.UUID | None, str], currency: str
) -> Tables:
    """The tables by seller (none: all others), of what rates they have now.

    One statement, where this process has not compiled them all.
    """
    found = {seller: _compiled.get(rates_id) for seller, rates_id in rates.items()}
    missing = [seller for seller, table in found.items() if table is None]
    known = {seller: table for seller, table in found.items() if table is not None}
    return {**known, **_compile(session, sellers=missing, currency=currency)} if missing else known


def _compile(session: DbSession, *, sellers: Collection[uuid.UUID | None], currency: str) -> Tables:
    cells: dict[str, list[tuple[float, int, int]]] = {}
    rates: dict[uuid.UUID | None, str] = {}
    own = array_of(each for each in sellers if each is not None)
    binds = {"seller_ids": own, "of_all": None in sellers, "currency": currency}
    for seller_id, rates_id, distance, weight, price in session.execute(_RATES, binds):
        rates[seller_id] = rates_id
        cells.setdefault(rates_id, []).append((distance, weight, price * COST_SCALE))
    tables = {rates_id: TariffTable.from_rows(rows) for rates_id, rows in cells.items()}
    if len(_compiled) > _MOST_COMPILED:
        _compiled.clear()
    _compiled.update(tables)
    return {seller: tables[rates_id] for seller, rates_id in rates.items()}
