"""What messages of a feed do to stock: in their turn, after having waited, or late.

Laws: a row follows the newest quantity that was told of it, and all changes newer than that,
whichever came first. What messages said is kept while older ones may still come, no longer. Where
orders hold more than a message leaves, stock stays at what they hold, and the result says so.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.inventory.models import Feed
from app.inventory.operations.levels import Quantity, add_each, set_each
from app.inventory.rules.feeding import Kind, Verdict
from app.inventory.rules.moving import Cause
from app.kernel.ids import public_id

Row = tuple[uuid.UUID, uuid.UUID]

# Of each row that newer messages name: whether one told its quantity, and what the others changed.
_NEWER = text("""
SELECT CAST(l.line ->> 0 AS uuid), CAST(l.line ->> 1 AS uuid), bool_or(m.kind = 'absolute'),
       COALESCE(sum(CAST(l.line ->> 2 AS bigint)) FILTER (WHERE m.kind = 'delta'), 0)
FROM inventory_feed_messages m CROSS JOIN LATERAL jsonb_array_elements(m.lines) AS l (line)
WHERE m.feed_id = :feed_id AND m.sequence > :sequence AND m.status = 'applied'
GROUP BY 1, 2
""")
_RELEASE = text("""
UPDATE inventory_feed_messages SET lines = NULL
WHERE feed_id = :feed_id AND status <> 'held' AND lines IS NOT NULL
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


def take_effect(
    session: DbSession,
    caller: Caller,
    feed: Feed,
    sequence: int,
    kind: Kind,
    rows: Sequence[Quantity],
    verdict: Verdict,
    now: datetime,
) -> dict[str, Any]:
    """Apply a message and what waited for it, if it is to take effect; its own result."""
    if verdict.outcome == "late":
        return _apply_late(session, caller, feed, sequence, kind, rows, now)
    if verdict.outcome != "apply":
        status = {"hold": "held", "ignore": "ignored"}[verdict.outcome]
        return _result(feed, sequence, status)
    settled = [
        _settled(_apply_overtaken(session, caller, feed, number, lines, rows, now))
        for number, lines in _held(session, feed, verdict.overtaken)
    ]
    own = _apply(session, caller, feed, sequence, kind, rows, now)
    settled += [
        _settled(_apply(session, caller, feed, number, "delta", lines, now))
        for number, lines in _held(session, feed, verdict.then)
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
    newer = _newer_word(session, feed=feed, sequence=sequence)
    left = _still_open(rows, newer)
    if not left:
        return _result(feed, sequence, "ignored")
    if kind == "absolute":
        left = _with_changes(left, newer)
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


def _newer_word(session: DbSession, *, feed: Feed, sequence: int) -> Mapping[Row, int | None]:
    """By row what newer messages changed; none where one of them told the quantity."""
    rows = session.execute(_NEWER, {"feed_id": feed.id, "sequence": sequence})
    return {(row[0], row[1]): None if row[2] else int(row[3]) for row in rows}


def _still_open(rows: Sequence[Quantity], newer: Mapping[Row, int | None]) -> list[Quantity]:
    """Those rows of a late message of which nothing newer tells the quantity."""
    return [row for row in rows if newer.get(row[:2], 0) is not None]


def _with_changes(rows: Sequence[Quantity], newer: Mapping[Row, int | None]) -> list[Quantity]:
    """Late quantities with what was changed since."""
    return [row._replace(units=row.units + (newer.get(row[:2]) or 0)) for row in rows]


def release(session: DbSession, *, feed: Feed) -> None:
    """Forget what messages said: no older one may come any more."""
    session.execute(_RELEASE, {"feed_id": feed.id})
