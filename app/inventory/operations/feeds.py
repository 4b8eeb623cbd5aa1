"""Messages of a seller's own stock system, in whatever order and however often they come.

Laws: a feed works on one message at a time (its row is locked); what a message said is told by its
digest, so the same one is answered as before and another one under its number is refused; a message
and those that waited for it take effect in one transaction. What comes after a newer one takes
effect for the rows of which nothing newer told the quantity. Where orders hold more than a message
leaves, stock stays at what they hold, and the answer says so: the truth is then for people.
"""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.inventory.errors import FeedSequenceReused, FeedTooFarAhead, StockRowsUnknown
from app.inventory.events import FeedWaits
from app.inventory.models import Feed, FeedMessage
from app.inventory.operations.feed_effects import release, take_effect
from app.inventory.operations.levels import Quantity
from app.inventory.operations.owning import named_places, pointed, require_seller
from app.inventory.rules.feeding import Kind, Verdict, judge, missing, passed_over
from app.kernel.ids import new_id

KEPT = timedelta(days=30)

_WAITING = text("""
SELECT sequence, kind FROM inventory_feed_messages
WHERE feed_id = :feed_id AND status = 'held' ORDER BY sequence
""")
# What says lines is still needed: it waits, or older ones may still come.
_PURGE = text("""
DELETE FROM inventory_feed_messages m USING (
    SELECT feed_id, sequence FROM inventory_feed_messages
    WHERE received_at < :before AND lines IS NULL
    ORDER BY received_at LIMIT :limit FOR UPDATE SKIP LOCKED
) old
WHERE m.feed_id = old.feed_id AND m.sequence = old.sequence RETURNING 1
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A numbered message: levels (``absolute``) or changes (``delta``) of rows.

    A line names its location by ``location_id`` or ``location_code`` and its variant by
    ``variant_id`` or ``seller_sku``, and says ``quantity`` and perhaps ``safety``.
    """

    sequence: int
    kind: Kind
    lines: Sequence[Mapping[str, Any]]

    def digest(self) -> bytes:
        """What tells this message from another one."""
        said = [self.sequence, self.kind, self.lines]
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def put_feed(
    session: DbSession, *, caller: Caller, code: str, message: Message, now: datetime
) -> Mapping[str, Any]:
    """Take a feed's message; what became of it, as it is told again when it comes again.

    Raises:
        NotASeller: the caller sells nothing.
        StockRowsUnknown: lines name no location or variant of the caller's, or one of them twice.
        FeedSequenceReused: another message had the number.
        FeedTooFarAhead: too many messages wait for missing ones.
    """
    require_seller(caller)
    feed = _locked_feed(session, caller, code, now)
    digest = message.digest()
    known = session.get(FeedMessage, (feed.id, message.sequence))
    if known is not None:
        if known.digest != digest:
            raise FeedSequenceReused
        return {**known.result, "duplicate": True}
    rows = _rows(session, caller, message)
    waiting: dict[int, Kind] = {
        row.sequence: row.kind for row in session.execute(_WAITING, {"feed_id": feed.id})
    }
    verdict = judge(
        applied=feed.applied, waiting=waiting, sequence=message.sequence, kind=message.kind,
        passed=feed.passed,
    )  # fmt: skip
    if verdict.outcome == "refuse":
        raise FeedTooFarAhead(missing=missing(applied=feed.applied, waiting=waiting))
    had_passed = _go_on(feed, waiting, message, verdict)
    result = take_effect(session, caller, feed, message.sequence, message.kind, rows, verdict, now)
    lines = _kept(rows) if verdict.outcome == "hold" or feed.passed else None
    if had_passed and not feed.passed:
        release(session, feed=feed)
    if verdict.outcome == "hold":
        _tell_waiting(session, feed, waiting, message, now)
        missed = missing(applied=feed.applied, waiting={**waiting, message.sequence: message.kind})
        result["waits_for"] = missed
    _keep(session, feed, message, digest, result, lines, now)
    return {**result, "duplicate": False}


def purge_feed_messages(session: DbSession, *, now: datetime, limit: int) -> int:
    """Forget a batch of messages that will hardly come again; how many.

    An old message that comes again after that is ignored by its number.
    """
    return len(session.execute(_PURGE, {"before": now - KEPT, "limit": limit}).all())


def _locked_feed(session: DbSession, caller: Caller, code: str, now: datetime) -> Feed:
    """The caller's feed, made when it is new, locked until the end of the transaction."""
    row = {
        "id": new_id(),
        "seller_id": caller.organization_id,
        "code": code,
        "applied": 0,
        "created_at": now,
        "updated_at": now,
    }
    session.execute(insert(Feed).values(row).on_conflict_do_nothing())
    query = select(Feed).where(Feed.seller_id == caller.organization_id, Feed.code == code)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def _rows(session: DbSession, caller: Caller, message: Message) -> list[Quantity]:
    """A message's lines with what they name; changes of one row are added up."""
    places = named_places(session, caller=caller, lines=message.lines)
    if message.kind == "absolute":
        _require_each_once(places)
        return [
            Quantity(*place, line["quantity"], line.get("safety"))
            for place, line in zip(places, message.lines, strict=True)
        ]
    sums: dict[tuple[uuid.UUID, uuid.UUID], int] = {}
    for place, line in zip(places, message.lines, strict=True):
        sums[place] = sums.get(place, 0) + line["quantity"]
    return [Quantity(*place, units) for place, units in sums.items()]


def _require_each_once(places: Sequence[tuple[uuid.UUID, uuid.UUID]]) -> None:
    seen: set[tuple[uuid.UUID, uuid.UUID]] = set()
    twice = []
    for row, place in enumerate(places):
        if place in seen:
            twice.append(pointed(f"/lines/{row}", "This location and variant came before"))
        seen.add(place)
    if twice:
        raise StockRowsUnknown("Some rows come twice", errors=twice)


def _go_on(feed: Feed, waiting: Mapping[int, Kind], message: Message, verdict: Verdict) -> bool:
    """Note which numbers may still come after a message; whether any could before."""
    had_passed, sequence = bool(feed.passed), message.sequence
    if verdict.outcome == "late":
        feed.passed = [no for no in feed.passed if no != sequence]
    elif verdict.outcome == "apply":
        feed.passed = passed_over(
            passed=feed.passed,
            applied=feed.applied,
            reached=max((sequence, *verdict.then)),
            seen={*waiting, sequence},
        )
    return had_passed


def _kept(rows: Sequence[Quantity]) -> list[list[Any]]:
    return [[str(row.location_id), str(row.variant_id), row.units, row.safety] for row in rows]


def _keep(
    session: DbSession,
    feed: Feed,
    message: Message,
    digest: bytes,
    result: Mapping[str, Any],
    lines: list[list[Any]] | None,
    now: datetime,
) -> None:
    session.add(
        FeedMessage(
            feed_id=feed.id,
            sequence=message.sequence,
            kind=message.kind,
            status=result["status"],
            digest=digest,
            lines=lines,
            result=dict(result),
            received_at=now,
        )
    )
    session.flush()


def _tell_waiting(
    session: DbSession, feed: Feed, waiting: Mapping[int, Kind], message: Message, now: datetime
) -> None:
    if not waiting:
        record(
            session,
            FeedWaits(
                happened_at=now,
                audience=(feed.seller_id,),
                feed=feed.code,
                sequence=message.sequence,
                expected=feed.applied + 1,
            ),
        )
