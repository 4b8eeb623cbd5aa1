"""What payments read and write as JSON. Amounts are minor units of the named currency."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import PageQuery, Payload, PublicId
from app.payments.operations import Receipt

MAX_RECEIPTS = 200
_MAX_MINOR = 10**15


class InvoiceQuery(PageQuery):
    """Invoices, perhaps of one order."""

    order_id = PublicId("order", load_default=None)


class InvoiceSchema(ma.Schema):
    """What a buyer owes for a shipment; the issuer is the seller of record."""

    id = PublicId("inv")
    number = fields.Integer()
    order_id = PublicId("order")
    seller_order_id = PublicId("sorder")
    shipment_id = PublicId("ship")
    issuer_id = PublicId("org")
    recipient_id = PublicId("org")
    currency = fields.String()
    goods_minor = fields.Integer()
    freight_minor = fields.Integer()
    amount_minor = fields.Integer()
    paid_minor = fields.Integer()
    open_minor = fields.Function(
        lambda invoice: invoice.amount_minor - invoice.paid_minor, metadata={"type": "integer"}
    )
    issued_at = fields.DateTime(format="iso")
    due_at = fields.DateTime(format="iso")
    paid_at = fields.DateTime(format="iso", allow_none=True)


class NewPaymentSchema(Payload):
    """Money that arrived. The same reference told again is the same payment."""

    amount_minor = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, _MAX_MINOR)
    )
    method = fields.String(
        required=True,
        validate=validate.OneOf(["bank_transfer", "cash", "cheque", "direct_debit", "other"]),
    )
    reference = fields.String(
        required=True,
        validate=validate.Length(1, 140),
        metadata={"description": "What the bank or the cash book calls it; unique per creditor"},
    )


class ReceiptSchema(NewPaymentSchema):
    """A line of a bank statement: money that arrived for an invoice."""

    invoice_id = PublicId("inv", required=True)

    @ma.post_load
    def _receipt(self, data: dict[str, Any], **_: object) -> Receipt:
        return Receipt(**data)


class ReceiptsSchema(Payload):
    """A bank statement's lines: all are recorded, or none. They may repeat what was told."""

    payments = fields.List(
        fields.Nested(ReceiptSchema), required=True, validate=validate.Length(1, MAX_RECEIPTS)
    )


class PaymentSchema(ma.Schema):
    """Money that arrived."""

    id = PublicId("pay")
    order_id = PublicId("order")
    invoice_id = PublicId("inv", allow_none=True)
    method = fields.String()
    reference = fields.String()
    currency = fields.String()
    amount_minor = fields.Integer()
    received_at = fields.DateTime(format="iso")


class PaymentsSchema(ma.Schema):
    """What the lines of a bank statement became, in their order."""

    payments = fields.List(fields.Nested(PaymentSchema))


class CreditSchema(ma.Schema):
    """A buyer's credit with a storefront's owner: free = limit - reserved - owed, never below 0."""

    currency = fields.String()
    limit_minor = fields.Integer()
    reserved_minor = fields.Integer(metadata={"description": "Ordered and not yet invoiced"})
    owed_minor = fields.Integer(metadata={"description": "Invoiced and not yet paid"})
    free_minor = fields.Integer()
