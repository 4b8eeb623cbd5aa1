"""Agreements: drafted and proposed by the grantor, accepted by the grantee, ended by either."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import text

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.infra.unit_of_work import record
from app.kernel.errors import NotFound
from app.network import events, queries
from app.network.errors import ChainBroken, PartyUnfit, TermsMissing
from app.network.models import Agreement
from app.network.operations.terms import write_terms
from app.network.rules import (
    AGREEMENT,
    AGREEMENT_MOVERS,
    TermsDraft,
    require_mover,
    require_parties,
)

_EVENTS: Mapping[str, type[events.AgreementEvent]] = MappingProxyType(
    {
        "proposed": events.AgreementProposed,
        "accepted": events.AgreementActivated,
        "resumed": events.AgreementActivated,
        "suspended": events.AgreementSuspended,
        "terminated": events.AgreementTerminated,
    }
)


def create_agreement(
    session: DbSession,
    *,
    caller: Caller,
    grantee_id: uuid.UUID,
    parent_id: uuid.UUID | None,
    terms: TermsDraft,
    now: datetime,
) -> Agreement:
    """Draft an agreement that the caller's organization grants, with its first terms.

    A manufacturer grants its own products; everybody else grants on, under ``parent_id``.

    Raises:
        PartyUnfit, ChainBroken: these parties, or this parent, cannot be.
        TermsInvalid, BeyondParent, TerritoryNotFound: these terms cannot be.
    """
    manufacturer_id = _manufacturer(session, caller, parent_id)
    kinds = queries.kinds_of(session, organization_ids=[grantee_id])
    require_parties(grantor_kinds=caller.kinds, grantee_kinds=kinds.get(grantee_id, ()))
    if grantee_id in {caller.organization_id, manufacturer_id}:
        raise PartyUnfit("Goods flow outwards: neither to the grantor nor to the manufacturer")
    agreement = Agreement(
        manufacturer_id=manufacturer_id,
        grantor_id=caller.organization_id,
        grantee_id=grantee_id,
        parent_id=parent_id,
        status=AGREEMENT.initial,
        created_at=now,
        version=1,
    )
    session.add(agreement)
    session.flush()
    write_terms(session, caller=caller, agreement=agreement, terms=terms, now=now)
    _note(session, caller, "agreement.drafted", agreement.id, now)
    return agreement


def _manufacturer(session: DbSession, caller: Caller, parent_id: uuid.UUID | None) -> uuid.UUID:
    """Whose products the caller may grant."""
    if parent_id is None:
        if "manufacturer" not in caller.kinds:
            raise ChainBroken("Only a manufacturer grants without a parent agreement")
        return caller.organization_id
    parent = _parent(session, caller, parent_id)
    if parent.grantee_id != caller.organization_id or parent.status != "active":
        raise ChainBroken("The parent must be active, with the grantor as its grantee")
    return parent.manufacturer_id


def _parent(session: DbSession, caller: Caller, parent_id: uuid.UUID) -> Agreement:
    try:
        return queries.get_agreement(session, caller=caller, agreement_id=parent_id)
    except NotFound as unknown:
        raise ChainBroken from unknown


def move_agreement(
    session: DbSession, *, caller: Caller, agreement_id: uuid.UUID, action: str, now: datetime
) -> Agreement:
    """Take one step: proposed, accepted, suspended, resumed or terminated.

    Raises:
        AgreementNotFound, NotYourMove: it is not the caller's to take.
        TransitionNotAllowed: it does not lead from the agreement's state.
        ChainBroken: the parent is not active any more.
        TermsMissing: there is nothing to propose.
    """
    agreement = queries.get_agreement(session, caller=caller, agreement_id=agreement_id)
    session.refresh(agreement, with_for_update=True)
    require_mover(AGREEMENT_MOVERS, action, _parts(caller, agreement))
    before, agreement.status = agreement.status, AGREEMENT.step(agreement.status, action)
    if agreement.status in {"proposed", "active"}:
        _require_ready(session, agreement)
    agreement.version += 1
    session.flush()
    _tell(session, agreement, action, before, now)
    _note(session, caller, f"agreement.{action}", agreement_id, now)
    return agreement


@contextmanager
def supposing_none(session: DbSession, *, agreement_ids: Sequence[uuid.UUID]) -> Iterator[None]:
    """Let agreements not hold inside the block, for who asks what would be; it is taken back."""
    if not agreement_ids:
        yield
        return
    kept = session.begin_nested()
    try:
        session.execute(_SUSPEND, {"ids": array_of(agreement_ids)})
        yield
    finally:
        kept.rollback()


_SUSPEND = text("""
UPDATE network_agreements SET status = 'suspended'
WHERE id = ANY (CAST(:ids AS uuid[])) AND status = 'active'
""")


def _parts(caller: Caller, agreement: Agreement) -> list[str]:
    parties = {"grantor": agreement.grantor_id, "grantee": agreement.grantee_id}
    parts = [part for part, party in parties.items() if party == caller.organization_id]
    return [*parts, "operator"] if caller.is_operator else parts


def _require_ready(session: DbSession, agreement: Agreement) -> None:
    if not queries.list_terms(session, agreement_id=agreement.id):
        raise TermsMissing
    if agreement.parent_id is None:
        return
    # Held until the commit, so that the parent is not ended at the same instant.
    parent = session.get_one(Agreement, agreement.parent_id, with_for_update={"read": True})
    if parent.status != "active":
        raise ChainBroken(f"The parent agreement is {parent.status}")


def _tell(
    session: DbSession, agreement: Agreement, action: str, before: str, now: datetime
) -> None:
    """Tell the parties; a draft was known to its grantor only."""
    private = before == "draft" and action == "terminated"
    told = () if private else (agreement.grantee_id, agreement.manufacturer_id)
    record(
        session,
        _EVENTS[action](
            happened_at=now, audience=(agreement.grantor_id, *told), agreement_id=agreement.id
        ),
    )


def _note(
    session: DbSession, caller: Caller, action: str, agreement_id: uuid.UUID, now: datetime
) -> None:
    audit.note(
        session,
        caller=caller,
        action=action,
        subject_type="agr",
        subject_id=agreement_id,
        now=now,
    )
