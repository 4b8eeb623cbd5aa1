"""When locations work, as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import Payload, PublicId

_MAX_LEAD_TIME_DAYS = 365


class NewClosureSchema(Payload):
    """Days on which nothing leaves."""

    first_on = fields.Date(required=True)
    last_on = fields.Date(required=True)
    reason = fields.String(required=True, validate=validate.Length(1, 200))

    @ma.validates_schema
    def _in_order(self, data: dict[str, Any], **_: object) -> None:
        if data["last_on"] < data["first_on"]:
            message = "It would end before it begins"
            raise ma.ValidationError({"last_on": [message]})


class ClosureSchema(NewClosureSchema):
    """Days on which nothing leaves."""

    id = PublicId("closure")
    location_id = PublicId("loc")


class ShipDayQuery(ma.Schema):
    """After how many working days."""

    class Meta:
        unknown = ma.EXCLUDE

    lead_time_days = fields.Integer(
        strict=False, load_default=0, validate=validate.Range(0, _MAX_LEAD_TIME_DAYS)
    )


class ShipDaySchema(ma.Schema):
    """The day on which what is ordered now leaves; null when none is in sight."""

    ship_on = fields.Date(allow_none=True)
