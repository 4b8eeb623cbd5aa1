"""What sellers say of themselves as JSON: freight tables, capacity, blackouts, special goods."""

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import Payload, PublicId


class RateSchema(Payload):
    """One cell of a freight table."""

    distance_km_up_to = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, 100_000)
    )
    weight_g_up_to = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, 1_000_000_000)
    )
    price_minor = fields.Integer(required=True, strict=True, validate=validate.Range(0, 10**9))


class FreightTableSchema(Payload):
    """A seller's freight table, whole."""

    currency = fields.String(required=True, validate=validate.Regexp("^[A-Z]{3}$"))
    name = fields.String(required=True, validate=validate.Length(1, 100))
    rates = fields.List(fields.Nested(RateSchema), required=True, validate=validate.Length(1, 1000))


class CapacitySchema(Payload):
    """What a seller takes in a day of its own; null: as much as there is."""

    orders_a_day = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 1_000_000)
    )
    units_a_day = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 1_000_000_000)
    )


class NewSellerClosureSchema(Payload):
    """Days on which a seller takes no orders, both included."""

    from_on = fields.Date(required=True)
    to_on = fields.Date(required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=200))

    @ma.validates_schema
    def in_order(self, data: dict[str, object], **_: object) -> None:
        """A blackout ends where it begins, or later."""
        if data["to_on"] < data["from_on"]:  # type: ignore[operator]
            raise ma.ValidationError("It ends before it begins", "to_on")


class SellerClosureSchema(NewSellerClosureSchema):
    """A blackout."""

    id = PublicId("closure")


class AbilitiesSchema(Payload):
    """Which special goods a location handles."""

    hazardous = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    oversize = fields.Boolean(load_default=False, truthy={True}, falsy={False})
