"""Bring documents and shelves up to date: those named, those that wait, or all of them.

Triggers call for the same functions; nobody needs these to be correct, only to be sooner. What
waits for its shelf is searched as well as what does not, only slower.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import text

from app.infra.db import DbSession, array_of

BATCH = 2000

_INDEX = text("SELECT discovery_index(CAST(:variant_ids AS uuid[]))")

# Taken and indexed in one statement; who takes what another has taken already passes it by. The
# snapshot that it reads by must be newer than the change: discovery_index makes one of its own.
_WAITING = text("""
WITH taken AS (
    DELETE FROM discovery_waiting WHERE seq IN (
        SELECT seq FROM discovery_waiting ORDER BY seq LIMIT :limit FOR UPDATE SKIP LOCKED
    ) RETURNING variant_id
),
one AS MATERIALIZED (SELECT count(*) AS many, array_agg(DISTINCT variant_id) AS ids FROM taken)
SELECT many, CASE WHEN many > 0 THEN discovery_index(ids) END FROM one
""")


_SHELVE = text("SELECT discovery_shelve(CAST(:now AS timestamptz), :limit)")

# For rows that were loaded past the triggers.
_NUMBER = text("""
INSERT INTO discovery_numbers (id)
SELECT id FROM network_organizations UNION ALL SELECT id FROM pricing_price_lists
ON CONFLICT DO NOTHING
""")
_QUEUE_ALL = text("""
INSERT INTO discovery_waiting (variant_id, since)
SELECT id, clock_timestamp() FROM catalog_variants ORDER BY id
""")

_MARK_ALL = text("""
INSERT INTO discovery_marks (since, sources, variant_ids, many)
SELECT clock_timestamp(), '{}', array_agg(variant_id), count(*)
FROM (
    SELECT variant_id, row_number() OVER (ORDER BY variant_id) / 5000 AS part
    FROM discovery_documents
) d
GROUP BY part
""")


def index_variants(session: DbSession, *, variant_ids: Collection[uuid.UUID]) -> None:
    """Bring the documents of these variants up to date, in one statement."""
    if variant_ids:
        session.execute(_INDEX, {"variant_ids": array_of(variant_ids)})


def index_waiting(session: DbSession, *, limit: int, now: object = None) -> int:  # noqa: ARG001 - a sweep's shape
    """Bring documents up to date whose change was too large to wait for; how many waited."""
    found: int = session.execute(_WAITING, {"limit": limit}).one()[0]
    return found


def shelve_waiting(session: DbSession, *, limit: int, now: datetime) -> int:
    """Pack the shelves of marked variants, and of those whose period is over; how many.

    One at a time does it; whoever comes meanwhile has nothing to do.
    """
    found: int = session.execute(_SHELVE, {"limit": limit, "now": now}).scalar_one()
    return found


def index_all(session: DbSession) -> int:
    """Work off the whole queue of documents in this transaction; how many waited. For loaders."""
    done = 0
    while found := index_waiting(session, limit=BATCH):
        done += found
    return done


def queue_all(session: DbSession) -> None:
    """Let every document be made anew. For who loads rows past the triggers."""
    session.execute(_QUEUE_ALL)


def mark_all(session: DbSession) -> None:
    """Let every shelf be packed anew. For who loads rows past the triggers."""
    session.execute(_NUMBER)
    session.execute(_MARK_ALL)
