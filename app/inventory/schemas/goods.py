"""Goods that come, leave and change places, as JSON."""

from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import PageQuery, Payload, PublicId
from app.inventory.operations import MAX_ROWS, Adjusted, Announced, Received, Transferred
from app.inventory.rules.moving import CODES, REASONS
from app.kernel.quantity import MAX_QUANTITY

_UNITS = validate.Range(1, MAX_QUANTITY)
_REFERENCE = validate.Length(1, 100)
_LOT = validate.Length(1, 64)


class ReceivedSchema(Payload):
    """Units that came; with a lot, these are of that lot."""

    variant_id = PublicId("var", required=True)
    quantity = fields.Integer(strict=True, required=True, validate=_UNITS)
    lot = fields.String(load_default=None, allow_none=True, validate=_LOT)
    expires_on = fields.Date(load_default=None, allow_none=True)

    @ma.validates_schema
    def _of_a_lot(self, data: dict[str, Any], **_: object) -> None:
        if data["expires_on"] and not data["lot"]:
            message = "What expires is of a lot: name it"
            raise ma.ValidationError({"lot": [message]})

    @ma.post_load
    def _received(self, data: dict[str, Any], **_: object) -> Received:
        return Received(**data)


class GoodsReceiptSchema(Payload):
    """A delivery that came to a location."""

    location_id = PublicId("loc", required=True)
    reference = fields.String(
        required=True,
        validate=_REFERENCE,
        metadata={"description": "Of the delivery; what was announced under it is received"},
    )
    lines = fields.List(
        fields.Nested(ReceivedSchema), required=True, validate=validate.Length(1, MAX_ROWS)
    )


class AdjustedSchema(Payload):
    """Units more (or, negative, fewer), and why."""

    location_id = PublicId("loc", required=True)
    variant_id = PublicId("var", required=True)
    quantity = fields.Integer(
        strict=True,
        required=True,
        validate=validate.And(
            validate.Range(-MAX_QUANTITY, MAX_QUANTITY),
            validate.NoneOf([0], error="Nothing would change"),
        ),
    )
    code = fields.String(required=True, validate=validate.OneOf(list(CODES)))
    lot = fields.String(load_default=None, allow_none=True, validate=_LOT)

    @ma.post_load
    def _adjusted(self, data: dict[str, Any], **_: object) -> Adjusted:
        return Adjusted(**data)


class AdjustmentsSchema(Payload):
    """Corrections of what is on hand, all or none."""

    reference = fields.String(load_default=None, allow_none=True, validate=_REFERENCE)
    rows = fields.List(
        fields.Nested(AdjustedSchema), required=True, validate=validate.Length(1, MAX_ROWS)
    )


class TransferredSchema(Payload):
    """Units that change places."""

    variant_id = PublicId("var", required=True)
    quantity = fields.Integer(strict=True, required=True, validate=_UNITS)
    lot = fields.String(load_default=None, allow_none=True, validate=_LOT)

    @ma.post_load
    def _transferred(self, data: dict[str, Any], **_: object) -> Transferred:
        return Transferred(**data)


class GoodsTransferSchema(Payload):
    """Goods from one location of the caller's to another."""

    from_id = PublicId("loc", required=True)
    to_id = PublicId("loc", required=True)
    reference = fields.String(load_default=None, allow_none=True, validate=_REFERENCE)
    lines = fields.List(
        fields.Nested(TransferredSchema), required=True, validate=validate.Length(1, MAX_ROWS)
    )


class GoodsMovedSchema(ma.Schema):
    """How much moved: units, or rows of adjustments."""

    moved = fields.Integer()


class AnnouncedSchema(Payload):
    """Units that are to come; 0 when they were called off."""

    location_id = PublicId("loc", required=True)
    variant_id = PublicId("var", required=True)
    reference = fields.String(required=True, validate=_REFERENCE)
    due_on = fields.Date(required=True, validate=validate.Range(date(2000, 1, 1)))
    quantity = fields.Integer(strict=True, required=True, validate=validate.Range(0, MAX_QUANTITY))

    @ma.post_load
    def _announced(self, data: dict[str, Any], **_: object) -> Announced:
        return Announced(**data)


class AnnouncementsSchema(Payload):
    """What will come; a location, variant and reference come once."""

    rows = fields.List(
        fields.Nested(AnnouncedSchema), required=True, validate=validate.Length(1, MAX_ROWS)
    )

    @ma.validates_schema
    def _each_once(self, data: dict[str, Any], **_: object) -> None:
        seen: set[tuple[object, object, str]] = set()
        for row, each in enumerate(data["rows"]):
            name = (each.location_id, each.variant_id, each.reference)
            if name in seen:
                message = "This location, variant and reference came before"
                raise ma.ValidationError({"rows": {row: [message]}})
            seen.add(name)


class PlaceQuery(PageQuery):
    """At which location."""

    location_id = PublicId("loc", required=True)


class LotQuery(PlaceQuery):
    """At which location, and of what."""

    variant_id = PublicId("var", load_default=None)


class MovementQuery(LotQuery):
    """Which movements."""

    reason = fields.String(load_default=None, validate=validate.OneOf(REASONS))


class LotPartSchema(ma.Schema):
    """Units of a movement that are of a lot."""

    code = fields.String()
    quantity = fields.Integer()


class MovementSchema(ma.Schema):
    """Units that came or (negative) left, and why."""

    id = PublicId("move")
    location_id = PublicId("loc")
    variant_id = PublicId("var")
    sku = fields.String()
    quantity = fields.Integer()
    reason = fields.String(validate=validate.OneOf(REASONS))
    code = fields.String(allow_none=True)
    reference = fields.String(allow_none=True)
    actor_id = PublicId("actor", allow_none=True)
    at = fields.AwareDateTime()
    lots = fields.List(fields.Nested(LotPartSchema), allow_none=True)


class IncomingSchema(ma.Schema):
    """Units that are to come on a day."""

    id = PublicId("incoming")
    location_id = PublicId("loc")
    variant_id = PublicId("var")
    sku = fields.String()
    reference = fields.String()
    due_on = fields.Date()
    quantity = fields.Integer()
    received = fields.Integer()
    open = fields.Integer()


class LotSchema(ma.Schema):
    """Units that were made together."""

    id = PublicId("lot")
    location_id = PublicId("loc")
    variant_id = PublicId("var")
    sku = fields.String()
    code = fields.String()
    expires_on = fields.Date(allow_none=True)
    on_hand = fields.Integer()
