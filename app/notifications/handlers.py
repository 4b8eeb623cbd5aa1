"""The handler that hears every event: each goes into the feed of everybody entitled to it.

Numbers of a sequence are given out in one order and become visible in the order of commits; a
reader that saw 12 would never see an 11 that is committed after it. So feeds are written under a
lock that is held until the commit: one relay after the other, and numbers appear in order.
"""

from collections.abc import Sequence

from sqlalchemy import Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from app.infra.db import DbSession
from app.infra.outbox import Told

_FEED_LOCK = 0x66656564  # "feed"

_LOCK = select(func.pg_advisory_xact_lock(_FEED_LOCK))
_FAN_OUT = text(
    "INSERT INTO notifications_feed (organization_id, event_id)"
    " SELECT organization_id, event_id"
    " FROM unnest(:organizations, :events) WITH ORDINALITY AS e (organization_id, event_id, n)"
    " ORDER BY n ON CONFLICT (organization_id, event_id) DO NOTHING"
).bindparams(bindparam("organizations", type_=ARRAY(Uuid)), bindparam("events", type_=ARRAY(Uuid)))


def fan_out(session: DbSession, batch: Sequence[Told]) -> None:
    """Put events into the feeds of their audiences, in one statement."""
    pairs = [(each, told.id) for told in batch for each in told.audience]
    if pairs:
        organizations, events = (list(ids) for ids in zip(*pairs, strict=True))
        session.execute(_LOCK)
        session.execute(_FAN_OUT, {"organizations": organizations, "events": events})
