"""What pricing reads and writes as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import PageQuery, Payload, PublicId
from app.kernel.money import BASIS_POINTS
from app.kernel.quantity import MAX_QUANTITY
from app.pricing.operations import MAX_ENTRIES, MAX_FORMULAS, EntryDraft
from app.pricing.queries import Ask
from app.pricing.rules import BREAKS, PURPOSES, REASONS, ROUNDINGS, STRATEGIES, VOLUME
from app.pricing.rules.bounds import BREACHES

MAX_LINES = 500
MAX_EXPLAINED = 50
_MAX_MINOR = 10**15
_MAX_BPS = 1_000_000
_MAX_ADD_MINOR = 10**9
_MAX_GRID_MINOR = 10**7
_NAME = validate.Length(1, 200)
_CURRENCY = validate.Regexp(r"^[A-Z]{3}$", error="ISO 4217, such as EUR")
_QUANTITY = validate.Range(1, MAX_QUANTITY)
_MINOR = validate.Range(0, _MAX_MINOR)


class PriceListChanges(Payload):
    """What may be changed of a price list."""

    name = fields.String(validate=_NAME)
    valid_from = fields.AwareDateTime()
    valid_to = fields.AwareDateTime(allow_none=True)
    corridor_below_bps = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(0, BASIS_POINTS),
        metadata={
            "description": "How far below these recommended prices sellers may sell, in basis"
            " points; only for lists with the purpose `list`"
        },
    )
    corridor_above_bps = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(0, _MAX_BPS),
        metadata={"description": "How far above them"},
    )


class PriceListFacts(PriceListChanges):
    """What an owner says of a new price list."""

    name = fields.String(required=True, validate=_NAME)
    currency = fields.String(required=True, validate=_CURRENCY)
    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES))
    breaks = fields.String(
        load_default=VOLUME,
        validate=validate.OneOf(BREAKS),
        metadata={
            "description": "`volume`: all units cost what the break reached says;"
            " `graduated`: each unit costs what its own break says"
        },
    )
    valid_from = fields.AwareDateTime(required=True)


class PriceListSchema(PriceListChanges):
    """A price list; one with a base derives its prices by formulas."""

    id = PublicId("plist")
    owner_id = PublicId("org")
    currency = fields.String()
    purpose = fields.String()
    breaks = fields.String()
    base_list_id = PublicId("plist", allow_none=True)
    created_at = fields.AwareDateTime()
    version = fields.Integer()


class PriceListQuery(PageQuery):
    """Which price lists."""

    purpose = fields.String(load_default=None, validate=validate.OneOf(PURPOSES))


class PriceEntryFacts(Payload):
    """A price: ``amount_minor`` for ``per_quantity`` units, from a quantity on, in a period."""

    variant_id = PublicId("var", required=True)
    from_quantity = fields.Integer(strict=True, load_default=1, validate=_QUANTITY)
    amount_minor = fields.Integer(strict=True, required=True, validate=_MINOR)
    per_quantity = fields.Integer(strict=True, load_default=1, validate=_QUANTITY)
    valid_from = fields.AwareDateTime(
        load_default=None, metadata={"description": "The list's beginning when left out"}
    )
    valid_to = fields.AwareDateTime(load_default=None, allow_none=True)

    @ma.post_load
    def _draft(self, data: dict[str, Any], **_: object) -> EntryDraft:
        return EntryDraft(**data)


class PriceEntriesSchema(Payload):
    """Entries to put."""

    entries = fields.List(
        fields.Nested(PriceEntryFacts), required=True, validate=validate.Length(1, MAX_ENTRIES)
    )


class PriceEntriesWrittenSchema(ma.Schema):
    """How many entries were written."""

    written = fields.Integer()


class PriceEntrySchema(ma.Schema):
    """An entry of a price list, known by list, variant, from_quantity and valid_from."""

    price_list_id = PublicId("plist")
    variant_id = PublicId("var")
    from_quantity = fields.Integer()
    amount_minor = fields.Integer()
    per_quantity = fields.Integer()
    valid_from = fields.AwareDateTime()
    valid_to = fields.AwareDateTime(allow_none=True)


class PriceEntryQuery(PageQuery):
    """Which entries."""

    variant_id = PublicId("var", load_default=None)


class PriceAssignmentFacts(Payload):
    """To whom a list applies: all that is named must fit; nothing named means everybody."""

    storefront_id = PublicId("shop", load_default=None, allow_none=True)
    territory_id = PublicId("terr", load_default=None, allow_none=True)
    customer_group = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(1, 100)
    )
    buyer_id = PublicId("org", load_default=None, allow_none=True)
    unit_id = PublicId("unit", load_default=None, allow_none=True)
    priority = fields.Integer(strict=True, load_default=0, validate=validate.Range(-1000, 1000))
    stops = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class PriceAssignmentSchema(ma.Schema):
    """To whom a list applies."""

    id = PublicId("passign")
    price_list_id = PublicId("plist")
    storefront_id = PublicId("shop", allow_none=True)
    territory_id = PublicId("terr", allow_none=True)
    customer_group = fields.String(allow_none=True)
    buyer_id = PublicId("org", allow_none=True)
    unit_id = PublicId("unit", allow_none=True)
    priority = fields.Integer()
    stops = fields.Boolean()


class FormulaFacts(Payload):
    """A formula; the first one that fits a variant derives its price."""

    category_id = PublicId("cat", load_default=None, allow_none=True)
    brand = fields.String(load_default=None, allow_none=True, validate=_NAME)
    attribute = fields.String(load_default=None, allow_none=True, validate=_NAME)
    attribute_value = fields.String(load_default=None, allow_none=True, validate=_NAME)
    factor_bps = fields.Integer(
        strict=True,
        load_default=BASIS_POINTS,
        validate=validate.Range(0, _MAX_BPS),
        metadata={"description": "Times so many basis points: 9000 is 10 % less"},
    )
    add_minor = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(-_MAX_ADD_MINOR, _MAX_ADD_MINOR),
        metadata={"description": "Then plus so many minor units for each single unit"},
    )
    round_to_minor = fields.Integer(
        strict=True,
        load_default=1,
        validate=validate.Range(1, _MAX_GRID_MINOR),
        metadata={"description": "Rounded in steps of so many minor units"},
    )
    round_ending_minor = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(0, _MAX_GRID_MINOR),
        metadata={"description": "… that end so: steps of 100 and 95 give prices to .95"},
    )
    rounding = fields.String(load_default="nearest", validate=validate.OneOf(ROUNDINGS))
    margin_list_id = PublicId(
        "plist",
        load_default=None,
        allow_none=True,
        metadata={"description": "The price lies above what this list asks"},
    )
    minimum_margin_bps = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(0, _MAX_BPS),
        metadata={"description": "… by so many basis points of it, at least"},
    )


class FormulaSchema(FormulaFacts):
    """A formula of a derived list."""

    id = PublicId("formula")
    position = fields.Integer()


class DerivationFacts(Payload):
    """Which list to derive from, and how."""

    base_list_id = PublicId("plist", required=True)
    formulas = fields.List(
        fields.Nested(FormulaFacts),
        load_default=lambda: [{}],
        validate=validate.Length(1, MAX_FORMULAS),
    )


class DerivationSchema(ma.Schema):
    """How a list derives."""

    base_list_id = PublicId("plist", allow_none=True)
    formulas = fields.List(fields.Nested(FormulaSchema))


class PricingSettingsSchema(Payload):
    """How an owner's lists decide between them."""

    strategy = fields.String(required=True, validate=validate.OneOf(STRATEGIES))
    version = fields.Integer(dump_only=True)


