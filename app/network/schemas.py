"""What the network reads and writes as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.identity.rules import ROLES
from app.infra.http import PageQuery, Payload, PublicId
from app.kernel.languages import LANGUAGES
from app.network.models import KINDS
from app.network.rules import COUNTRIES, Area, ExclusivityDraft, TermsDraft

_NAME = validate.Length(1, 200)
_CODE = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
_CURRENCY = validate.Regexp(r"^[A-Z]{3}$")
_COUNTRY = validate.OneOf(sorted(COUNTRIES), error="Not an ISO 3166-1 country")
_SUBDIVISION = validate.Regexp(r"^[A-Z]{2}-[A-Z0-9]{1,3}$")
_BPS = validate.Range(0, 10_000)
_MINOR = validate.Range(0, 10**15)
_METHODS = validate.ContainsOnly(("on_account", "prepaid"))


def _bps() -> fields.Integer:
    return fields.Integer(strict=True, load_default=0, validate=_BPS)


def _language(**options: Any) -> fields.String:  # noqa: ANN401 - marshmallow's
    return fields.String(
        allow_none=True,
        validate=validate.OneOf(LANGUAGES),
        metadata={
            "description": "In which its people are told things, where they say nothing else; null:"
            " in English, on pages as the browser asks"
        },
        **options,
    )


class OrganizationSchema(Payload):
    """A legal entity of the network."""

    id = PublicId("org")
    name = fields.String()
    code = fields.String()
    kinds = fields.List(fields.String())
    country = fields.String()
    tax_id = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    rating_hundredths = fields.Integer(allow_none=True)
    status = fields.String()
    created_at = fields.AwareDateTime()
    version = fields.Integer()


class NewOrganizationSchema(Payload):
    """An organization that the operator takes in."""

    name = fields.String(required=True, validate=_NAME)
    code = fields.String(required=True, validate=_CODE)
    kinds = fields.List(
        fields.String(validate=validate.OneOf(KINDS)),
        required=True,
        validate=validate.Length(1, len(KINDS)),
    )
    country = fields.String(required=True, validate=_COUNTRY)
    tax_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 50))
    language = _language(load_default=None)


class OrganizationChangesSchema(Payload):
    """What shall change; kinds, status and rating are the operator's."""

    name = fields.String(validate=_NAME)
    tax_id = fields.String(allow_none=True, validate=validate.Length(1, 50))
    country = fields.String(validate=_COUNTRY)
    language = _language()
    kinds = fields.List(
        fields.String(validate=validate.OneOf(KINDS)), validate=validate.Length(1, len(KINDS))
    )
    status = fields.String(validate=validate.OneOf(("active", "suspended")))
    rating_hundredths = fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(0, 500)
    )


class OrganizationQuery(PageQuery):
    """Which organizations."""

    kind = fields.String(load_default=None, validate=validate.OneOf(KINDS))


class MemberSchema(Payload):
    """A person's role in an organization."""

    id = PublicId("member")
    organization_id = PublicId("org")
    person_id = PublicId("person")
    role = fields.String()
    created_at = fields.AwareDateTime()


class RoleSchema(Payload):
    """Another role."""

    role = fields.String(required=True, validate=validate.OneOf(sorted(ROLES)))


class NewMemberSchema(RoleSchema):
    """A person who shall have a role; made when not known yet."""

    email = fields.Email(required=True)
    display_name = fields.String(required=True, validate=_NAME)


