"""What pricing reads and writes as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import PageQuery, Payload, PublicId
from app.kernel.quantity import MAX_QUANTITY
from app.pricing.operations import MAX_ENTRIES, EntryDraft
from app.pricing.queries import Ask
from app.pricing.rules import PURPOSES

MAX_LINES = 500
MAX_EXPLAINED = 50
_MAX_MINOR = 10**15
_NAME = validate.Length(1, 200)
_CURRENCY = validate.Regexp(r"^[A-Z]{3}$", error="ISO 4217, such as EUR")
_QUANTITY = validate.Range(1, MAX_QUANTITY)
_MINOR = validate.Range(0, _MAX_MINOR)


class PriceListChanges(Payload):
    """What may be changed of a price list."""

    name = fields.String(validate=_NAME)
    valid_from = fields.AwareDateTime()
    valid_to = fields.AwareDateTime(allow_none=True)


class PriceListFacts(PriceListChanges):
    """What an owner says of a new price list."""

    name = fields.String(required=True, validate=_NAME)
    currency = fields.String(required=True, validate=_CURRENCY)
    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES))
    valid_from = fields.AwareDateTime(required=True)


class PriceListSchema(PriceListChanges):
    """A price list."""

    id = PublicId("plist")
    owner_id = PublicId("org")
    currency = fields.String()
    purpose = fields.String()
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
    """An entry of a price list."""

    id = PublicId("entry")
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
    """To whom a list applies: one of buyer, customer group, storefront; none means everybody."""

    storefront_id = PublicId("shop", load_default=None, allow_none=True)
    customer_group = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(1, 100)
    )
    buyer_id = PublicId("org", load_default=None, allow_none=True)
    priority = fields.Integer(strict=True, load_default=0, validate=validate.Range(-1000, 1000))
    stops = fields.Boolean(load_default=False, truthy={True}, falsy={False})

    @ma.validates_schema
    def _one_scope(self, data: dict[str, Any], **_: object) -> None:
        scopes = ("storefront_id", "customer_group", "buyer_id")
        if sum(data.get(name) is not None for name in scopes) > 1:
            message = "Name one of storefront_id, customer_group and buyer_id, or none"
            raise ma.ValidationError(message)


class PriceAssignmentSchema(ma.Schema):
    """To whom a list applies."""

    id = PublicId("passign")
    price_list_id = PublicId("plist")
    storefront_id = PublicId("shop", allow_none=True)
    customer_group = fields.String(allow_none=True)
    buyer_id = PublicId("org", allow_none=True)
    priority = fields.Integer()
    stops = fields.Boolean()


class PriceAskSchema(Payload):
    """One price that is wanted."""

    owner_id = PublicId("org", required=True)
    variant_id = PublicId("var", required=True)
    quantity = fields.Integer(strict=True, required=True, validate=_QUANTITY)
    purpose = fields.String(load_default="sale", validate=validate.OneOf(PURPOSES))
    price_list_id = PublicId("plist", load_default=None, allow_none=True)


class ResolvePricesSchema(Payload):
    """Prices that are wanted, by whom and where."""

    currency = fields.String(required=True, validate=_CURRENCY)
    storefront_id = PublicId("shop", load_default=None, allow_none=True)
    buyer_id = PublicId("org", load_default=None, allow_none=True)
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


class PriceVerdictSchema(ma.Schema):
    """What became of a list or an entry, and why."""

    price_list_id = PublicId("plist")
    entry_id = PublicId("entry", allow_none=True)
    reason = fields.String()


class PriceAnswerSchema(ma.Schema):
    """The price that holds, or none; ``goods_minor`` is that of the quantity, rounded once."""

    line_no = fields.Integer()
    owner_id = PublicId("org")
    variant_id = PublicId("var")
    purpose = fields.String()
    quantity = fields.Integer()
    entry_id = PublicId("entry", allow_none=True)
    price_list_id = PublicId("plist", allow_none=True)
    amount_minor = fields.Integer(allow_none=True)
    per_quantity = fields.Integer(allow_none=True)
    goods_minor = fields.Integer(allow_none=True)
    currency = fields.String()
    why = fields.List(fields.Nested(PriceVerdictSchema))


class PriceAnswersSchema(ma.Schema):
    """The answers, in the order of the lines."""

    items = fields.List(fields.Nested(PriceAnswerSchema))