class ViolationQuery(PageQuery):
    """Which violations."""

    currency = fields.String(required=True, validate=_CURRENCY)


class ViolationSchema(ma.Schema):
    """A price of a seller that the manufacturer does not allow."""

    seller_id = PublicId("org")
    price_list_id = PublicId("plist")
    variant_id = PublicId("var")
    quantity = fields.Integer()
    breach = fields.String(validate=validate.OneOf(list(BREACHES)))
    amount_minor = fields.Integer()
    per_quantity = fields.Integer()
    bound_amount_minor = fields.Integer()
    bound_per_quantity = fields.Integer()


class PriceAskSchema(Payload):
    """One price that is wanted."""

    owner_id = PublicId("org", required=True)
    variant_id = PublicId("var", required=True)
    quantity = fields.Integer(strict=True, required=True, validate=_QUANTITY)
    purpose = fields.String(load_default="sale", validate=validate.OneOf(PURPOSES))
    price_list_id = PublicId("plist", load_default=None, allow_none=True)


class PriceContextSchema(Payload):
    """Who asks, where goods would go, and for which instant."""

    currency = fields.String(required=True, validate=_CURRENCY)
    storefront_id = PublicId("shop", load_default=None, allow_none=True)
    buyer_id = PublicId("org", load_default=None, allow_none=True)
    unit_id = PublicId("unit", load_default=None, allow_none=True)
    country = fields.String(
        load_default=None, allow_none=True, validate=validate.Regexp(r"^[A-Z]{2}$")
    )
    subdivision = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 10))
    postal_code = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 20))
    at = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        metadata={"description": "Now when left out; what is to come is for the owner to know"},
    )


