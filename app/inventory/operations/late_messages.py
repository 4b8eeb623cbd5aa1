"""Messages of a feed that come after newer ones, and what those have told already.

Law: a row follows the newest quantity that was told of it, and all changes newer than that,
whichever came first. What messages said is kept while older ones may still come, no longer.
"""

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import text

from app.infra.db import DbSession
from app.inventory.models import Feed
from app.inventory.operations.levels import Quantity

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


def newer_word(session: DbSession, *, feed: Feed, sequence: int) -> Mapping[Row, int | None]:
    """By row what newer messages changed; none where one of them told the quantity."""
    rows = session.execute(_NEWER, {"feed_id": feed.id, "sequence": sequence})
    return {(row[0], row[1]): None if row[2] else int(row[3]) for row in rows}


def still_open(rows: Sequence[Quantity], newer: Mapping[Row, int | None]) -> list[Quantity]:
    """Those rows of a late message of which nothing newer tells the quantity."""
    return [row for row in rows if newer.get(row[:2], 0) is not None]


def with_changes(rows: Sequence[Quantity], newer: Mapping[Row, int | None]) -> list[Quantity]:
    """Late quantities with what was changed since."""
    return [row._replace(units=row.units + (newer.get(row[:2]) or 0)) for row in rows]


def release(session: DbSession, *, feed: Feed) -> None:
    """Forget what messages said: no older one may come any more."""
    session.execute(_RELEASE, {"feed_id": feed.id})
