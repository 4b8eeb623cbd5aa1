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
from app.inventory.operations.late_messages import (
    newer_word,
    release,
    still_open,
    with_changes,
)
from app.inventory.operations.levels import Quantity, add_each, set_each
from app.inventory.operations.owning import named_places, pointed, require_seller
from app.inventory.rules.feeding import Kind, Verdict, judge, missing, passed_over
from app.inventory.rules.moving import Cause
from app.kernel.ids import new_id, public_id

KEPT = timedelta(days=30)

_WAITING = text("""
SELECT sequence, kind FROM inventory_feed_messages
WHERE feed_id = :feed_id AND status = 'held' ORDER BY sequence
""")
_HELD = text("""
SELECT sequence, lines FROM inventory_feed_messages
WHERE feed_id = :feed_id AND sequence = ANY (CAST(:sequences AS bigint[])) ORDER BY sequence
""")
_SETTLE = text("""
UPDATE inventory_feed_messages m
SET status = w.status, result = w.result,
    lines = CASE WHEN CAST(:keeps AS boolean) THEN m.lines END
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (sequence bigint, status text, result jsonb)
WHERE m.feed_id = :feed_id AND m.sequence = w.sequence
""")
# What was passed over is given up where newer messages are forgotten.
_PURGE = text("""
WITH gone AS (
DELETE FROM inventory_feed_messages m USING (
    SELECT feed_id, sequence FROM inventory_feed_messages
    WHERE received_at < :before AND status <> 'held'
    ORDER BY received_at LIMIT :limit FOR UPDATE SKIP LOCKED
) old
WHERE m.feed_id = old.feed_id AND m.sequence = old.sequence RETURNING m.feed_id
),
given_up AS (
    UPDATE inventory_feeds f SET passed = '{}'
    WHERE f.passed <> '{}' AND f.id IN (SELECT feed_id FROM gone)
)
SELECT feed_id FROM gone
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
    result = _take_effect(session, caller, feed, message, rows, verdict, now)
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


def _take_effect(
    session: DbSession,
    caller: Caller,
    feed: Feed,
    message: Message,
    rows: Sequence[Quantity],
    verdict: Verdict,
    now: datetime,
) -> dict[str, Any]:
    """Apply a message and what waited for it, if it is to take effect; its own result."""
    if verdict.outcome == "late":
        return _apply_late(session, caller, feed, message.sequence, message.kind, rows, now)
    if verdict.outcome != "apply":
        status = {"hold": "held", "ignore": "ignored"}[verdict.outcome]
        return _result(feed, message.sequence, status)
    settled = [
        _settled(_apply_overtaken(session, caller, feed, sequence, lines, rows, now))
        for sequence, lines in _held(session, feed, verdict.overtaken)
    ]
    own = _apply(session, caller, feed, message.sequence, message.kind, rows, now)
    settled += [
        _settled(_apply(session, caller, feed, sequence, "delta", lines, now))
        for sequence, lines in _held(session, feed, verdict.then)
    ]
    if settled:
        document = orjson.dumps(settled).decode()
        binds = {"feed_id": feed.id, "rows": document, "keeps": bool(feed.passed)}
        session.execute(_SETTLE, binds)
    own["also_applied"] = list(verdict.then)
    own["applied"] = feed.applied
    return own


def _settled(result: dict[str, Any]) -> dict[str, Any]:
    return {"sequence": result["sequence"], "status": result["status"], "result": result}


def _apply_overtaken(
    session: DbSession,
    caller: Caller,
    feed: Feed,
    sequence: int,
    lines: Sequence[Quantity],
    newer: Sequence[Quantity],
    now: datetime,
) -> dict[str, Any]:
    """Changes that waited and are overtaken: of rows that the newer message does not name."""
    named = {row[:2] for row in newer}
    left = [line for line in lines if line[:2] not in named]
    if not left:
        return _result(feed, sequence, "ignored")
    return _apply(session, caller, feed, sequence, "delta", left, now)


def _apply_late(
    session: DbSession,
    caller: Caller,
    feed: Feed,
    sequence: int,
    kind: Kind,
    rows: Sequence[Quantity],
    now: datetime,
) -> dict[str, Any]:
    """A message that was passed over: of rows of which nothing newer tells the quantity."""
    newer = newer_word(session, feed=feed, sequence=sequence)
    left = still_open(rows, newer)
    if not left:
        return _result(feed, sequence, "ignored")
    if kind == "absolute":
        left = with_changes(left, newer)
    return _apply(session, caller, feed, sequence, kind, left, now)


def _apply(
    session: DbSession,
    caller: Caller,
    feed: Feed,
    sequence: int,
    kind: Kind,
    rows: Sequence[Quantity],
    now: datetime,
) -> dict[str, Any]:
    reference = f"{feed.code}/{sequence}"
    cause = Cause(reason="feed", reference=reference, actor_id=caller.actor_id)
    if kind == "absolute":
        short = set_each(session, levels=rows, cause=cause, now=now)
    else:
        short = add_each(session, changes=rows, cause=cause, now=now)
    feed.applied, feed.updated_at = max(feed.applied, sequence), now
    session.flush()
    return {
        **_result(feed, sequence, "applied"),
        "rows": len(rows),
        "short": [
            {
                "location_id": public_id("loc", row.location_id),
                "variant_id": public_id("var", row.variant_id),
                "on_hand": row.level,
                "reserved": row.reserved,
            }
            for row in short
        ],
    }


def _result(feed: Feed, sequence: int, status: str) -> dict[str, Any]:
    return {
        "feed": feed.code,
        "sequence": sequence,
        "status": status,
        "applied": feed.applied,
        "rows": 0,
        "short": [],
        "also_applied": [],
        "waits_for": [],
    }


def _held(
    session: DbSession, feed: Feed, sequences: Sequence[int]
) -> list[tuple[int, list[Quantity]]]:
    """The rows of messages that waited, in the order of their numbers."""
    if not sequences:
        return []
    found = session.execute(_HELD, {"feed_id": feed.id, "sequences": list(sequences)})
    return [
        (
            row.sequence,
            [
                Quantity(uuid.UUID(line[0]), uuid.UUID(line[1]), line[2], line[3])
                for line in row.lines
            ],
        )
        for row in found
    ]


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