class ResolvePricesSchema(PriceContextSchema):
    """Prices that are wanted, by whom and where."""

    lines = fields.List(
        fields.Nested(PriceAskSchema), required=True, validate=validate.Length(1, MAX_LINES)
    )
    explain = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": f"Say why, for at most {MAX_EXPLAINED} lines"},
    )

    @ma.validates_schema
    def _few_enough_to_explain(self, data: dict[str, Any], **_: object) -> None:
        if data["explain"] and len(data["lines"]) > MAX_EXPLAINED:
            message = f"At most {MAX_EXPLAINED} lines are explained at once"
            raise ma.ValidationError(message, "lines")

    @ma.post_load
    def _number_lines(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        asks = [Ask(line_no=number, **each) for number, each in enumerate(data.pop("lines"))]
        return data | {"asks": asks}


class ExplainPriceQuery(PriceAskSchema, PriceContextSchema):
    """One price that is to be explained."""

    quantity = fields.Integer(load_default=1, validate=_QUANTITY)


class PriceStepSchema(ma.Schema):
    """One derivation: what a list's formula made of which price."""

    price_list_id = PublicId("plist")
    formula_id = PublicId("formula")
    amount_minor_before = fields.Integer()
    amount_minor_after = fields.Integer()
    per_quantity = fields.Integer()


class PriceVerdictSchema(ma.Schema):
    """What became of a list or an entry, and why; a price is what it would have asked."""

    price_list_id = PublicId("plist")
    reason = fields.String(validate=validate.OneOf(list(REASONS)))
    meaning = fields.String()
    from_quantity = fields.Integer(allow_none=True)
    valid_from = fields.AwareDateTime(allow_none=True)
    valid_to = fields.AwareDateTime(allow_none=True)
    amount_minor = fields.Integer(allow_none=True)
    per_quantity = fields.Integer(allow_none=True)


class PriceAnswerSchema(ma.Schema):
    """The price that holds, or none; ``goods_minor`` is that of the quantity, rounded once.

    The entry that it comes from stands on the source list; where that is another list, the price
    was derived.
    """

    line_no = fields.Integer()
    owner_id = PublicId("org")
    variant_id = PublicId("var")
    purpose = fields.String()
    quantity = fields.Integer()
    price_list_id = PublicId("plist", allow_none=True)
    source_list_id = PublicId("plist", allow_none=True)
    from_quantity = fields.Integer(allow_none=True)
    valid_from = fields.AwareDateTime(allow_none=True)
    amount_minor = fields.Integer(allow_none=True)
    per_quantity = fields.Integer(allow_none=True)
    goods_minor = fields.Integer(allow_none=True)
    currency = fields.String()
    at = fields.AwareDateTime()
    why = fields.List(fields.Nested(PriceVerdictSchema))
    steps = fields.List(fields.Nested(PriceStepSchema))


class PriceAnswersSchema(ma.Schema):
    """The answers, in the order of the lines."""

    items = fields.List(fields.Nested(PriceAnswerSchema))