class NewAddressSchema(Payload):
    """A place where goods are received."""

    label = fields.String(required=True, validate=_NAME)
    recipient = fields.String(required=True, validate=_NAME)
    street = fields.String(load_default="", validate=validate.Length(0, 300))
    city = fields.String(required=True, validate=_NAME)
    subdivision = fields.String(required=True, validate=_SUBDIVISION)
    postal_code = fields.String(required=True, validate=validate.Length(1, 20))
    country = fields.String(required=True, validate=_COUNTRY)
    latitude = fields.Float(required=True, validate=validate.Range(-90, 90))
    longitude = fields.Float(required=True, validate=validate.Range(-180, 180))

    @ma.validates_schema
    def _belongs(self, data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401
        if data["subdivision"][:2] != data["country"]:
            raise ma.ValidationError("Not a subdivision of the country", "subdivision")


class AddressSchema(NewAddressSchema):
    """A place of an organization."""

    id = PublicId("addr")
    organization_id = PublicId("org")


class AreaSchema(Payload):
    """A country, or a part of it."""

    country = fields.String(required=True, validate=validate.Length(equal=2))
    subdivision = fields.String(load_default=None, allow_none=True)
    postal_prefix = fields.String(
        load_only=True,
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 20),
        metadata={"description": "All codes that begin so: short for a range from it to itself"},
    )
    postal_from = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 20),
        metadata={
            "description": "The ends of a range, whole codes or beginnings of one length, both"
            " included; spaces, marks and small letters do not count"
        },
    )
    postal_to = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 20))
    latitude = fields.Float(
        load_default=None,
        allow_none=True,
        validate=validate.Range(-90, 90),
        metadata={"description": "With longitude and radius: what lies in this circle alone"},
    )
    longitude = fields.Float(load_default=None, allow_none=True, validate=validate.Range(-180, 180))
    radius_km = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 20_000)
    )

    @ma.post_load
    def _area(self, data: dict[str, Any], **_: Any) -> Area:  # noqa: ANN401
        prefix = data.pop("postal_prefix")
        if prefix is None:
            return Area(**data)
        if data["postal_from"] or data["postal_to"]:
            raise ma.ValidationError("A prefix or a range, not both", "postal_prefix")
        return Area(**data | {"postal_from": prefix, "postal_to": prefix})


class NewTerritorySchema(Payload):
    """A named set of areas."""

    name = fields.String(required=True, validate=_NAME)
    areas = fields.List(fields.Nested(AreaSchema), required=True, validate=validate.Length(1, 1000))


class TerritorySchema(Payload):
    """A named set of areas."""

    id = PublicId("terr")
    owner_id = PublicId("org")
    name = fields.String()


class TerritoryWithAreasSchema(TerritorySchema):
    """A named set of areas, with them."""

    areas = fields.List(fields.Nested(AreaSchema))


class ExclusivitySchema(Payload):
    """What nobody else may sell."""

    territory_id = PublicId("terr", load_default=None, allow_none=True)
    category_id = PublicId("cat", load_default=None, allow_none=True)

    @ma.post_load
    def _draft(self, data: dict[str, Any], **_: Any) -> ExclusivityDraft:  # noqa: ANN401
        return ExclusivityDraft(**data)


class NewTermsSchema(Payload):
    """A version of terms."""

    valid_from = fields.AwareDateTime(required=True)
    valid_to = fields.AwareDateTime(load_default=None, allow_none=True)
    territory_id = PublicId(
        "terr", load_default=None, allow_none=True, metadata={"description": "Null: everywhere"}
    )
    category_ids = fields.List(
        PublicId("cat"),
        load_default=list,
        validate=validate.Length(0, 500),
        metadata={"description": "With all below them; empty: the whole assortment"},
    )
    priority = fields.Integer(strict=True, load_default=0, validate=validate.Range(-1000, 1000))
    currency = fields.String(required=True, validate=_CURRENCY)
    minimum_order_minor = fields.Integer(strict=True, load_default=0, validate=_MINOR)
    selling_model = fields.String(required=True, validate=validate.OneOf(("agency", "resale")))
    transfer_price_list_id = PublicId("plist", load_default=None, allow_none=True)
    assortment_id = PublicId(
        "asmt",
        load_default=None,
        allow_none=True,
        metadata={"description": "One of the grantor's: only what it selects; null: no narrower"},
    )
    commission_bps = _bps()
    royalty_bps = _bps()
    platform_fee_bps = _bps()
    exclusivities = fields.List(
        fields.Nested(ExclusivitySchema), load_default=list, validate=validate.Length(0, 100)
    )

    @ma.post_load
    def _draft(self, data: dict[str, Any], **_: Any) -> TermsDraft:  # noqa: ANN401
        return TermsDraft(**data)


