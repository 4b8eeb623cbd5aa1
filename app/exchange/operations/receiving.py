"""A file arrives: kept in bounded storage, looked at, and met with a guess of its mapping.

The file lies under its import's id, in a folder of its own, until its retention time is over.
"""

import hashlib
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from app.exchange import queries
from app.exchange.errors import (
    FileRefused,
    FileTooLarge,
    ModeNotAllowed,
    NotYourResource,
    ProfileNotFound,
    TargetUnknown,
)
from app.exchange.models import Import, Profile
from app.exchange.operations import staging
from app.exchange.ports import UNREADABLE, Layout, TabularFiles
from app.exchange.rules import fields as f
from app.exchange.rules.guessing import guess, header_of
from app.exchange.rules.mapping import ColumnMapping, fingerprint, mapping_from
from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.errors import NotFound
from app.kernel.ids import new_id
from app.network.rules import SELLING_KINDS
from app.pricing import queries as pricing_queries

KEPT = timedelta(days=14)
_BLOCK = 1024 * 1024
_SAMPLE = 50
_SHOWN_CELL = 200
PERMISSIONS = {
    f.PRODUCTS: "catalog.write",
    f.OFFERS: "offers.write",
    f.PRICES: "prices.write",
    f.STOCK: "stock.write",
}


class Readable(Protocol):
    """Where a file comes from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A file that was stored."""

    id: uuid.UUID
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an import is to do; ``profile`` names a saved mapping."""

    resource: str
    mode: str = f.DELTA
    policy: str = f.PARTIAL
    dry_run: bool = False
    publish: bool = False
    file_name: str = ""
    price_list_id: uuid.UUID | None = None
    profile: str | None = None


def store(stream: Readable, *, folder: Path, most: int) -> Received:
    """Keep a file, block by block.

    Raises:
        FileTooLarge: it is larger than is taken; nothing is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    import_id, digest, size = new_id(), hashlib.sha256(), 0
    path = folder / import_id.hex
    try:
        with path.open("xb") as file:
            while block := stream.read(_BLOCK):
                size += len(block)
                _require_small(size, most)
                digest.update(block)
                file.write(block)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Received(id=import_id, size_bytes=size, sha256=digest.hexdigest())


def _require_small(size: int, most: int) -> None:
    if size > most:
        raise FileTooLarge(f"More than {most // 1024**2} MiB: send it in parts")


def discard(received: Received, *, folder: Path) -> None:
    """Forget a stored file that no import came of."""
    with suppress(OSError):
        (folder / received.id.hex).unlink(missing_ok=True)


def receive(
    session: DbSession,
    *,
    caller: Caller,
    received: Received,
    wish: Wish,
    files: TabularFiles,
    folder: Path,
    now: datetime,
) -> Import:
    """Make an import of a stored file, with the mapping that was saved for it, or a guess.

    Raises:
        NotYourResource: the caller keeps no such things, or its key may not change them.
        TargetUnknown: the price list is none of the caller's.
        ModeNotAllowed: an import of prices names no list, or other than products is published.
        FileRefused: the file cannot be read.
        ProfileNotFound: the caller has no profile of this name.
    """
    _require_may(caller, wish.resource)
    if wish.publish:
        require_may_publish(caller, wish.resource)
    _require_target(session, caller, wish)
    path = folder / received.id.hex
    layout = files.look(path)
    header, sample = _head(files, path, layout)
    profile = _profile(session, caller, wish, header)
    mapping = _mapping(session, caller, wish, profile, layout, header, sample)
    found = Import(
        id=received.id,
        organization_id=caller.organization_id,
        actor_id=caller.actor_id,
        resource=wish.resource,
        mode=wish.mode,
        policy=wish.policy,
        dry_run=wish.dry_run,
        publish=wish.publish,
        price_list_id=wish.price_list_id,
        file_name=wish.file_name[:200],
        size_bytes=received.size_bytes,
        sha256=received.sha256,
        layout=asdict(layout),
        header=header,
        sample=sample,
        mapping=mapping.document(),
        profile_id=profile.id if profile else None,
        created_at=now,
        status="uploaded",
        phase="waiting",
        rows_read=0,
        merged_pages=[],
        report={},
    )
    session.add(found)
    session.flush()
    audit.note(
        session,
        caller=caller,
        action="exchange.received",
        subject_type="import",
        subject_id=found.id,
        now=now,
        details={"resource": wish.resource, "sha256": received.sha256},
    )
    return found


