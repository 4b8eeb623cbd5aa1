"""A manufacturer says what the values mean that its products and variants carry."""

import uuid
from collections.abc import Mapping
from typing import Any

from app.catalog import queries
from app.catalog.errors import AttributeOfAnotherForm, KindIsFixed
from app.catalog.models import Attribute
from app.catalog.operations.editing import (
    REFUSALS,
    added,
    beginning,
    change,
    hold,
    locked,
    require_manufacturer,
    require_owner,
)
from app.catalog.rules import DRAFT
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import refusing
from app.kernel.ids import new_id

_FORM = {"ck_catalog_attributes_of_kind": AttributeOfAnotherForm(), **REFUSALS}


def create_attribute(session: DbSession, *, caller: Caller, facts: Mapping[str, Any]) -> Attribute:
    """Define an attribute; it counts from the next publication on.

    Raises:
        NotAManufacturer: the caller is none.
        CodeTaken: the caller uses the code already.
        AttributeOfAnotherForm: a unit without a number, or options without an enumeration.
    """
    require_manufacturer(caller)
    attribute = Attribute(
        id=new_id(), manufacturer_id=caller.organization_id, version=1, **beginning(facts)
    )
    with refusing(session, _FORM):
        return added(session, caller, attribute)


def update_attribute(
    session: DbSession,
    *,
    caller: Caller,
    attribute_id: uuid.UUID,
    expected_version: int,
    changes: Mapping[str, Any],
) -> Attribute:
    """Change the definition of an attribute of the caller's.

    Raises:
        AttributeNotFound: there is none that the caller may know of.
        NotTheManufacturer: it is another's.
        PreconditionFailed: somebody changed it since the caller read it.
        KindIsFixed: it was published with another kind.
        AttributeOfAnotherForm: a unit without a number, or options without an enumeration.
    """
    found = queries.get_attribute(session, caller=caller, attribute_id=attribute_id)
    require_owner(caller, found)
    hold(session, manufacturer_id=caller.organization_id)
    attribute = locked(session, Attribute, attribute_id)
    if attribute.status != DRAFT and changes.get("kind", attribute.kind) != attribute.kind:
        raise KindIsFixed
    _require_form(attribute, changes)
    with refusing(session, _FORM):
        change(session, attribute, expected_version=expected_version, changes=changes)
    return attribute


def _require_form(attribute: Attribute, changes: Mapping[str, Any]) -> None:
    """The database checks what is published; collected changes obey the same law."""
    after = {
        name: changes.get(name, (attribute.draft or {}).get(name, getattr(attribute, name)))
        for name in ("kind", "unit_code", "options")
    }
    unit_fits = after["unit_code"] is None or after["kind"] == "number"
    if not unit_fits or (after["kind"] == "enumeration") != bool(after["options"]):
        raise AttributeOfAnotherForm
