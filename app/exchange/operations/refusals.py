"""What an import did not take: cell by cell, with the value as it stands in the file."""

from typing import Any

from sqlalchemy import text

from app.exchange.models import Import
from app.exchange.operations.resources import Merged, Scope
from app.exchange.operations.staging import table
from app.infra.db import DbSession, array_of

# More is counted, not listed: whoever has so many has one reason for them all.
MOST_LISTED = 200_000
_SHOWN = 200
VERDICTS = ("insert", "update", "remove")
DONE = ("inserted", "updated", "removed", "withdrawn")

# A fault is ``field:code``; a field may have a colon of its own, a code has none.
_LIST = """
INSERT INTO exchange_refusals (import_id, row_no, place, field, column_name, value, code)
SELECT :import_id, n.row_no, n.place, n.field, COALESCE(m.name, ''),
       left(COALESCE(translate({cell}, chr(26), ''), k.value, ''), {shown}), n.code
FROM (
    SELECT row_no, CAST(place AS integer) AS place,
           left(fault, length(fault) - strpos(reverse(fault), '\\:')) AS field,
           right(fault, strpos(reverse(fault), '\\:') - 1) AS code
    FROM ({faults}) f
    ORDER BY row_no, place LIMIT {most}
) n
LEFT JOIN unnest(CAST(:fields AS text[]), CAST(:names AS text[])) WITH ORDINALITY
    AS m (field, name, at) ON m.field = n.field
LEFT JOIN unnest(CAST(:fixed AS text[]), CAST(:texts AS text[]))
    AS k (field, value) ON k.field = n.field
LEFT JOIN {raw} r ON r.row_no = n.row_no
ON CONFLICT DO NOTHING
"""
_OF_CHECKED = """
    SELECT c.row_no, u.place, u.fault
    FROM {checked} c, unnest(c.faults) WITH ORDINALITY AS u (fault, place)
"""
_OF_JUDGED = "SELECT row_no, 1, verdict FROM {judged} WHERE strpos(verdict, '\\:') > 0"
_LATE = (
    "SELECT row_no, 1 AS place, CAST(:late_as AS text) AS fault"
    " FROM unnest(CAST(:late AS bigint[])) AS row_no"
)


def collect(session: DbSession, *, found: Import, scope: Scope) -> int:
    """List what is wrong with the rows of a file; how many rows are refused."""
    forget = text("DELETE FROM exchange_refusals WHERE import_id = :id")
    session.execute(forget, {"id": found.id})
    of_judged = _OF_JUDGED.format(judged=scope.judged)
    _list(session, found, f"{_OF_CHECKED.format(checked=scope.checked)} UNION ALL {of_judged}", {})
    query = f"""
        SELECT (SELECT count(*) FROM {scope.checked} WHERE faults IS NOT NULL)
             + (SELECT count(*) FROM ({of_judged}) j)
    """  # noqa: S608 - names of our own making
    return session.scalar(text(query)) or 0


def add_late(session: DbSession, *, found: Import, merged: Merged) -> None:
    """List rows that were refused only when they were merged."""
    binds = {"late": array_of(merged.late), "late_as": merged.late_as}
    _list(session, found, _LATE, binds)


def tally(session: DbSession, *, judged: str) -> dict[str, int]:
    """How many rows are to be inserted, updated, removed, and how many say what is so already."""
    query = f"SELECT verdict, count(*) FROM {judged} GROUP BY verdict"  # noqa: S608
    found: dict[str, int] = dict(session.execute(text(query)).all())
    return {
        **{name: found.get(name, 0) for name in VERDICTS},
        **dict.fromkeys(DONE, 0),
        "unchanged": found.get("same", 0),
    }


def _list(session: DbSession, found: Import, faults: str, binds: dict[str, Any]) -> None:
    columns, constants = found.mapping["columns"], found.mapping["constants"]
    cells = " ".join(f"WHEN {at + 1} THEN r.c{at}" for at in range(len(columns)))
    statement = _LIST.format(
        faults=faults,
        cell=f"CASE m.at {cells} END" if cells else "NULL",
        raw=table("raw", found.id),
        shown=_SHOWN,
        most=MOST_LISTED,
    )
    session.execute(
        text(statement),
        {
            "import_id": found.id,
            "fields": list(columns),
            "names": list(columns.values()),
            "fixed": list(constants),
            "texts": list(constants.values()),
            **binds,
        },
    )
