"""Organizations, their members and addresses."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.identity import operations as identity_operations
from app.identity import queries as identity_queries
from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.kernel.errors import PreconditionFailed
from app.network import queries
from app.network.errors import AlreadyMember, CodeTaken, LastOwner, OperatorOnly
from app.network.events import OrganizationJoined
from app.network.models import Address, Member, Organization

OPERATORS_FACTS = frozenset({"kinds", "status", "rating_hundredths"})


def create_organization(
    session: DbSession, *, caller: Caller, facts: Mapping[str, Any], now: datetime
) -> Organization:
    """Take an organization into the network.

    Raises:
        OperatorOnly: the caller is not the operator.
        CodeTaken: another organization has the code.
    """
    if not caller.is_operator:
        raise OperatorOnly
    if queries.find_organization_by_code(session, code=facts["code"]) is not None:
        raise CodeTaken
    organization = Organization(created_at=now, **facts)
    session.add(organization)
    session.flush()
    session.refresh(organization)
    audience = (organization.id, caller.organization_id)
    record(
        session,
        OrganizationJoined(happened_at=now, audience=audience, organization_id=organization.id),
    )
    _note(session, caller, "organization.created", "org", organization.id, now)
    return organization


def edit_organization(
    session: DbSession,
    *,
    caller: Caller,
    organization_id: uuid.UUID,
    version: int,
    changes: Mapping[str, Any],
    now: datetime,
) -> Organization:
    """Change what is given, of the version that was read.

    Raises:
        OrganizationNotFound, Forbidden: it is not the caller's.
        OperatorOnly: kinds, status and rating are the operator's.
        PreconditionFailed: it was changed since.
    """
    organization = _own(session, caller, organization_id)
    if changes.keys() & OPERATORS_FACTS and not caller.is_operator:
        raise OperatorOnly(fields=sorted(changes.keys() & OPERATORS_FACTS))
    session.refresh(organization, with_for_update=True)
    if organization.version != version:
        raise PreconditionFailed
    for name, value in changes.items():
        setattr(organization, name, value)
    organization.version += 1
    session.flush()
    details = {"changed": sorted(changes)}
    _note(session, caller, "organization.edited", "org", organization_id, now, details)
    return organization


def add_member(
    session: DbSession,
    *,
    caller: Caller,
    organization_id: uuid.UUID,
    email: str,
    display_name: str,
    role: str,
    now: datetime,
) -> Member:
    """Give a person a role; a person not known yet is made.

    Raises:
        OrganizationNotFound, Forbidden: it is not the caller's.
        RoleUnknown, PermissionNotHeld: a role that the caller cannot give.
        AlreadyMember: the person has a role there.
    """
    organization = _own(session, caller, organization_id)
    identity_operations.require_role(caller=caller, role=role, kinds=organization.kinds)
    person = identity_queries.find_person(session, email=email)
    if person is None:
        person = identity_operations.create_person(
            session, caller=caller, email=email, display_name=display_name, now=now
        )
    if queries.find_member(session, organization_id=organization_id, person_id=person.id):
        raise AlreadyMember
    member = Member(organization_id=organization_id, person_id=person.id, role=role, created_at=now)
    session.add(member)
    session.flush()
    _note(session, caller, "member.added", "member", member.id, now, {"role": role})
    return member


def change_role(
    session: DbSession, *, caller: Caller, member_id: uuid.UUID, role: str, now: datetime
) -> Member:
    """Give a member another role; it holds from the next request on.

    Raises:
        MemberNotFound: it is not the caller's.
        RoleUnknown, PermissionNotHeld: a role that the caller cannot give, or take.
        LastOwner: somebody must stay owner.
    """
    member = queries.get_member(session, caller=caller, member_id=member_id)
    organization = _own(session, caller, member.organization_id)
    for each in (role, member.role):
        identity_operations.require_role(caller=caller, role=each, kinds=organization.kinds)
    if role != "owner":
        _require_other_owner(session, member)
    before, member.role = member.role, role
    session.flush()
    details = {"from": before, "to": role}
    _note(session, caller, "member.role_changed", "member", member_id, now, details)
    return member


def remove_member(
    session: DbSession, *, caller: Caller, member_id: uuid.UUID, now: datetime
) -> None:
    """Take a person's role away; its keys die with it.

    Raises:
        MemberNotFound: it is not the caller's.
        PermissionNotHeld: it may do more than the caller.
        LastOwner: somebody must stay owner.
    """
    member = queries.get_member(session, caller=caller, member_id=member_id)
    organization = _own(session, caller, member.organization_id)
    identity_operations.require_role(caller=caller, role=member.role, kinds=organization.kinds)
    _require_other_owner(session, member)
    session.delete(member)
    session.flush()
    _note(session, caller, "member.removed", "member", member_id, now)


def _require_other_owner(session: DbSession, member: Member) -> None:
    if member.role != "owner":
        return
    # Two owners who step down at the same time would each see the other stay.
    session.execute(
        select(Organization.id).where(Organization.id == member.organization_id).with_for_update()
    )
    others = session.scalar(
        select(func.count()).where(
            Member.organization_id == member.organization_id,
            Member.role == "owner",
            Member.id != member.id,
        )
    )
    if not others:
        raise LastOwner


def add_address(
    session: DbSession,
    *,
    caller: Caller,
    organization_id: uuid.UUID,
    facts: Mapping[str, Any],
    now: datetime,
) -> Address:
    """Add a place where the organization receives goods.

    Raises:
        OrganizationNotFound, Forbidden: it is not the caller's.
        AreaInvalid: a country or subdivision that does not exist.
    """
    _own(session, caller, organization_id)
    address = Address(organization_id=organization_id, **facts)
    session.add(address)
    session.flush()
    _note(session, caller, "address.added", "addr", address.id, now)
    return address


def _own(session: DbSession, caller: Caller, organization_id: uuid.UUID) -> Organization:
    organization = queries.see_organization(session, caller=caller, organization_id=organization_id)
    caller.require_one_of(organization_id)
    return organization


def _note(
    session: DbSession,
    caller: Caller,
    action: str,
    subject_type: str,
    subject_id: uuid.UUID,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    audit.note(
        session,
        caller=caller,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        now=now,
        details=details,
    )
