"""Terms of agreements, version by version: what is agreed is closed, never changed."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import ARRAY, Text, Uuid, column, insert, select, table

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.kernel.ids import new_id
from app.network import queries
from app.network.errors import AgreementOver, BeyondParent, NotYourMove, TermsInvalid
from app.network.events import AgreementTermsAdded
from app.network.models import Agreement, AgreementCategory, AgreementTerms, Exclusivity
from app.network.rules import (
    Area,
    Scope,
    TermsDraft,
    require_follows,
    require_sound,
    require_within,
)

# Layers up: terms name categories and price lists, and refuse those that are not the parties'.
_categories = table(
    "catalog_categories",
    column("id", Uuid()), column("manufacturer_id", Uuid()), column("path", ARRAY(Uuid())),
)  # fmt: skip
_price_lists = table(
    "pricing_price_lists",
    column("id", Uuid()), column("owner_id", Uuid()), column("purpose", Text()),
    column("currency", Text()),
)  # fmt: skip


def add_terms(
    session: DbSession, *, caller: Caller, agreement_id: uuid.UUID, terms: TermsDraft, now: datetime
) -> AgreementTerms:
    """Add a version of terms; the version before it ends where this one begins.

    Raises:
        AgreementNotFound, NotYourMove: the caller is not the grantor.
        AgreementOver: it is terminated.
        TermsOverlap, TermsInvalid, BeyondParent, TerritoryNotFound: these terms cannot be.
    """
    agreement = queries.get_agreement(session, caller=caller, agreement_id=agreement_id)
    if caller.organization_id != agreement.grantor_id:
        raise NotYourMove("Terms are written by the grantor")
    session.refresh(agreement, with_for_update=True)
    if agreement.status == "terminated":
        raise AgreementOver
    added = write_terms(session, caller=caller, agreement=agreement, terms=terms, now=now)
    agreement.version += 1
    session.flush()
    _tell(session, caller, agreement, added, now)
    return added


def write_terms(
    session: DbSession, *, caller: Caller, agreement: Agreement, terms: TermsDraft, now: datetime
) -> AgreementTerms:
    """Check and write the next version of an agreement that is locked or new."""
    require_sound(terms)
    versions = queries.list_terms(session, agreement_id=agreement.id)
    last = versions[-1] if versions else None
    require_follows(
        terms,
        last_from=last.valid_from if last else None,
        binding=agreement.status != "draft",
        now=now,
    )
    _require_references(session, caller, agreement, terms)
    if agreement.parent_id is not None:
        _require_within_parent(session, agreement.parent_id, terms)
    if last is not None and (last.valid_to is None or last.valid_to > terms.valid_from):
        last.valid_to = terms.valid_from
    number = last.number + 1 if last else 1
    return _write(session, agreement.id, terms, number=number, now=now)


def _write(
    session: DbSession, agreement_id: uuid.UUID, terms: TermsDraft, *, number: int, now: datetime
) -> AgreementTerms:
    facts = asdict(terms)
    category_ids, exclusivities = facts.pop("category_ids"), facts.pop("exclusivities")
    added = AgreementTerms(agreement_id=agreement_id, number=number, created_at=now, **facts)
    session.add(added)
    session.flush()
    if category_ids:
        rows = [{"terms_id": added.id, "category_id": each} for each in set(category_ids)]
        session.execute(insert(AgreementCategory), rows)
    if exclusivities:
        rows = [{"id": new_id(), "terms_id": added.id, **each} for each in exclusivities]
        session.execute(insert(Exclusivity), rows)
    return added


def _require_references(
    session: DbSession, caller: Caller, agreement: Agreement, terms: TermsDraft
) -> None:
    territories = [terms.territory_id, *(each.territory_id for each in terms.exclusivities)]
    for territory_id in {each for each in territories if each}:
        queries.get_territory(session, caller=caller, territory_id=territory_id)
    named = {*terms.category_ids, *(each.category_id for each in terms.exclusivities)} - {None}
    known = session.scalars(
        select(_categories.c.id).where(
            _categories.c.id.in_(named),
            _categories.c.manufacturer_id == agreement.manufacturer_id,
        )
    ).all()
    if named - set(known):
        raise TermsInvalid("Categories that the manufacturer does not have")
    if terms.transfer_price_list_id is not None:
        _require_transfer_list(session, agreement, terms)
    if terms.assortment_id is not None:
        queries.require_assortment(
            session, assortment_id=terms.assortment_id, owner_id=agreement.grantor_id
        )


def _require_transfer_list(session: DbSession, agreement: Agreement, terms: TermsDraft) -> None:
    fits = session.scalar(
        select(_price_lists.c.id).where(
            _price_lists.c.id == terms.transfer_price_list_id,
            _price_lists.c.owner_id == agreement.grantor_id,
            _price_lists.c.purpose == "transfer",
            _price_lists.c.currency == terms.currency,
        )
    )
    if fits is None:
        raise TermsInvalid("Resale needs one of the grantor's transfer lists, in the currency")


def _require_within_parent(session: DbSession, parent_id: uuid.UUID, terms: TermsDraft) -> None:
    parent = queries.find_terms_at(session, agreement_id=parent_id, at=terms.valid_from)
    if parent is None:
        raise BeyondParent("The parent agreement has no terms when these begin")
    held = queries.categories_of(session, terms_ids=[parent.id])[parent.id]
    rows = session.execute(
        select(_categories.c.id, _categories.c.path).where(_categories.c.id.in_(terms.category_ids))
    ).all()
    require_within(
        Scope(_areas(session, parent.territory_id), frozenset(held)),
        Scope(_areas(session, terms.territory_id), frozenset(terms.category_ids)),
        paths={row.id: {*row.path, row.id} for row in rows},
    )


def _areas(session: DbSession, territory_id: uuid.UUID | None) -> Sequence[Area] | None:
    if territory_id is None:
        return None
    return [
        Area(**{part.name: getattr(each, part.name) for part in fields(Area)})
        for each in queries.areas_of(session, territory_ids=[territory_id])[territory_id]
    ]


def _tell(
    session: DbSession, caller: Caller, agreement: Agreement, added: AgreementTerms, now: datetime
) -> None:
    told = () if agreement.status == "draft" else (agreement.grantee_id, agreement.manufacturer_id)
    record(
        session,
        AgreementTermsAdded(
            happened_at=now,
            audience=(agreement.grantor_id, *told),
            agreement_id=agreement.id,
            terms_id=added.id,
            number=added.number,
        ),
    )
    audit.note(
        session,
        caller=caller,
        action="agreement.terms_added",
        subject_type="agr",
        subject_id=agreement.id,
        now=now,
        details={"number": added.number},
    )
