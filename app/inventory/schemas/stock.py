"""Locations and stock as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import PageQuery, Payload, PublicId
from app.inventory.operations import MAX_ROWS, Level
from app.kernel.quantity import MAX_QUANTITY
from app.kernel.zones import is_zone

_CODE = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$", error="1 to 64 of A-Z 0-9 . _ / -")
_NAME = validate.Length(1, 200)
_QUANTITY = validate.Range(0, MAX_QUANTITY)


_SUBDIVISION = validate.Regexp(r"^[A-Z]{2}-[A-Z0-9]{1,3}$", error="ISO 3166-2, such as BR-SP")
_COUNTRY = validate.Regexp(r"^[A-Z]{2}$", error="ISO 3166-1, such as BR")
_LATITUDE, _LONGITUDE = validate.Range(-90, 90), validate.Range(-180, 180)


def _is_time_zone(name: str) -> None:
    if not is_zone(name):
        message = "Not an IANA time zone, such as America/Sao_Paulo"
        raise ma.ValidationError(message)


class LocationChanges(Payload):
    """What may be changed of a location."""

    code = fields.String(validate=_CODE)
    name = fields.String(validate=_NAME)
    city = fields.String(validate=_NAME)
    subdivision = fields.String(validate=_SUBDIVISION)
    postal_code = fields.String(validate=validate.Length(1, 20))
    country = fields.String(validate=_COUNTRY)
    latitude = fields.Float(validate=_LATITUDE)
    longitude = fields.Float(validate=_LONGITUDE)
    is_active = fields.Boolean(truthy={True}, falsy={False})
    time_zone = fields.String(
        validate=_is_time_zone,
        metadata={"example": "America/Sao_Paulo", "description": "An IANA time zone"},
    )
    cutoffs = fields.List(
        fields.Time(allow_none=True, format="%H:%M"),
        validate=validate.Length(equal=7),
        metadata={
            "description": "From Monday on: until when what is ordered leaves on that day, in the"
            " location's time; null when nothing leaves"
        },
    )
    low_at = fields.Integer(
        strict=True,
        allow_none=True,
        validate=_QUANTITY,
        metadata={"description": "Below how many available units its stock is scarce"},
    )


class LocationFacts(LocationChanges):
    """What a seller says of a new location."""

    code = fields.String(required=True, validate=_CODE)
    name = fields.String(required=True, validate=_NAME)
    city = fields.String(required=True, validate=_NAME)
    subdivision = fields.String(required=True, validate=_SUBDIVISION)
    postal_code = fields.String(required=True, validate=validate.Length(1, 20))
    country = fields.String(required=True, validate=_COUNTRY)
    latitude = fields.Float(required=True, validate=_LATITUDE)
    longitude = fields.Float(required=True, validate=_LONGITUDE)


class LocationSchema(LocationChanges):
    """A location."""

    id = PublicId("loc")
    seller_id = PublicId("org")
    version = fields.Integer()


class StockLevelSchema(Payload):
    """What there is of a variant at a location."""

    location_id = PublicId("loc", required=True)
    variant_id = PublicId("var", required=True)
    on_hand = fields.Integer(strict=True, required=True, validate=_QUANTITY)
    safety = fields.Integer(strict=True, load_default=0, validate=_QUANTITY)

    @ma.post_load
    def _level(self, data: dict[str, Any], **_: object) -> Level:
        return Level(**data)


class StockLevelsSchema(Payload):
    """Rows to set; a location and variant come once."""

    rows = fields.List(
        fields.Nested(StockLevelSchema), required=True, validate=validate.Length(1, MAX_ROWS)
    )

    @ma.validates_schema
    def _each_once(self, data: dict[str, Any], **_: object) -> None:
        seen: set[tuple[object, object]] = set()
        for row, level in enumerate(data["rows"]):
            place = (level.location_id, level.variant_id)
            if place in seen:
                message = "This location and variant came before"
                raise ma.ValidationError({"rows": {row: [message]}})
            seen.add(place)


class StockWrittenSchema(ma.Schema):
    """How many rows were written."""

    written = fields.Integer()


class StockQuery(PageQuery):
    """Stock at a location, or of a variant."""

    location_id = PublicId("loc", load_default=None)
    variant_id = PublicId("var", load_default=None)


class ThresholdSchema(Payload):
    """Below how many available units a row is scarce."""

    location_id = PublicId("loc", required=True)
    variant_id = PublicId("var", required=True)
    low_at = fields.Integer(strict=True, required=True, allow_none=True, validate=_QUANTITY)


class ThresholdsSchema(Payload):
    """Thresholds of rows."""

    rows = fields.List(
        fields.Nested(ThresholdSchema), required=True, validate=validate.Length(1, MAX_ROWS)
    )


class AvailabilityQuery(ma.Schema):
    """Of what, and where."""

    class Meta:
        unknown = ma.EXCLUDE

    location_id = PublicId("loc", required=True)
    variant_id = PublicId("var", required=True)


class PromiseSchema(ma.Schema):
    """How many units may be promised from a day on, all in all."""

    on = fields.Date()
    units = fields.Integer()


class PromisesSchema(ma.Schema):
    """What may be promised, day by day; the first is today."""

    promises = fields.List(fields.Nested(PromiseSchema))


class StockSchema(ma.Schema):
    """What there is of a variant at a location, what orders hold, and what may be promised."""

    location_id = PublicId("loc")
    variant_id = PublicId("var")
    on_hand = fields.Integer()
    reserved = fields.Integer()
    safety = fields.Integer()
    available = fields.Integer()
    promised = fields.Integer(metadata={"description": "Units of orders that are not here yet"})
    low_at = fields.Integer(allow_none=True)
    updated_at = fields.AwareDateTime()
