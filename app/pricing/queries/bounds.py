"""What manufacturers allow sellers to ask for variants, at an instant: one statement."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import text

from app.infra.db import DbSession, array_of
from app.kernel.money import UnitPrice
from app.pricing.queries.places import WHERE_AND_WHO
from app.pricing.queries.resolution import PRICE_CTES
from app.pricing.rules import FLOOR
from app.pricing.rules.bounds import Bounds

VariantQuantity = tuple[uuid.UUID, int]

_BOUNDS = text(f"""
WITH RECURSIVE wanted_price AS (
    SELECT w.line_no, v.manufacturer_id AS owner_id, p.purpose, w.variant_id, w.quantity,
           CAST(NULL AS uuid) AS price_list_id
    FROM unnest(
        CAST(:line_nos AS integer[]), CAST(:variant_ids AS uuid[]), CAST(:quantities AS integer[])
    ) AS w (line_no, variant_id, quantity)
    JOIN catalog_variants v
      ON v.id = w.variant_id AND v.manufacturer_id IS DISTINCT FROM CAST(:maker_free AS uuid)
    CROSS JOIN (VALUES ('floor'), ('list')) AS p (purpose)
),
{PRICE_CTES}
SELECT r.line_no, r.purpose, r.amount_minor, r.per_quantity,
       l.corridor_below_bps, l.corridor_above_bps
FROM resolved_price r JOIN pricing_price_lists l ON l.id = r.price_list_id
""")  # noqa: S608 - composed of constants only


def bounds_of(
    session: DbSession,
    *,
    wanted: Collection[VariantQuantity],
    currency: str,
    now: datetime,
    maker_free: uuid.UUID | None = None,
) -> Mapping[VariantQuantity, Bounds]:
    """The bounds of each variant and quantity; without any where the manufacturer sets none.

    ``maker_free`` is who asks: nobody is bound for its own products.
    """
    keys = list(dict.fromkeys(wanted))
    floors: dict[VariantQuantity, UnitPrice] = {}
    corridors: dict[VariantQuantity, tuple[UnitPrice, int | None, int | None]] = {}
    binds = {
        "line_nos": array_of(range(len(keys))),
        "variant_ids": array_of(variant_id for variant_id, _ in keys),
        "quantities": array_of(quantity for _, quantity in keys),
        "maker_free": maker_free,
        "currency": currency,
        "now": now,
    }
    for row in session.execute(_BOUNDS, {**WHERE_AND_WHO, **binds}):
        price = UnitPrice(row.amount_minor, row.per_quantity)
        if row.purpose == FLOOR:
            floors[keys[row.line_no]] = price
        else:
            corridors[keys[row.line_no]] = (
                price,
                row.corridor_below_bps,
                row.corridor_above_bps,
            )
    return {key: _bounds(floors.get(key), corridors.get(key)) for key in keys}


def _bounds(
    floor: UnitPrice | None, corridor: tuple[UnitPrice, int | None, int | None] | None
) -> Bounds:
    recommended, below, above = corridor or (None, None, None)
    return Bounds(floor=floor, recommended=recommended, below_bps=below, above_bps=above)
