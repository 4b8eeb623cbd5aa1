"""What sellers take back, and what buyers choose about units that nobody can serve, as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import Payload, PublicId
from app.kernel.quantity import MAX_QUANTITY
from app.ordering.rules import REJECTION_REASONS


class WithdrawalLineSchema(Payload):
    """Accepted units of an allocation that will not come after all."""

    allocation_id = PublicId("alloc", required=True)
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_QUANTITY))
    reason = fields.String(
        required=True,
        validate=validate.OneOf(REJECTION_REASONS),
        metadata={"description": "out_of_stock, damaged and lost take the goods out of stock"},
    )


class WithdrawalSchema(Payload):
    """What a seller that had accepted cannot deliver."""

    lines = fields.List(
        fields.Nested(WithdrawalLineSchema), required=True, validate=validate.Length(1, 1000)
    )


class SubstituteSchema(ma.Schema):
    """What the buyer may take instead."""

    variant_id = PublicId("var")
    sku = fields.String()
    name = fields.String()


class ChoiceSchema(ma.Schema):
    """Units that nobody can serve now, and what the buyer may do: wait, cancel or substitute."""

    id = PublicId("choice")
    order_id = PublicId("order")
    position = fields.Integer()
    variant_id = PublicId("var")
    sku = fields.String()
    name = fields.String()
    quantity = fields.Integer()
    amount_minor = fields.Integer(
        metadata={"description": "What the buyer pays for them, and gets back if it cancels"}
    )
    currency = fields.String()
    status = fields.String()
    reason = fields.String()
    options = fields.List(fields.String())
    substitutes = fields.List(fields.Nested(SubstituteSchema))
    opened_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class ChoicesSchema(ma.Schema):
    """The choices of an order, the first first."""

    items = fields.List(fields.Nested(ChoiceSchema))


class ChoiceAnswerSchema(Payload):
    """What the buyer decides about units that wait."""

    answer = fields.String(required=True, validate=validate.OneOf(("wait", "cancel", "substitute")))
    until = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        metadata={"description": "Wait no longer than until then"},
    )
    variant_id = PublicId(
        "var",
        load_default=None,
        allow_none=True,
        metadata={"description": "What to take instead, at the promised price or a lower one"},
    )

    @ma.validates_schema
    def _names_the_substitute(self, data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401
        if data["answer"] == "substitute" and data["variant_id"] is None:
            raise ma.ValidationError("Say which variant", "variant_id")
