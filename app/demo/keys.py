"""API keys of the built-in network, kept in a file that only its owner can read.

Keys that still work are kept; lost ones are replaced. The database has digests only, so the file
is the one place where they can be looked up again.
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from app.demo.parties import KEY_HOLDERS
from app.identity import operations as identity_operations
from app.identity import queries as identity_queries
from app.identity import rules as identity_rules
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.tables import network

FILE = "demo-keys.json"
LABEL = "demo"


def ensure_keys(
    session: DbSession, *, caller: Caller, folder: Path, now: datetime
) -> Mapping[str, str]:
    """A working key for every holder, by code; the caller commits."""
    path = folder / FILE
    kept = json.loads(path.read_text()) if path.exists() else {}
    keys = {
        code: kept[code]
        if code in kept and _works(session, kept[code], now)
        else _new_key(session, caller, code, now)
        for code in KEY_HOLDERS
    }
    if keys != kept:
        _write(path, keys)
    return keys


def _works(session: DbSession, token: str, now: datetime) -> bool:
    return identity_queries.find_caller(session, token=token, now=now) is not None


def _new_key(session: DbSession, caller: Caller, code: str, now: datetime) -> str:
    query = select(network.Organization).where(network.Organization.code == code)
    holder = session.scalars(query).one()
    made = identity_operations.create_key(
        session,
        caller=caller,
        label=LABEL,
        permissions=identity_rules.permissions_for(holder.kinds),
        organization_id=holder.id,
        now=now,
    )
    return made.secret


def _write(path: Path, keys: Mapping[str, str]) -> None:
    """Replace the file at once; nobody else may read it at any moment."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(keys, file, indent=2)
    fresh.replace(path)
