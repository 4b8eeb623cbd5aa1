"""What fulfilment reads and writes as JSON."""

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import Payload, PublicId
from app.kernel.quantity import MAX_QUANTITY


class ShipmentLineSchema(Payload):
    """A quantity of an allocation."""

    allocation_id = PublicId("alloc", required=True)
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_QUANTITY))


class NewShipmentSchema(Payload):
    """What leaves a location."""

    location_id = PublicId("loc", required=True)
    carrier = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=100))
    tracking_number = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(max=100)
    )
    lines = fields.List(
        fields.Nested(ShipmentLineSchema), required=True, validate=validate.Length(1, 1000)
    )


class ShipmentSchema(ma.Schema):
    """A shipment with its lines."""

    id = PublicId("ship")
    number = fields.Integer()
    seller_order_id = PublicId("sorder")
    location_id = PublicId("loc")
    carrier = fields.String(allow_none=True)
    tracking_number = fields.String(allow_none=True)
    shipped_at = fields.AwareDateTime()
    delivered_at = fields.AwareDateTime(allow_none=True)
    lines = fields.List(fields.Nested(ShipmentLineSchema))
