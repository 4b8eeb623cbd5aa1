"""Who is behind a token; keys and persons as their organization may see them.

Organizations and members belong to the network, one layer up; their tables are named here only,
because authentication must stay one statement.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Row,
    Select,
    Text,
    TextualSelect,
    Uuid,
    column,
    select,
    table,
)

from app.identity.errors import KeyNotFound, PersonNotFound
from app.identity.models import ApiKey, Person
from app.identity.rules import TOKEN_PREFIX, digest_of, effective
from app.infra.auth import Caller
from app.infra.db import DbSession, answering
from app.kernel.paging import Page, PageRequest, page_of

_organizations = table(
    "network_organizations",
    column("id", Uuid()), column("name", Text()), column("kinds", ARRAY(Text())),
    column("status", Text()), column("language", Text()),
)  # fmt: skip
_members = table(
    "network_members",
    column("organization_id", Uuid()), column("person_id", Uuid()), column("role", Text()),
)  # fmt: skip

# As text: every request asks it, and a statement that is composed costs more than its answer.
_KEYS_OF_CALLERS = """
SELECT k.id, k.organization_id, k.person_id, k.permissions, k.expires_at, k.revoked_at,
       k.last_used_at, o.kinds, o.status, m.role, COALESCE(p.language, o.language)
FROM identity_api_keys k
JOIN network_organizations o ON o.id = k.organization_id
LEFT JOIN network_members m
  ON m.organization_id = k.organization_id AND m.person_id = k.person_id
LEFT JOIN identity_persons p ON p.id = k.person_id
"""
_TOLD = (
    "id", "organization_id", "person_id", "permissions", "expires_at", "revoked_at",
    "last_used_at", "kinds", "status", "role", "language",
)  # fmt: skip
_KEY_OF_TOKEN = answering(f"{_KEYS_OF_CALLERS} WHERE k.secret_digest = :digest", *_TOLD)
_KEY_BY_ID = answering(f"{_KEYS_OF_CALLERS} WHERE k.id = :key_id", *_TOLD)


@dataclass(frozen=True, slots=True)
class Credential:
    """A key that is good now, and its caller."""

    key_id: uuid.UUID
    caller: Caller
    last_used_at: datetime | None


def find_credential(session: DbSession, *, token: str, now: datetime) -> Credential | None:
    """The good key behind a token, in one statement; None for every other token."""
    if not token.startswith(TOKEN_PREFIX):
        return None
    return _credential(session, _KEY_OF_TOKEN, {"digest": digest_of(token)}, now)


def find_credential_by_key(
    session: DbSession, *, key_id: uuid.UUID, now: datetime
) -> Credential | None:
    """The same for a key that signed in before: a browser's session keeps the key's id alone."""
    return _credential(session, _KEY_BY_ID, {"key_id": key_id}, now)


def _credential(
    session: DbSession, query: TextualSelect, binds: Mapping[str, Any], now: datetime
) -> Credential | None:
    row = session.execute(query, binds).first()
    if row is None or not _is_good(row, now):
        return None
    caller = Caller(
        organization_id=row.organization_id,
        actor_id=row.person_id or row.id,
        kinds=frozenset(row.kinds),
        permissions=effective(row.permissions, kinds=row.kinds, role=row.role),
        language=row.language,
    )
    return Credential(row.id, caller, row.last_used_at)


def find_caller(session: DbSession, *, token: str, now: datetime) -> Caller | None:
    """The caller behind a token; None when it is unknown, revoked, expired or suspended."""
    credential = find_credential(session, token=token, now=now)
    return credential.caller if credential else None


def _is_good(row: Any, now: datetime) -> bool:  # noqa: ANN401 - a row
    if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        return False
    left = row.person_id is not None and row.role is None
    return row.status == "active" and not left


def list_keys(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[ApiKey]:
    """The keys of the caller's organization, oldest first, revoked ones too."""
    query = _keys_of(caller).order_by(ApiKey.id).limit(page.limit + 1)
    if page.after:
        query = query.where(ApiKey.id > page.after)
    return page_of(session.scalars(query).all(), limit=page.limit, key=lambda key: key.id)


def get_key(session: DbSession, *, caller: Caller, key_id: uuid.UUID) -> ApiKey:
    """One key of the caller's organization (the operator sees all).

    Raises:
        KeyNotFound: there is none that the caller may know of.
    """
    query = select(ApiKey) if caller.is_operator else _keys_of(caller)
    key = session.scalars(query.where(ApiKey.id == key_id)).one_or_none()
    if key is None:
        raise KeyNotFound
    return key


def _keys_of(caller: Caller) -> Select[ApiKey]:
    return select(ApiKey).where(ApiKey.organization_id == caller.organization_id)


def find_person(session: DbSession, *, email: str) -> Person | None:
    """The person with an e-mail address."""
    return session.scalars(select(Person).where(Person.email == email.lower())).one_or_none()


def find_person_by_id(session: DbSession, *, person_id: uuid.UUID) -> Person | None:
    """The person with an id, if it is one's."""
    return session.get(Person, person_id)


def get_person(session: DbSession, *, person_id: uuid.UUID) -> Person:
    """A person by id.

    Raises:
        PersonNotFound: there is none.
    """
    person = session.get(Person, person_id)
    if person is None:
        raise PersonNotFound
    return person


def find_role(
    session: DbSession, *, organization_id: uuid.UUID, person_id: uuid.UUID
) -> str | None:
    """The role of a person in an organization; None when it is not a member."""
    return session.scalar(
        select(_members.c.role).where(
            _members.c.organization_id == organization_id, _members.c.person_id == person_id
        )
    )


def find_organization(session: DbSession, *, organization_id: uuid.UUID) -> Row[Any, Any] | None:
    """The ``name`` and ``kinds`` of an organization."""
    return session.execute(
        select(_organizations.c.name, _organizations.c.kinds).where(
            _organizations.c.id == organization_id
        )
    ).first()
