"""A seller is told what became of its offers, in events of a bounded size."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.offers.events import MAX_ITEMS, OffersChanged

CREATED = "created"
EDITED = "edited"


def tell_changes(
    session: DbSession,
    *,
    seller_id: uuid.UUID,
    offer_ids: Sequence[uuid.UUID],
    change: str,
    fields: Sequence[str] = (),
    now: datetime,
) -> None:
    """Record that offers of one seller were created or edited."""
    for start in range(0, len(offer_ids), MAX_ITEMS):
        record(
            session,
            OffersChanged(
                happened_at=now,
                audience=(seller_id,),
                seller_id=seller_id,
                offer_ids=tuple(offer_ids[start : start + MAX_ITEMS]),
                change=change,
                fields=tuple(sorted(fields)),
            ),
        )
