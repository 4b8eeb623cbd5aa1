"""Organizations, members, addresses."""

import uuid
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import (
    PageQuery,
    expected_version,
    page_body,
    page_request,
    page_schema,
    with_etag,
)
from app.infra.idempotency import writes
from app.infra.web import now
from app.network import operations, queries
from app.network.models import Address, Member, Organization
from app.network.routes.blueprint import blueprint
from app.network.schemas import (
    AddressSchema,
    MemberSchema,
    NewAddressSchema,
    NewMemberSchema,
    NewOrganizationSchema,
    OrganizationChangesSchema,
    OrganizationQuery,
    OrganizationSchema,
    RoleSchema,
)

ORGANIZATION = "/organizations/<pid('org'):organization_id>"
MEMBER = "/members/<pid('member'):member_id>"


@blueprint.route("/organizations")
@blueprint.arguments(OrganizationQuery, location="query")
@blueprint.response(200, page_schema(OrganizationSchema))
@requires("organizations.read")
def list_organizations(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's organization and those that it is linked to."""
    page = queries.list_organizations(
        db.session, caller=current_caller(), page=page_request(query), kind=query["kind"]
    )
    return page_body(page)


@blueprint.route("/organizations", methods=["POST"])
@writes
@blueprint.arguments(NewOrganizationSchema)
@blueprint.response(201, OrganizationSchema)
@requires("organizations.write")
def create_organization(payload: dict[str, Any]) -> Organization:
    """Take an organization into the network (operator only)."""
    return operations.create_organization(
        db.session, caller=current_caller(), facts=payload, now=now()
    )


@blueprint.route(ORGANIZATION)
@with_etag
@blueprint.response(200, OrganizationSchema)
@requires("organizations.read")
def show_organization(organization_id: uuid.UUID) -> Organization:
    """Show an organization that the caller is linked to."""
    return queries.see_organization(
        db.session, caller=current_caller(), organization_id=organization_id
    )


@blueprint.route(ORGANIZATION, methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(OrganizationChangesSchema)
@blueprint.response(200, OrganizationSchema)
@requires("organizations.write")
def edit_organization(payload: dict[str, Any], organization_id: uuid.UUID) -> Organization:
    """Change an organization; `If-Match` names the version that was read."""
    return operations.edit_organization(
        db.session,
        caller=current_caller(),
        organization_id=organization_id,
        version=expected_version(),
        changes=payload,
        now=now(),
    )


@blueprint.route(f"{ORGANIZATION}/members")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(MemberSchema))
@requires("organizations.read")
def list_members(query: dict[str, Any], organization_id: uuid.UUID) -> dict[str, Any]:
    """List who has which role in the caller's organization."""
    page = queries.list_members(
        db.session,
        caller=current_caller(),
        organization_id=organization_id,
        page=page_request(query),
    )
    return page_body(page)


@blueprint.route(f"{ORGANIZATION}/members", methods=["POST"])
@writes
@blueprint.arguments(NewMemberSchema)
@blueprint.response(201, MemberSchema)
@requires("members.write")
def add_member(payload: dict[str, Any], organization_id: uuid.UUID) -> Member:
    """Give a person a role; a person not known yet is made."""
    return operations.add_member(
        db.session,
        caller=current_caller(),
        organization_id=organization_id,
        now=now(),
        **payload,
    )


@blueprint.route(MEMBER, methods=["PUT"])
@writes
@blueprint.arguments(RoleSchema)
@blueprint.response(200, MemberSchema)
@requires("members.write")
def change_role(payload: dict[str, Any], member_id: uuid.UUID) -> Member:
    """Give a member another role; it holds from the next request on."""
    return operations.change_role(
        db.session, caller=current_caller(), member_id=member_id, now=now(), **payload
    )


@blueprint.route(MEMBER, methods=["DELETE"])
@writes
@blueprint.response(204)
@requires("members.write")
def remove_member(member_id: uuid.UUID) -> None:
    """Take a person's role away; its keys die with it."""
    operations.remove_member(db.session, caller=current_caller(), member_id=member_id, now=now())


@blueprint.route(f"{ORGANIZATION}/addresses")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(AddressSchema))
@requires("organizations.read")
def list_addresses(query: dict[str, Any], organization_id: uuid.UUID) -> dict[str, Any]:
    """List where the caller's organization receives goods."""
    page = queries.list_addresses(
        db.session,
        caller=current_caller(),
        organization_id=organization_id,
        page=page_request(query),
    )
    return page_body(page)


@blueprint.route(f"{ORGANIZATION}/addresses", methods=["POST"])
@writes
@blueprint.arguments(NewAddressSchema)
@blueprint.response(201, AddressSchema)
@requires("organizations.write")
def add_address(payload: dict[str, Any], organization_id: uuid.UUID) -> Address:
    """Add a place where goods are received."""
    return operations.add_address(
        db.session,
        caller=current_caller(),
        organization_id=organization_id,
        facts=payload,
        now=now(),
    )


@blueprint.route("/addresses/<pid('addr'):address_id>")
@blueprint.response(200, AddressSchema)
@requires("organizations.read")
def show_address(address_id: uuid.UUID) -> Address:
    """Show a place of the caller's organization."""
    return queries.get_address(db.session, caller=current_caller(), address_id=address_id)
