"""Imports and profiles as their organization may see them; the operator sees all imports."""

import uuid
from collections.abc import Iterator

from sqlalchemy import select, tuple_

from app.exchange.errors import ImportNotFound, ProfileNotFound
from app.exchange.models import Import, Profile, Refusal
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.listing import page_by_id
from app.kernel.paging import Page, PageRequest, page_of

ALL = 1_000_000_000
_BLOCK = 5000


def get_import(session: DbSession, *, caller: Caller, import_id: uuid.UUID) -> Import:
    """An import.

    Raises:
        ImportNotFound: there is none that the caller may know of.
    """
    found = session.get(Import, import_id, populate_existing=True)
    if found is None or not (caller.is_operator or found.organization_id == caller.organization_id):
        raise ImportNotFound
    return found


def list_imports(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Import]:
    """The caller's imports, newest first."""
    query = select(Import).where(Import.organization_id == caller.organization_id)
    if page.after:
        query = query.where(Import.id < page.after)
    rows = session.scalars(query.order_by(Import.id.desc()).limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda each: each.id)


def refusals_of(session: DbSession, *, import_id: uuid.UUID, most: int = ALL) -> Iterator[Refusal]:
    """What an import did not take, in the order of the file; read block by block."""
    after, left = (0, 0), most
    while left > 0:
        query = (
            select(Refusal)
            .where(Refusal.import_id == import_id)
            .where(tuple_(Refusal.row_no, Refusal.place) > tuple_(*after))
            .order_by(Refusal.row_no, Refusal.place)
            .limit(min(left, _BLOCK))
        )
        block = session.scalars(query).all()
        yield from block
        if len(block) < _BLOCK:
            return
        after, left = (block[-1].row_no, block[-1].place), left - len(block)


def get_profile(session: DbSession, *, caller: Caller, profile_id: uuid.UUID) -> Profile:
    """A profile of the caller's.

    Raises:
        ProfileNotFound: there is none.
    """
    found = session.get(Profile, profile_id, populate_existing=True)
    if found is None or found.organization_id != caller.organization_id:
        raise ProfileNotFound
    return found


def find_profile_for(
    session: DbSession,
    *,
    caller: Caller,
    resource: str,
    header_fingerprint: str | None = None,
    name: str | None = None,
) -> Profile | None:
    """The caller's newest profile for such a header, or of this name."""
    query = select(Profile).where(
        Profile.organization_id == caller.organization_id, Profile.resource == resource
    )
    if name is not None:
        query = query.where(Profile.name == name)
    else:
        query = query.where(Profile.header_fingerprint == header_fingerprint)
    return session.scalars(query.order_by(Profile.updated_at.desc()).limit(1)).first()


def list_profiles(
    session: DbSession, *, caller: Caller, page: PageRequest, resource: str | None = None
) -> Page[Profile]:
    """The caller's profiles."""
    query = select(Profile).where(Profile.organization_id == caller.organization_id)
    if resource:
        query = query.where(Profile.resource == resource)
    return page_by_id(session, query, key=Profile.id, page=page)
