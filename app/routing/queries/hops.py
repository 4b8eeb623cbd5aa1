"""Transfer prices along resale chains: what each tier after the first asks of the next."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from app.infra.db import DbSession
from app.pricing.queries import PRICE_CTES
from app.routing.rules import Context, RoutingRequest

HOP_PRICES = text(f"""
WITH RECURSIVE wanted_price AS (
    SELECT * FROM unnest(
        CAST(:line_nos AS integer[]), CAST(:owner_ids AS uuid[]), CAST(:purposes AS text[]),
        CAST(:variant_ids AS uuid[]), CAST(:quantities AS integer[]),
        CAST(:price_list_ids AS uuid[])
    ) AS w (line_no, owner_id, purpose, variant_id, quantity, price_list_id)
),
{PRICE_CTES}
SELECT line_no, owner_id, amount_minor, per_quantity FROM resolved_price
""")  # noqa: S608 - composed of constants only


def list_hop_prices(
    session: DbSession,
    *,
    wanted: Sequence[tuple[int, uuid.UUID, uuid.UUID, int, uuid.UUID]],
    context: Context,
    request: RoutingRequest,
    now: datetime,
) -> dict[tuple[int, uuid.UUID], tuple[int, int]]:
    """Transfer prices of the later links of resale chains.

    ``wanted`` rows are (line, selling tier, variant, quantity, price list); the answer maps (line,
    selling tier) to (amount, per quantity).
    """
    columns = list(zip(*wanted, strict=True))
    rows = session.execute(
        HOP_PRICES,
        {
            "line_nos": list(columns[0]),
            "owner_ids": list(columns[1]),
            "purposes": ["transfer"] * len(wanted),
            "variant_ids": list(columns[2]),
            "quantities": list(columns[3]),
            "price_list_ids": list(columns[4]),
            "storefront_id": request.storefront_id,
            "buyer_id": request.buyer_id,
            "unit_id": request.unit_id,
            "customer_group": context.customer_group,
            "country": request.ship_to.country,
            "subdivision": request.ship_to.subdivision,
            "postal_code": request.ship_to.postal_code,
            "latitude": request.ship_to.latitude,
            "longitude": request.ship_to.longitude,
            "currency": context.currency,
            "now": now,
        },
    )
    return {(line_no, owner): (amount, per) for line_no, owner, amount, per in rows}
