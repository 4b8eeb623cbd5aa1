"""The life of a policy: drafted, edited, activated at an instant, gone back to, retired.

Laws: what has been activated is never edited; of one scope no two versions hold at an instant; no
activation reaches into the past. Going back makes a new version with an earlier one's document, so
the list of versions stays what happened.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import edit, refusing
from app.infra.unit_of_work import record
from app.kernel.errors import PreconditionFailed
from app.kernel.ids import new_id
from app.routing import queries
from app.routing.errors import (
    NetworkNeedsPolicy,
    PolicyContended,
    PolicyInvalid,
    PolicyNeverActive,
    PolicyNotDraft,
)
from app.routing.events import PolicyActivated, PolicyRetired
from app.routing.models import NETWORK, RoutingPolicy
from app.routing.operations.deciding import strategy_names
from app.routing.rules.policies import PolicyScope
from app.routing.rules.reading import fault, policy_of, problems_of, whole

_REFUSALS = {"uq_routing_policies_scope_id_number": PolicyContended()}


def check_document(session: DbSession, *, document: Mapping[str, Any]) -> None:
    """Refuse a document that reads well and cannot decide.

    Raises:
        PolicyInvalid: with the place of everything that is wrong.
    """
    policy = policy_of(document, policy_id=NETWORK, number=0)
    problems = problems_of(policy, strategies=strategy_names())
    balance = policy.terms.load_balance
    if balance is not None:
        unknown = queries.unknown_organizations(session, ids=list(balance.shares_bps))
        problems += [
            fault(f"/terms/load_balance/shares_bps/{each}", "no_such_seller") for each in unknown
        ]
    if problems:
        raise PolicyInvalid.of(problems)


def draft_policy(
    session: DbSession,
    *,
    caller: Caller,
    scope: PolicyScope,
    document: Mapping[str, Any],
    now: datetime,
    note: str = "",
) -> RoutingPolicy:
    """A new version, which decides nothing yet.

    Raises:
        Forbidden, StorefrontNotFound, ScopeUnknown: the scope is not the caller's.
        PolicyInvalid: the document cannot decide.
        PolicyContended: somebody drafted a version at the same time.
    """
    queries.require_policy_owner(session, caller=caller, scope=scope)
    check_document(session, document=document)
    versions = _lock_versions(session, scope.subject_id or NETWORK)
    policy = _new_version(session, versions, scope, document, now=now, note=note)
    _note(session, caller, "drafted", policy, now)
    return policy


def edit_policy(
    session: DbSession,
    *,
    caller: Caller,
    policy_id: uuid.UUID,
    expected_version: int,
    document: Mapping[str, Any],
    now: datetime,
    note: str | None = None,
) -> RoutingPolicy:
    """Replace a draft's document.

    Raises:
        PolicyNotFound, PolicyNotDraft, PolicyInvalid, PreconditionFailed.
    """
    policy = _own(session, caller, policy_id)
    if policy.valid_from is not None:
        raise PolicyNotDraft
    check_document(session, document=document)
    changes = {"document": whole(document), "note": policy.note if note is None else note}
    edit(policy, expected_version=expected_version, changes=changes)
    session.flush()
    _note(session, caller, "edited", policy, now)
    return policy


def delete_policy(
    session: DbSession,
    *,
    caller: Caller,
    policy_id: uuid.UUID,
    expected_version: int,
    now: datetime,
) -> None:
    """Throw a draft away; what was activated is kept for ever.

    Raises:
        PolicyNotFound, PolicyNotDraft, PreconditionFailed.
    """
    policy = _own(session, caller, policy_id)
    if policy.valid_from is not None:
        raise PolicyNotDraft("This version was activated: it is kept for ever")
    if policy.version != expected_version:
        raise PreconditionFailed
    session.delete(policy)
    session.flush()
    _note(session, caller, "deleted", policy, now)


def activate_policy(
    session: DbSession,
    *,
    caller: Caller,
    policy_id: uuid.UUID,
    expected_version: int,
    at: datetime,
    now: datetime,
) -> RoutingPolicy:
    """Let a draft decide from an instant on: now, or one that lies ahead.

    Raises:
        PolicyNotFound, PolicyNotDraft, PolicyInvalid, PreconditionFailed.
    """
    policy = _own(session, caller, policy_id)
    if policy.valid_from is not None:
        raise PolicyNotDraft
    if policy.version != expected_version:
        raise PreconditionFailed
    check_document(session, document=policy.document)
    _begin(session, _lock_versions(session, policy.scope_id), policy, max(at, now))
    _tell_activated(session, caller, policy, "activated", now)
    return policy


def roll_back_policy(
    session: DbSession, *, caller: Caller, policy_id: uuid.UUID, at: datetime, now: datetime
) -> RoutingPolicy:
    """Let an earlier version decide again, as a new one.

    Raises:
        PolicyNotFound: there is no such version.
        PolicyNeverActive: it never decided.
        PolicyInvalid: it cannot decide any more.
    """
    earlier = _own(session, caller, policy_id)
    if earlier.valid_from is None or not _has_decided(earlier, now):
        raise PolicyNeverActive
    check_document(session, document=earlier.document)
    versions = _lock_versions(session, earlier.scope_id)
    policy = _new_version(
        session, versions, scope_of(earlier), earlier.document, now=now, restores=earlier.number
    )
    _begin(session, versions, policy, max(at, now))
    _tell_activated(session, caller, policy, "rolled_back", now)
    return policy


def _has_decided(policy: RoutingPolicy, now: datetime) -> bool:
    """Whether a version has held: not one that is planned, or gave way before it began."""
    assert policy.valid_from is not None
    return policy.valid_from <= now and policy.valid_from != policy.valid_to


def retire_policy(
    session: DbSession, *, caller: Caller, policy_id: uuid.UUID, at: datetime, now: datetime
) -> RoutingPolicy:
    """End a version without another: less specific policies decide from then on.

    One that is called off before it begins has never been: what it would have replaced goes on.

    Raises:
        PolicyNotFound, PolicyNeverActive, NetworkNeedsPolicy.
    """
    policy = _own(session, caller, policy_id)
    if policy.valid_from is None or _is_over(policy, now):
        raise PolicyNeverActive("This version does not decide: there is nothing to retire")
    end = max(at, now, policy.valid_from)
    is_called_off = end == policy.valid_from > now
    if policy.scope_id == NETWORK and not is_called_off:
        raise NetworkNeedsPolicy
    policy.valid_to = end if policy.valid_to is None else min(end, policy.valid_to)
    policy.version += 1
    session.flush()
    if is_called_off:
        _go_on(session, policy)
    _note(session, caller, "retired", policy, now)
    record(
        session,
        PolicyRetired(
            happened_at=now,
            audience=_audience(session, caller, policy),
            policy_id=policy.id,
            number=policy.number,
            valid_to=policy.valid_to,
        ),
    )
    return policy


def _is_over(policy: RoutingPolicy, now: datetime) -> bool:
    """Whether a version has ended, or has given way before it began."""
    end = policy.valid_to
    return end is not None and (end <= now or end == policy.valid_from)


def _go_on(session: DbSession, called_off: RoutingPolicy) -> None:
    """Let the version that another would have ended decide until the next one begins."""
    begin = called_off.valid_from
    assert begin is not None
    held = [
        each
        for each in _lock_versions(session, called_off.scope_id)
        if each.valid_from is not None and each.valid_from != each.valid_to
    ]
    later = [each.valid_from for each in held if each.valid_from and each.valid_from >= begin]
    for each in held:
        if each.valid_to == begin:
            each.valid_to = min(later, default=None)
            each.version += 1
    session.flush()


def create_policy(
    session: DbSession,
    *,
    scope: PolicyScope,
    document: Mapping[str, Any],
    valid_from: datetime,
) -> RoutingPolicy:
    """A version that decides from an instant on, whoever wants it (loading, worlds of tests)."""
    versions = _lock_versions(session, scope.subject_id or NETWORK)
    policy = _new_version(session, versions, scope, document, now=valid_from)
    _begin(session, versions, policy, valid_from)
    return policy


def scope_of(policy: RoutingPolicy) -> PolicyScope:
    """What a version is for."""
    return PolicyScope(
        policy.storefront_id, policy.manufacturer_id, policy.category_id, policy.buyer_id
    )


def _new_version(
    session: DbSession,
    versions: Sequence[RoutingPolicy],
    scope: PolicyScope,
    document: Mapping[str, Any],
    *,
    now: datetime,
    note: str = "",
    restores: int | None = None,
) -> RoutingPolicy:
    policy = RoutingPolicy(
        id=new_id(),
        storefront_id=scope.storefront_id,
        manufacturer_id=scope.manufacturer_id,
        category_id=scope.category_id,
        buyer_id=scope.buyer_id,
        number=1 + max((each.number for each in versions), default=0),
        restores_number=restores,
        note=note,
        document=whole(document),
        created_at=now,
        version=1,
    )
    with refusing(session, _REFUSALS):
        session.add(policy)
    return policy


def _begin(
    session: DbSession, versions: Sequence[RoutingPolicy], policy: RoutingPolicy, start: datetime
) -> None:
    """Put a version into its scope's course of time, up to what was planned to follow."""
    later: list[datetime] = []
    for each in versions:
        if each.valid_from is None or each.valid_from == each.valid_to:
            continue
        if each.valid_from > start:
            later.append(each.valid_from)
        elif each.valid_to is None or each.valid_to > start:
            each.valid_to = start
            each.version += 1
    session.flush()
    policy.valid_from, policy.valid_to = start, min(later, default=None)
    policy.version += 1
    session.flush()


