"""Verdicts become facts, part by part, by two hands at once.

The table of verdicts is cut into lanes, a lane into parts of some ten thousand rows. Laws: each
part is a transaction that commits with the mark of its lane, so whoever goes on after a death or a
cancellation begins where each lane was, and no part is merged twice. All or nothing is one
transaction, hence one hand.
"""

import threading
import uuid
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from queue import SimpleQueue

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.catalog import operations as catalog_operations
from app.exchange.errors import RowsRefused
from app.exchange.models import Import
from app.exchange.operations import refusals
from app.exchange.operations.keeping import keep, settle
from app.exchange.operations.resources import RESOURCES, Merged, Scope
from app.exchange.ports import Told
from app.exchange.rules import fields as f
from app.infra.db import DbSession, sessions_beside

# A part is this many pages of verdicts: some ten thousand rows, merged in a second or two.
PART_PAGES = 256
LANES = 2
_PAGE_BYTES = 8192
_MERGED = ("inserted", "updated", "removed")


@dataclass(frozen=True, slots=True)
class _Lane:
    """A stretch of the table of verdicts: pages from where it is to its end."""

    number: int
    at: int
    end: int

    def parts(self) -> Iterator[tuple[int, int]]:
        """What is left to be merged."""
        for first in range(self.at, self.end, PART_PAGES):
            yield first, min(first + PART_PAGES, self.end)


def merge(session: DbSession, *, found: Import, scope: Scope, told: Told) -> None:
    """Do what the verdicts say, as far as it has not been done.

    Raises:
        RowsRefused: all or nothing was asked for, and something was taken meanwhile.
    """
    if found.publish and found.policy == f.ALL_OR_NOTHING:
        catalog_operations.hold_alone(session, manufacturer_id=found.organization_id)
    pages = _pages(session, scope)
    if not found.merged_pages:
        RESOURCES[scope.resource].begin(session, scope)
        found.merged_pages = _starts(pages)
        session.flush()
    total = sum(found.report[name] for name in refusals.VERDICTS)
    # Closed at once when told that nobody waits any longer: then no hand is at work.
    with closing(_done(session, found, scope, _lanes(found, pages))) as merged:
        for done in merged:
            told(done=done, total=total)


def _pages(session: DbSession, scope: Scope) -> int:
    size = session.scalar(text("SELECT pg_relation_size(:name)"), {"name": scope.judged}) or 0
    return size // _PAGE_BYTES


def _starts(pages: int) -> list[int]:
    lanes = LANES if pages > PART_PAGES else 1
    return [pages * number // lanes for number in range(lanes)]


def _lanes(found: Import, pages: int) -> list[_Lane]:
    ends = [*_starts(pages)[1:], pages]
    return [
        _Lane(number, at, end)
        for number, (at, end) in enumerate(zip(found.merged_pages, ends, strict=True))
    ]


def _done(session: DbSession, found: Import, scope: Scope, lanes: list[_Lane]) -> Generator[int]:
    """Merge, and say from time to time how many rows are done."""
    yield _count_of(found)
    if found.policy == f.ALL_OR_NOTHING:
        yield from _at_once(session, found, scope, lanes)
        return
    beside = sessions_beside(session) if len(lanes) > 1 else None
    if beside is None:
        for lane in lanes:
            yield from _walk(session, found.id, scope, lane)
        return
    keep(session)
    with closing(_side_by_side(beside, found.id, scope, lanes)) as done:
        yield from done
    session.refresh(found)
    yield _count_of(found)


def _at_once(session: DbSession, found: Import, scope: Scope, lanes: list[_Lane]) -> Iterator[int]:
    for lane in lanes:
        for first, last in lane.parts():
            _note(session, found, lane, last, _merge_part(session, scope, first, last))
            yield _count_of(found)


def _walk(session: DbSession, import_id: uuid.UUID, scope: Scope, lane: _Lane) -> Iterator[int]:
    """Merge a lane, a transaction a part."""
    for first, last in lane.parts():
        merged = _merge_part(session, scope, first, last)
        # Whoever marks comes last: the other hand waits for it while it commits, no longer.
        found = session.get_one(
            Import, import_id, populate_existing=True, with_for_update={"key_share": True}
        )
        _note(session, found, lane, last, merged)
        done = _count_of(found)
        keep(session)
        yield done


def _side_by_side(
    beside: Callable[[], Session], import_id: uuid.UUID, scope: Scope, lanes: list[_Lane]
) -> Generator[int]:
    """Merge lanes each in a thread and a connection of its own; the first failure stops them all.

    Nobody leaves before the parts that were begun are kept or given up.
    """
    stop = threading.Event()
    heard: SimpleQueue[int | None] = SimpleQueue()

    def walk(lane: _Lane) -> None:
        try:
            with beside() as session:
                settle(session)
                for done in _walk(session, import_id, scope, lane):
                    heard.put(done)
                    if stop.is_set():
                        return
        except BaseException:
            stop.set()
            raise
        finally:
            heard.put(None)

    with ThreadPoolExecutor(len(lanes)) as pool:
        hands = [pool.submit(walk, lane) for lane in lanes]
        try:
            for _ in lanes:
                yield from iter(heard.get, None)
        finally:
            stop.set()
    for hand in hands:
        hand.result()


def _merge_part(session: DbSession, scope: Scope, first: int, last: int) -> Merged:
    return RESOURCES[scope.resource].merge(session, scope, f"({first},0)", f"({last},0)")


def _note(session: DbSession, found: Import, lane: _Lane, last: int, merged: Merged) -> None:
    """Count what became of a part, and mark it."""
    if merged.late:
        refusals.add_late(session, found=found, merged=merged)
        if found.policy == f.ALL_OR_NOTHING:
            raise RowsRefused("What was free was taken meanwhile, so nothing was changed")
    report = dict(found.report)
    for name in _MERGED:
        report[name] += getattr(merged, name)
    report["refused"] += len(merged.late)
    marks = list(found.merged_pages)
    marks[lane.number] = last
    found.report, found.merged_pages = report, marks


def _count_of(found: Import) -> int:
    done: int = sum(found.report[name] for name in _MERGED)
    return done
