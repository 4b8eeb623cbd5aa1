"""What storefronts read and write as JSON."""

from marshmallow import fields, validate

from app.infra.http import Payload, PublicId

_ACCESS = validate.OneOf(("open", "closed", "restricted"))
_SLUG = validate.Regexp(r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
_COUNTRY = validate.Regexp(r"^[A-Z]{2}$")
_ASSORTMENT = "One of the owner's: the storefront shows only what it selects; null: everything"
_CURRENCY = validate.Regexp(r"^[A-Z]{3}$")
_YEAR_S = 365 * 86400
_HOLD_DAYS = 3650


class StorefrontSchema(Payload):
    """A shop of one organization."""

    id = PublicId("shop")
    owner_id = PublicId("org")
    slug = fields.String()
    name = fields.String()
    country = fields.String()
    currency = fields.String()
    access = fields.String()
    is_active = fields.Boolean()
    accept_within_s = fields.Integer()
    hold_days = fields.Integer()
    price_difference = fields.String()
    last_resort = fields.String()
    choice_within_s = fields.Integer()
    wait_days = fields.Integer()
    most_attempts = fields.Integer()
    reoptimizes = fields.Boolean()
    reoptimize_above_minor = fields.Integer()
    cart_minutes = fields.Integer()
    assortment_id = PublicId("asmt", allow_none=True)
    created_at = fields.AwareDateTime()
    version = fields.Integer()


class NewStorefrontSchema(Payload):
    """What a new storefront shall be."""

    slug = fields.String(required=True, validate=_SLUG)
    name = fields.String(required=True, validate=validate.Length(1, 200))
    country = fields.String(required=True, validate=_COUNTRY)
    currency = fields.String(required=True, validate=_CURRENCY)
    access = fields.String(load_default="closed", validate=_ACCESS)
    accept_within_s = fields.Integer(
        strict=True, load_default=86400, validate=validate.Range(1, _YEAR_S)
    )
    hold_days = fields.Integer(strict=True, load_default=14, validate=validate.Range(0, _HOLD_DAYS))
    assortment_id = PublicId(
        "asmt", load_default=None, allow_none=True, metadata={"description": _ASSORTMENT}
    )


class StorefrontChangesSchema(Payload):
    """What shall change; the rest stays."""

    price_difference = fields.String(
        validate=validate.OneOf(("storefront", "operator", "refusing_seller")),
        metadata={"description": "Who pays when refused units cost more elsewhere"},
    )
    last_resort = fields.String(
        validate=validate.OneOf(("cancel", "ask_buyer", "wait")),
        metadata={"description": "What becomes of units that nobody can serve"},
    )
    choice_within_s = fields.Integer(
        strict=True,
        validate=validate.Range(60, _YEAR_S),
        metadata={"description": "How long the buyer may choose; then the units are cancelled"},
    )
    wait_days = fields.Integer(strict=True, validate=validate.Range(1, 365))
    most_attempts = fields.Integer(strict=True, validate=validate.Range(1, 100))
    reoptimizes = fields.Boolean(
        metadata={"description": "Plan parts that nobody has accepted yet again, together"}
    )
    reoptimize_above_minor = fields.Integer(strict=True, validate=validate.Range(0, 10**12))
    cart_minutes = fields.Integer(
        strict=True,
        validate=validate.Range(0, 7 * 24 * 60),
        metadata={"description": "How long a cart may keep stock from others; 0: not at all"},
    )

    name = fields.String(validate=validate.Length(1, 200))
    access = fields.String(validate=_ACCESS)
    is_active = fields.Boolean()
    accept_within_s = fields.Integer(strict=True, validate=validate.Range(1, _YEAR_S))
    hold_days = fields.Integer(strict=True, validate=validate.Range(0, _HOLD_DAYS))
    assortment_id = PublicId("asmt", allow_none=True, metadata={"description": _ASSORTMENT})


class PoolSchema(Payload):
    """The sellers of a storefront."""

    seller_ids = fields.List(
        PublicId("org", required=True), required=True, validate=validate.Length(0, 1000)
    )
