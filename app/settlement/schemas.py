"""What settlement shows as JSON; in splits and statements, positive is owed to the organization."""

import marshmallow as ma
from marshmallow import fields

from app.infra.http import PageQuery, Payload, PublicId


class SplitQuery(PageQuery):
    """Splits, perhaps of one order."""

    order_id = PublicId("order", load_default=None)


class SplitSchema(ma.Schema):
    """An organization's part of a shipped order line."""

    id = PublicId("split")
    order_id = PublicId("order")
    order_line_id = PublicId("line")
    seller_order_id = PublicId("sorder")
    shipment_id = PublicId("ship")
    organization_id = PublicId("org")
    kind = fields.String()
    currency = fields.String()
    amount_minor = fields.Integer()
    booked_at = fields.DateTime(format="iso")


class JournalLineSchema(ma.Schema):
    """A line that the caller may see."""

    account_code = fields.Integer()
    account_name = fields.String()
    owner_id = PublicId("org", allow_none=True)
    creditor_id = PublicId("org", allow_none=True)
    currency = fields.String()
    amount_minor = fields.Integer(metadata={"description": "Debit positive, credit negative"})


class JournalSchema(ma.Schema):
    """A fact that was booked, with the lines that concern the caller."""

    id = PublicId("jrnl")
    kind = fields.String()
    order_id = PublicId("order", allow_none=True)
    occurred_at = fields.DateTime(format="iso")
    reverses_id = PublicId("jrnl", allow_none=True)
    lines = fields.List(fields.Nested(JournalLineSchema))


class StatementSchema(ma.Schema):
    """An organization's money in one currency over one period; closing = opening + movement."""

    id = PublicId("stmt")
    organization_id = PublicId("org")
    currency = fields.String()
    period_from = fields.DateTime(format="iso")
    period_to = fields.DateTime(format="iso")
    opening_minor = fields.Integer()
    movement_minor = fields.Integer()
    closing_minor = fields.Integer()
    line_count = fields.Integer()
    closed_at = fields.DateTime(format="iso")


class StatementLineSchema(ma.Schema):
    """What moved, for which order, order line and shipment."""

    journal_id = PublicId("jrnl")
    kind = fields.String()
    amount_minor = fields.Integer()
    currency = fields.String()
    order_id = PublicId("order", allow_none=True)
    order_line_id = PublicId("line", allow_none=True)
    shipment_id = PublicId("ship", allow_none=True)
    occurred_at = fields.DateTime(format="iso")


class StatementRunSchema(Payload):
    """A period to close: from the end of the last one, up to an instant that has passed."""

    period_from = fields.AwareDateTime(required=True, format="iso")
    period_to = fields.AwareDateTime(required=True, format="iso")


class StartedRunSchema(ma.Schema):
    """The job that closes the period: watch it at /v1/jobs."""

    job_id = PublicId("job")
