"""What parcels cost: a seller's freight table, or the network's, replaced as a whole."""

import uuid
from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from app.infra.db import DbSession
from app.kernel.ids import new_id
from app.routing.errors import FreightTableInvalid
from app.routing.freight import faults_of
from app.routing.models import FreightRate, FreightTable


def put_freight_table(
    session: DbSession,
    *,
    seller_id: uuid.UUID | None,
    currency: str,
    name: str,
    rates: Sequence[tuple[int, int, int]],
) -> FreightTable:
    """Replace a seller's freight table (or the network's); rates are (km, g, minor units).

    Raises:
        FreightTableInvalid: rows come twice, or prices fall; ``errors`` points at them.
    """
    faults = faults_of(rates)
    if faults:
        raise FreightTableInvalid(
            errors=[
                {"in": "json", "pointer": f"/rates/{row}", "message": message}
                for row, message in faults
            ]
        )
    table = session.scalar(
        select(FreightTable).where(
            FreightTable.seller_id.is_not_distinct_from(seller_id),
            FreightTable.currency == currency,
        )
    )
    if table is None:
        table = FreightTable(id=new_id(), seller_id=seller_id, currency=currency, name=name)
        session.add(table)
    table.name, table.rates_id = name, new_id()
    session.flush()
    session.execute(delete(FreightRate).where(FreightRate.table_id == table.id))
    session.execute(
        insert(FreightRate),
        [
            {
                "table_id": table.id,
                "distance_km_up_to": km,
                "weight_g_up_to": grams,
                "price_minor": price,
            }
            for km, grams, price in rates
        ],
    )
    return table
