"""What is asked and told about why sellers were chosen, as JSON."""

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import PublicId
from app.kernel.languages import LANGUAGES


class ExplanationQuery(ma.Schema):
    """What is asked about an order's routing; without a line and a seller, the overview."""

    line = fields.Integer(
        load_default=None,
        validate=validate.Range(1),
        metadata={"description": "A line of the order, by its position"},
    )
    seller = PublicId("org", load_default=None)
    attempt = fields.Integer(
        load_default=None,
        validate=validate.Range(1),
        metadata={"description": "Which decision; otherwise the line's last, or the first"},
    )
    lang = fields.String(
        load_default=None,
        validate=validate.OneOf(LANGUAGES),
        metadata={"description": "Otherwise the caller's, or its organization's"},
    )


class DifferenceSchema(ma.Schema):
    """How a plan compares with the chosen one: goods, freight and terms sum to the total.

    `units` are negative where it serves fewer; `levels` count before money, the first first.
    """

    units = fields.Integer()
    total_minor = fields.Integer()
    goods_minor = fields.Integer()
    freight_minor = fields.Integer()
    terms_minor = fields.Integer()
    levels = fields.List(fields.Integer())


class AlternativeSchema(ma.Schema):
    """The best plan `without` a seller, from a `single` one, or with one seller `fewer`."""

    kind = fields.String()
    seller_id = PublicId("org", allow_none=True)
    sellers = fields.List(PublicId("org"))
    difference = fields.Nested(DifferenceSchema, allow_none=True)
    sentence = fields.String()


class BrokenRuleSchema(ma.Schema):
    """A rule that excluded a seller, with what was measured and what is required."""

    code = fields.String()
    location_ids = fields.List(PublicId("loc"))
    measured = fields.Dict(keys=fields.String())
    required = fields.Dict(keys=fields.String())
    sentence = fields.String()


class WinningChangeSchema(ma.Schema):
    """What would have made a seller win, by itself: a `price`, its `freight`, a `stock`."""

    kind = fields.String()
    by = fields.Integer()
    was = fields.Integer()
    becomes = fields.Integer()
    per_quantity = fields.Integer()


class LeavingSchema(ma.Schema):
    """Units that leave on a day; `is_later`: they were not in stock when it was decided."""

    units = fields.Integer()
    ships_on = fields.Date(allow_none=True)
    is_later = fields.Boolean()


class VerdictSchema(ma.Schema):
    """A seller and a line: `chosen`, `eligible` (another plan was better), `excluded`, ...

    `rules` are those that excluded it, or that let it give no more than a part of the line.
    Of an eligible seller `difference` is the best plan that takes `forced_units` of the line from
    it, beside the chosen one; without one, no lawful plan does.
    """

    seller_id = PublicId("org")
    seller_name = fields.String()
    verdict = fields.String()
    quantity = fields.Integer()
    location_ids = fields.List(PublicId("loc"))
    available = fields.Integer(allow_none=True)
    forced_units = fields.Integer()
    rules = fields.List(fields.Nested(BrokenRuleSchema))
    difference = fields.Nested(DifferenceSchema, allow_none=True)
    is_worked_out = fields.Boolean()
    changes = fields.List(fields.Nested(WinningChangeSchema))
    leaves = fields.List(fields.Nested(LeavingSchema))
    sentences = fields.List(fields.String())


class ExplainedLineSchema(ma.Schema):
    """A line of the order and the verdicts on it."""

    position = fields.Integer()
    variant_id = PublicId("var")
    sku = fields.String()
    name = fields.String()
    quantity = fields.Integer()
    served = fields.Integer()
    sellers = fields.List(fields.Nested(VerdictSchema))


class AttemptSchema(ma.Schema):
    """One of the decisions of an order."""

    attempt = fields.Integer()
    trigger = fields.String()
    decided_at = fields.AwareDateTime()


class ConsideredSchema(ma.Schema):
    """A seller that is told about."""

    id = PublicId("org")
    name = fields.String()


class ExplanationSchema(ma.Schema):
    """Why an order's lines go to whom, and why to nobody else."""

    order_id = PublicId("order")
    order_number = fields.Integer()
    currency = fields.String()
    language = fields.String()
    attempt = fields.Integer()
    attempts = fields.List(fields.Nested(AttemptSchema))
    trigger = fields.String()
    decided_at = fields.AwareDateTime()
    sentences = fields.List(fields.String())
    alternatives = fields.List(fields.Nested(AlternativeSchema))
    sellers = fields.List(fields.Nested(ConsideredSchema))
    lines = fields.List(fields.Nested(ExplainedLineSchema))
