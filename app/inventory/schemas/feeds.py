"""Stock feeds as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import Payload, PublicId
from app.inventory.rules.feeding import MAX_LINES
from app.kernel.quantity import MAX_QUANTITY

_UNITS = validate.Range(-MAX_QUANTITY, MAX_QUANTITY)


class FeedLineSchema(Payload):
    """How much there is of a variant at a location, or how much more (or, negative, less)."""

    location_id = PublicId("loc")
    location_code = fields.String(validate=validate.Length(1, 64))
    variant_id = PublicId("var")
    seller_sku = fields.String(validate=validate.Length(1, 100))
    quantity = fields.Integer(strict=True, required=True, validate=_UNITS)
    safety = fields.Integer(strict=True, validate=validate.Range(0, MAX_QUANTITY))

    @ma.validates_schema
    def _named_once(self, data: dict[str, Any], **_: object) -> None:
        for names in (("location_id", "location_code"), ("variant_id", "seller_sku")):
            if sum(name in data for name in names) != 1:
                message = f"Give one of {' and '.join(names)}"
                raise ma.ValidationError({names[0]: [message]})


class FeedMessageSchema(Payload):
    """A numbered message of a feed."""

    sequence = fields.Integer(strict=True, required=True, validate=validate.Range(1, 2**53))
    kind = fields.String(
        required=True,
        validate=validate.OneOf(("absolute", "delta")),
        metadata={"description": "Whether lines say how much there is, or how much it changed"},
    )
    lines = fields.List(
        fields.Nested(FeedLineSchema), required=True, validate=validate.Length(1, MAX_LINES)
    )

    @ma.validates_schema
    def _levels(self, data: dict[str, Any], **_: object) -> None:
        if data["kind"] == "delta":
            _refuse(data["lines"], "safety", lambda line: "safety" in line, "Only in absolute ones")
        else:
            _refuse(data["lines"], "quantity", lambda line: line["quantity"] < 0, "Below nothing")


def _refuse(lines: list[dict[str, Any]], field: str, wrong: Any, message: str) -> None:  # noqa: ANN401
    found = {row: {field: [message]} for row, line in enumerate(lines) if wrong(line)}
    if found:
        raise ma.ValidationError({"lines": found})


class ShortRowSchema(ma.Schema):
    """A row of which orders hold more than the message leaves: it stays at what they hold."""

    location_id = fields.String()
    variant_id = fields.String()
    on_hand = fields.Integer()
    reserved = fields.Integer()


class FeedResultSchema(ma.Schema):
    """What became of a message.

    `applied`: it took effect, and so did `also_applied`, which had waited for it; `held`: it waits
    for `waits_for`; `ignored`: of all its rows something newer had told the quantity before it
    came.
    """

    feed = fields.String()
    sequence = fields.Integer()
    status = fields.String(validate=validate.OneOf(("applied", "held", "ignored")))
    applied = fields.Integer(metadata={"description": "The last message that took effect"})
    rows = fields.Integer()
    short = fields.List(fields.Nested(ShortRowSchema))
    also_applied = fields.List(fields.Integer())
    waits_for = fields.List(fields.Integer())
    duplicate = fields.Boolean(metadata={"description": "Whether it had come before"})


class StockFeedSchema(ma.Schema):
    """A feed: the last message that took effect."""

    code = fields.String()
    applied = fields.Integer()
    updated_at = fields.AwareDateTime()


class KeptMessageSchema(ma.Schema):
    """A message of a feed."""

    sequence = fields.Integer()
    kind = fields.String()
    status = fields.String()
    received_at = fields.AwareDateTime()


class StockFeedStateSchema(StockFeedSchema):
    """A feed and its latest messages."""

    passed = fields.List(
        fields.Integer(),
        metadata={"description": "Numbers before `applied` that have not come and still may"},
    )
    messages = fields.List(fields.Nested(KeptMessageSchema))