class TermsSchema(NewTermsSchema):
    """A version of terms as agreed."""

    id = PublicId("terms")
    agreement_id = PublicId("agr")
    number = fields.Integer()
    created_at = fields.AwareDateTime()


class NewAgreementSchema(Payload):
    """An agreement that the caller's organization grants."""

    grantee_id = PublicId("org", required=True)
    parent_id = PublicId(
        "agr",
        load_default=None,
        allow_none=True,
        metadata={"description": "Under which a seller that is not the manufacturer grants on"},
    )
    terms = fields.Nested(NewTermsSchema, required=True)


class AgreementSchema(Payload):
    """A grantor authorizes a grantee to sell a manufacturer's products."""

    id = PublicId("agr")
    manufacturer_id = PublicId("org")
    grantor_id = PublicId("org")
    grantee_id = PublicId("org")
    parent_id = PublicId("agr", allow_none=True)
    status = fields.String()
    created_at = fields.AwareDateTime()
    version = fields.Integer()


class AgreementQuery(PageQuery):
    """Which agreements."""

    status = fields.String(
        load_default=None,
        validate=validate.OneOf(("draft", "proposed", "active", "suspended", "terminated")),
    )


class AccountSchema(Payload):
    """A seller's relation with one buyer."""

    id = PublicId("acct")
    seller_id = PublicId("org")
    buyer_id = PublicId("org")
    status = fields.String()
    currency = fields.String()
    credit_limit_minor = fields.Integer()
    payment_terms_days = fields.Integer()
    payment_methods = fields.List(fields.String())
    customer_group = fields.String(allow_none=True)
    assortment_id = PublicId("asmt", allow_none=True)
    blocked_seller_ids = fields.List(PublicId("org"))
    created_at = fields.AwareDateTime()
    version = fields.Integer()


class AccountRequestSchema(Payload):
    """A buyer asks a seller for an account."""

    seller_id = PublicId("org", required=True)
    currency = fields.String(required=True, validate=_CURRENCY)


class AccountLimitsSchema(Payload):
    """Within what the buyer may buy."""

    credit_limit_minor = fields.Integer(strict=True, validate=_MINOR)
    payment_terms_days = fields.Integer(strict=True, validate=validate.Range(0, 365))
    payment_methods = fields.List(
        fields.String(), validate=validate.And(validate.Length(1, 2), _METHODS)
    )
    customer_group = fields.String(allow_none=True, validate=validate.Length(1, 100))
    assortment_id = PublicId(
        "asmt",
        allow_none=True,
        metadata={"description": "One of the seller's: the buyer sees only what it selects"},
    )


class AccountChangesSchema(AccountLimitsSchema):
    """What shall change; a buyer may block sellers, all else is the seller's."""

    blocked_seller_ids = fields.List(PublicId("org"), validate=validate.Length(0, 1000))


class AccountQuery(PageQuery):
    """Which trading accounts."""

    status = fields.String(
        load_default=None,
        validate=validate.OneOf(("requested", "active", "suspended", "closed")),
    )


class NewBuyerUnitSchema(Payload):
    """A new part of a buyer company."""

    code = fields.String(required=True, validate=_CODE)
    name = fields.String(required=True, validate=_NAME)
    parent_id = PublicId("unit", load_default=None, allow_none=True)


class BuyerUnitNameSchema(Payload):
    """What a unit is called."""

    name = fields.String(required=True, validate=_NAME)


class BuyerUnitSchema(ma.Schema):
    """A part of a buyer company: a branch, a site, a department."""

    id = PublicId("unit")
    organization_id = PublicId("org")
    parent_id = PublicId("unit", allow_none=True)
    code = fields.String()
    name = fields.String()
    path = fields.List(PublicId("unit"))
    created_at = fields.AwareDateTime()
