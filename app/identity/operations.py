"""Make and revoke keys, make persons, authenticate a request.

A key's secret leaves this module once, in the answer to its making; the database has its digest.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.identity import queries, rules
from app.identity.errors import EmailTaken, ExpiryInThePast, NotAMember, NotAPerson
from app.identity.models import ApiKey, Person
from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.errors import NotFound

_USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made: the only time its secret is seen."""

    key: ApiKey
    secret: str


def set_language(session: DbSession, *, caller: Caller, language: str | None) -> Person:
    """Say in which language the caller itself reads; none: in its organization's.

    Raises:
        NotAPerson: an organization's own key asks.
    """
    person = session.get(Person, caller.actor_id)
    if person is None:
        raise NotAPerson
    person.language = language
    session.flush()
    return person


def operator_caller(*, operator_id: uuid.UUID) -> Caller:
    """The operator itself, for commands and for scheduled work that no key asked for."""
    return Caller(
        organization_id=operator_id,
        actor_id=operator_id,
        kinds=frozenset({"operator"}),
        permissions=rules.PERMISSIONS,
    )


def authenticate(session: DbSession, *, token: str, now: datetime) -> Caller | None:
    """The caller behind a token; remembers the key's use, at most once a minute."""
    credential = queries.find_credential(session, token=token, now=now)
    if credential is None:
        return None
    used = credential.last_used_at
    if used is None or now - used >= _USE_NOTED_EVERY:
        _note_use(session, key_id=credential.key_id, now=now)
    return credential.caller


def _note_use(session: DbSession, *, key_id: uuid.UUID, now: datetime) -> None:
    """In a transaction of its own: a read commits nothing, and a refused write rolls back.

    A twin request that notes the same use is not waited for.
    """
    free = select(ApiKey.id).where(ApiKey.id == key_id).with_for_update(skip_locked=True)
    with Session(session.get_bind(), join_transaction_mode="create_savepoint") as own:
        own.execute(
            update(ApiKey)
            .where(ApiKey.id == free.scalar_subquery())
            .values(last_used_at=now)
            .execution_options(synchronize_session=False)
        )
        own.commit()


def create_key(
    session: DbSession,
    *,
    caller: Caller,
    label: str,
    permissions: Collection[str],
    organization_id: uuid.UUID | None = None,
    person_id: uuid.UUID | None = None,
    expires_at: datetime | None = None,
    now: datetime,
) -> NewKey:
    """Make a key of the caller's organization; the operator may make one for any organization.

    Raises:
        Forbidden: another organization's, or permissions that the maker does not hold.
        Rejected: permissions that do not exist or do not fit, an expiry in the past, a stranger.
    """
    owner_id = organization_id or caller.organization_id
    caller.require_one_of(owner_id)
    granted = _granted(session, caller=caller, owner_id=owner_id, permissions=permissions)
    if expires_at is not None and expires_at <= now:
        raise ExpiryInThePast
    if person_id is not None:
        _require_member(session, organization_id=owner_id, person_id=person_id)
    secret = rules.new_token()
    key = ApiKey(
        organization_id=owner_id,
        person_id=person_id,
        label=label,
        hint=rules.hint_of(secret),
        secret_digest=rules.digest_of(secret),
        permissions=sorted(granted),
        created_at=now,
        expires_at=expires_at,
    )
    session.add(key)
    session.flush()
    _note(session, caller, "key.created", key.id, now)
    return NewKey(key, secret)


def _granted(
    session: DbSession, *, caller: Caller, owner_id: uuid.UUID, permissions: Collection[str]
) -> frozenset[str]:
    owner = queries.find_organization(session, organization_id=owner_id)
    if owner is None:
        raise NotFound("There is no such organization")
    return rules.require_grantable(permissions, held=caller.permissions, kinds=owner.kinds)


def _require_member(
    session: DbSession, *, organization_id: uuid.UUID, person_id: uuid.UUID
) -> None:
    role = queries.find_role(session, organization_id=organization_id, person_id=person_id)
    if role is None:
        raise NotAMember


def revoke_key(session: DbSession, *, caller: Caller, key_id: uuid.UUID, now: datetime) -> ApiKey:
    """End a key at once and for ever; revoking it again changes nothing.

    Raises:
        KeyNotFound: there is none that the caller may know of.
    """
    key = queries.get_key(session, caller=caller, key_id=key_id)
    if key.revoked_at is None:
        key.revoked_at = now
        session.flush()
        _note(session, caller, "key.revoked", key.id, now)
    return key


def require_role(*, caller: Caller, role: str, kinds: Collection[str]) -> None:
    """Refuse a role that the caller cannot give in an organization of these kinds.

    Raises:
        RoleUnknown: there is no such role.
        PermissionNotHeld: the role may do what the caller may not.
    """
    wanted = rules.permissions_of_role(role) & rules.permissions_for(kinds)
    rules.require_grantable(wanted, held=caller.permissions, kinds=kinds)


def create_person(
    session: DbSession, *, caller: Caller, email: str, display_name: str, now: datetime
) -> Person:
    """Make a person; what it may do comes from being a member somewhere.

    Raises:
        EmailTaken: the address names somebody else.
    """
    if queries.find_person(session, email=email) is not None:
        raise EmailTaken
    person = Person(email=email.lower(), display_name=display_name, created_at=now)
    session.add(person)
    session.flush()
    audit.note(
        session,
        caller=caller,
        action="person.created",
        subject_type="person",
        subject_id=person.id,
        now=now,
    )
    return person


def _note(
    session: DbSession, caller: Caller, action: str, key_id: uuid.UUID, now: datetime
) -> None:
    audit.note(
        session, caller=caller, action=action, subject_type="key", subject_id=key_id, now=now
    )
