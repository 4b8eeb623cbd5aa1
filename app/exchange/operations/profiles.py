"""Mappings that an organization saves under a name."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from app.exchange import queries
from app.exchange.errors import MappingIncomplete, ProfileNameTaken
from app.exchange.models import Profile
from app.exchange.rules.mapping import fingerprint, mapping_from
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import edit, refusing

_REFUSALS = {"uq_exchange_profiles_organization_id_resource_name": ProfileNameTaken()}


def create_profile(
    session: DbSession,
    *,
    caller: Caller,
    resource: str,
    name: str,
    mapping: Mapping[str, Any],
    header: Sequence[str] | None = None,
    now: datetime,
) -> Profile:
    """Save a mapping; with the header of a file, it is found again by it.

    Raises:
        MappingIncomplete: the mapping does not say all that is needed.
        ProfileNameTaken: the caller uses the name already.
    """
    profile = Profile(
        organization_id=caller.organization_id,
        resource=resource,
        name=name,
        header_fingerprint=_mark(resource, mapping, header),
        mapping=_sound(resource, mapping),
        created_at=now,
        updated_at=now,
        version=1,
    )
    with refusing(session, _REFUSALS):
        session.add(profile)
    return profile


def save_profile(
    session: DbSession,
    *,
    caller: Caller,
    resource: str,
    name: str,
    mapping: Mapping[str, Any],
    header: Sequence[str],
    now: datetime,
) -> Profile:
    """Save a mapping under a name, in place of the one that has the name.

    Raises:
        MappingIncomplete: the mapping does not say all that is needed.
    """
    found = queries.find_profile_for(session, caller=caller, resource=resource, name=name)
    if found is None:
        return create_profile(
            session, caller=caller, resource=resource, name=name, mapping=mapping, header=header,
            now=now,
        )  # fmt: skip
    found.mapping, found.updated_at = _sound(resource, mapping), now
    found.header_fingerprint = fingerprint(resource, header)
    found.version += 1
    session.flush()
    return found


def update_profile(
    session: DbSession,
    *,
    caller: Caller,
    profile_id: uuid.UUID,
    expected_version: int,
    changes: Mapping[str, Any],
    now: datetime,
) -> Profile:
    """Change a profile's name or mapping.

    Raises:
        ProfileNotFound: the caller has no such profile.
        MappingIncomplete: the mapping does not say all that is needed.
        ProfileNameTaken: the caller uses the name already.
        PreconditionFailed: somebody changed it since the caller read it.
    """
    found = queries.get_profile(session, caller=caller, profile_id=profile_id)
    session.refresh(found, with_for_update=True)
    wanted = {**changes, "updated_at": now}
    if "mapping" in changes:
        wanted["mapping"] = _sound(found.resource, changes["mapping"])
    with refusing(session, _REFUSALS):
        edit(found, expected_version=expected_version, changes=wanted)
    return found


def delete_profile(session: DbSession, *, caller: Caller, profile_id: uuid.UUID) -> None:
    """Forget a profile.

    Raises:
        ProfileNotFound: the caller has no such profile.
    """
    found = queries.get_profile(session, caller=caller, profile_id=profile_id)
    session.execute(delete(Profile).where(Profile.id == found.id))
    session.expire_all()


def _sound(resource: str, document: Mapping[str, Any]) -> dict[str, Any]:
    mapping = mapping_from(document)
    problems = mapping.problems(resource)
    if problems:
        raise MappingIncomplete(errors=problems)
    return mapping.document()


def _mark(resource: str, mapping: Mapping[str, Any], header: Sequence[str] | None) -> str | None:
    names = header or list(mapping.get("columns", {}).values())
    return fingerprint(resource, names)
