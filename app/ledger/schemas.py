"""Balances as JSON. Amounts are signed minor units: debit positive."""

import marshmallow as ma
from marshmallow import fields

from app.infra.http import PublicId


class BalanceSchema(ma.Schema):
    """An organization's accounts of one code in one currency."""

    account_code = fields.Integer()
    account_name = fields.String()
    currency = fields.String()
    amount_minor = fields.Integer(metadata={"description": "Debit positive, credit negative"})


class BalancesSchema(ma.Schema):
    """All accounts of an organization, by code and currency; zeros are left out."""

    organization_id = PublicId("org")
    balances = fields.List(fields.Nested(BalanceSchema))