def _require_may(caller: Caller, resource: str) -> None:
    caller.require(PERMISSIONS[resource])
    keeps = {"manufacturer"} if resource == f.PRODUCTS else SELLING_KINDS
    if not keeps & caller.kinds:
        raise NotYourResource


def require_may_publish(caller: Caller, resource: str) -> None:
    """Refuse a publication after the file of whoever may not publish.

    Raises:
        ModeNotAllowed: what the file holds is not published.
        PermissionMissing: the caller's key may not publish.
    """
    if resource != f.PRODUCTS:
        raise ModeNotAllowed("Only products are published")
    caller.require("catalog.publish")


def _require_target(session: DbSession, caller: Caller, wish: Wish) -> None:
    if wish.resource != f.PRICES:
        return
    if wish.price_list_id is None:
        raise ModeNotAllowed("Name the price list: price_list_id")
    try:
        found = pricing_queries.get_price_list(
            session, caller=caller, price_list_id=wish.price_list_id
        )
    except NotFound as error:
        raise TargetUnknown from error
    if found.owner_id != caller.organization_id:
        raise TargetUnknown


def _head(files: TabularFiles, path: Path, layout: Layout) -> tuple[list[str], list[list[str]]]:
    rows = list(islice(files.rows(path, layout), _SAMPLE))
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise FileRefused("The first row must name the columns")
    shown = [[_shown(cell) for cell in row] for row in rows]
    return header_of(shown[0]), shown[1:]


def _shown(cell: str) -> str:
    return cell[:_SHOWN_CELL].replace(UNREADABLE, "?")


def _profile(
    session: DbSession, caller: Caller, wish: Wish, header: Sequence[str]
) -> Profile | None:
    if wish.profile is None:
        mark = fingerprint(wish.resource, header)
        return queries.find_profile_for(
            session, caller=caller, resource=wish.resource, header_fingerprint=mark
        )
    found = queries.find_profile_for(
        session, caller=caller, resource=wish.resource, name=wish.profile
    )
    if found is None:
        raise ProfileNotFound
    return found


def _mapping(
    session: DbSession,
    caller: Caller,
    wish: Wish,
    profile: Profile | None,
    layout: Layout,
    header: Sequence[str],
    sample: Sequence[Sequence[str]],
) -> ColumnMapping:
    """The saved mapping for this file as it is written now, or a guess."""
    if profile is not None:
        saved = mapping_from(profile.mapping)
        columns = {name: column for name, column in saved.columns.items() if column in header}
        mapping = replace(saved, columns=columns)
    else:
        codes = queries.attribute_codes(session, caller=caller)
        mapping = guess(wish.resource, header=header, rows=sample, attributes=codes)
    return replace(
        mapping,
        encoding=layout.encoding or "utf-8",
        separator=layout.separator or ",",
        sheet=layout.sheet,
    )


def sweep_files(session: DbSession, *, folder: Path, now: datetime, limit: int) -> int:
    """Remove files, and what is staged of them, after their retention time; how many."""
    old = session.scalars(
        select(Import)
        .where(Import.file_removed_at.is_(None), Import.created_at < now - KEPT)
        .order_by(Import.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for each in old:
        with suppress(OSError):
            (folder / each.id.hex).unlink(missing_ok=True)
        staging.drop(session, each.id)
        each.file_removed_at = now
    return len(old)
