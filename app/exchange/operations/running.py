"""An import from its file to its report: read, check, judge, merge; each step is kept.

Laws: a step that is done is committed with the mark that says so, so an import whose worker died
goes on where it was. All or nothing is one transaction. A dry run makes every verdict and changes
nothing. What a whole file does not name is only withdrawn when the file has rows and every one of
them could be taken.
"""

import uuid
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from app.catalog import operations as catalog_operations
from app.catalog.errors import ChangesInvalid, NothingToPublish
from app.exchange import queries
from app.exchange.errors import FileGone, RowsRefused
from app.exchange.events import ImportEnded
from app.exchange.models import Import
from app.exchange.operations import checking, merging, refusals, staging
from app.exchange.operations.keeping import keep, settle
from app.exchange.operations.resources import RESOURCES, Scope
from app.exchange.ports import Layout, TabularFiles, Told
from app.exchange.rules import fields as f
from app.exchange.rules.mapping import mapping_from
from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.kernel.money import exponent_of


def run_import(
    session: DbSession,
    *,
    caller: Caller,
    import_id: uuid.UUID,
    files: TabularFiles,
    folder: Path,
    told: Told,
    now: datetime,
) -> Import:
    """Work on an import until it has ended; the caller's transaction is committed in between.

    Raises:
        RowsRefused: all or nothing was asked for, and some rows cannot be taken.
        FileRefused: the file cannot be read to its end.
    """
    found = session.get_one(Import, import_id)
    scope = _scope(found, caller, now)
    settle(session)
    if not _goes_on(session, found, scope):
        _read(session, found, files, folder, told)
        _judge(session, found, scope, told)
    if found.dry_run:
        return _end(session, found, caller, status="checked", now=now)
    _require_whole(found)
    merging.merge(session, found=found, scope=scope, told=told)
    _end_absent(session, found, scope)
    if found.publish:
        _publish(session, found, caller, now)
    return _end(session, found, caller, status="done", now=now)


def _scope(found: Import, caller: Caller, now: datetime) -> Scope:
    return Scope(
        resource=found.resource,
        caller=caller,
        mode=found.mode,
        checked=staging.table("checked", found.id),
        judged=staging.table("judged", found.id),
        price_list_id=found.price_list_id,
        now=now,
    )


def _goes_on(session: DbSession, found: Import, scope: Scope) -> bool:
    """Whether verdicts of an earlier worker are there to go on with."""
    return found.phase == "merging" and staging.has_rows(session, scope.judged)


def _read(session: DbSession, found: Import, files: TabularFiles, folder: Path, told: Told) -> None:
    path = folder / found.id.hex
    if not path.exists():
        raise FileGone
    found.phase, found.status, found.merged_pages, found.report = "reading", "running", [], {}
    keep(session)
    mapping = mapping_from(found.mapping)
    layout = replace(
        Layout(**found.layout),
        encoding=mapping.encoding,
        separator=mapping.separator,
        sheet=mapping.sheet,
        decimal_mark=mapping.decimal_mark,
    )
    found.rows_read = staging.stage(
        session,
        import_id=found.id,
        pieces=files.pieces(path, layout, len(found.header)),
        separator=layout.separator,
        header_width=len(found.header),
        places=checking.places_of(mapping, found.header),
        told=told,
    )
    found.phase = "checking"
    keep(session)


def _judge(session: DbSession, found: Import, scope: Scope, told: Told) -> None:
    told(done=0, total=found.rows_read)
    checking.check(
        session,
        import_id=found.id,
        resource=found.resource,
        mode=found.mode,
        mapping=mapping_from(found.mapping),
        exponent=exponent_of(queries.currency_of(session, price_list_id=found.price_list_id)),
        sight=queries.sight_of(session, caller=scope.caller),
    )
    told(done=found.rows_read // 2, total=found.rows_read)
    session.execute(text(f"DROP TABLE IF EXISTS {scope.judged}"))
    RESOURCES[found.resource].judge(session, scope)
    session.execute(text(f"ANALYZE {scope.judged}"))
    refused = refusals.collect(session, found=found, scope=scope)
    found.report = {
        "rows": found.rows_read,
        **refusals.tally(session, judged=scope.judged),
        "refused": refused,
        "absent": _absent(session, found, scope),
    }
    found.phase = "merging"
    keep(session)


def _absent(session: DbSession, found: Import, scope: Scope) -> int:
    if found.mode != f.FULL:
        return 0
    return RESOURCES[found.resource].count_absent(session, scope)


def _require_whole(found: Import) -> None:
    refused = found.report["refused"]
    if found.policy == f.ALL_OR_NOTHING and refused:
        raise RowsRefused(f"{refused:,} rows were refused, so nothing was changed", refused=refused)


def _end_absent(session: DbSession, found: Import, scope: Scope) -> None:
    # A file with no row at all is one that was cut off, not the end of everything.
    if found.mode != f.FULL or found.report["refused"] or not found.rows_read:
        return
    withdrawn = RESOURCES[found.resource].end_absent(session, scope)
    found.report = {**found.report, "withdrawn": withdrawn}


def _publish(session: DbSession, found: Import, caller: Caller, now: datetime) -> None:
    """Make live what was collected; where it cannot be, the products stay drafts, and it is said.

    Raises:
        ChangesInvalid: all or nothing was asked for: nothing is changed.
    """
    if found.policy == f.PARTIAL:
        keep(session)  # whoever publishes waits for all editors: not while being one
    try:
        with session.begin_nested():
            made = catalog_operations.publish(session, caller=caller, note=found.file_name, now=now)
            number = made.number
    except NothingToPublish:
        return
    except ChangesInvalid as refusal:
        if found.policy == f.ALL_OR_NOTHING:
            raise
        found.error = f"Not published, the products stay drafts: {refusal.detail}"
    else:
        found.report = {**found.report, "publication": number}


def _end(
    session: DbSession, found: Import, caller: Caller, *, status: str, now: datetime
) -> Import:
    found.status, found.phase, found.finished_at = status, "ended", now
    staging.drop(session, found.id)
    counts = dict(found.report)
    if status == "done":
        audit.note(
            session,
            caller=caller,
            action=f"exchange.{found.resource}_imported",
            subject_type="import",
            subject_id=found.id,
            now=now,
            details=counts,
        )
    record(
        session,
        ImportEnded(
            happened_at=now,
            audience=(found.organization_id,),
            import_id=found.id,
            resource=found.resource,
            mode=found.mode,
            counts=counts,
        ),
    )
    return found