def _lock_versions(session: DbSession, scope_id: uuid.UUID) -> Sequence[RoutingPolicy]:
    query = select(RoutingPolicy).where(RoutingPolicy.scope_id == scope_id)
    locked = query.order_by(RoutingPolicy.id).with_for_update(key_share=True)
    return session.scalars(locked, execution_options={"populate_existing": True}).all()


def _own(session: DbSession, caller: Caller, policy_id: uuid.UUID) -> RoutingPolicy:
    """A version that the caller may change."""
    policy = queries.get_policy(session, caller=caller, policy_id=policy_id)
    queries.require_policy_owner(session, caller=caller, scope=scope_of(policy))
    _lock_versions(session, policy.scope_id)
    return policy


def _tell_activated(
    session: DbSession, caller: Caller, policy: RoutingPolicy, action: str, now: datetime
) -> None:
    _note(session, caller, action, policy, now)
    assert policy.valid_from is not None
    record(
        session,
        PolicyActivated(
            happened_at=now,
            audience=_audience(session, caller, policy),
            policy_id=policy.id,
            number=policy.number,
            valid_from=policy.valid_from,
        ),
    )


def _audience(session: DbSession, caller: Caller, policy: RoutingPolicy) -> tuple[uuid.UUID, ...]:
    """Who made it so, and whose shop or goods it concerns; a buyer is not told."""
    concerned = queries.owner_of_scope(session, scope=scope_of(policy))
    return tuple(dict.fromkeys(each for each in (caller.organization_id, concerned) if each))


def _note(
    session: DbSession, caller: Caller, action: str, policy: RoutingPolicy, now: datetime
) -> None:
    audit.note(
        session,
        caller=caller,
        action=f"routing_policy.{action}",
        subject_type="routing_policy",
        subject_id=policy.id,
        now=now,
        details={"number": policy.number, "scope": scope_of(policy).kind},
    )
