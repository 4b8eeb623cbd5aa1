"""What the feed shows as JSON."""

from marshmallow import fields, validate

from app.infra.http import PageQuery, Payload, PublicId
from app.notifications.texts import LANGUAGES


class EventQuery(PageQuery):
    """A page of the feed, and the language of its sentences."""

    lang = fields.String(
        load_default=None,
        validate=validate.OneOf(LANGUAGES),
        metadata={"description": "Otherwise the caller's, or its organization's"},
    )


class EventSchema(Payload):
    """A fact that the caller's organization is entitled to."""

    id = PublicId("evt")
    name = fields.String(metadata={"example": "seller_order.offered"})
    happened_at = fields.AwareDateTime()
    data = fields.Dict(keys=fields.String())
    text = fields.String(
        allow_none=True,
        metadata={
            "description": "What happened, in a sentence of the asked language, if people "
            "wait for it"
        },
    )
    cursor = fields.String(metadata={"description": "Send it to go on after this event"})
