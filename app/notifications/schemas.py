"""What the feed shows as JSON."""

from marshmallow import fields

from app.infra.http import Payload, PublicId


class EventSchema(Payload):
    """A fact that the caller's organization is entitled to."""

    id = PublicId("evt")
    name = fields.String(metadata={"example": "seller_order.offered"})
    happened_at = fields.AwareDateTime()
    data = fields.Dict(keys=fields.String())
    cursor = fields.String(metadata={"description": "Send it to go on after this event"})
