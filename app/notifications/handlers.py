"""The handler that hears every event: it goes into the feed of everybody entitled to it.

Numbers of a sequence are given out in one order and become visible in the order of commits; a
reader that saw 12 would never see an 11 that is committed after it. So feeds are written under a
lock that is held until the commit: one relay after the other, and numbers appear in order.
"""

from sqlalchemy import Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from app.infra.db import DbSession
from app.infra.outbox import Told

_FEED_LOCK = 0x66656564  # "feed"

_LOCK = select(func.pg_advisory_xact_lock(_FEED_LOCK))
_FAN_OUT = text(
    "INSERT INTO notifications_feed (organization_id, event_id)"
    " SELECT unnest(:audience), :event ON CONFLICT (organization_id, event_id) DO NOTHING"
).bindparams(bindparam("audience", type_=ARRAY(Uuid)), bindparam("event", type_=Uuid()))


def fan_out(session: DbSession, told: Told) -> None:
    """Put an event into the feeds of its audience."""
    if told.audience:
        session.execute(_LOCK)
        session.execute(_FAN_OUT, {"audience": list(told.audience), "event": told.id})
