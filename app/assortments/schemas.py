"""What assortments read and write as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.assortments.rules import MAX_LISTED, MAX_RULES, MAX_VALUES, STATUSES, Lists, RuleDraft
from app.infra.http import Payload, PublicId

_NAME = validate.Length(1, 200)
_VALUES = validate.Length(0, MAX_VALUES)
_MAX_ATTRIBUTES = 20
_MAX_TEXT = 200


def _plain(value: object) -> None:
    if not isinstance(value, str | int | bool) or len(str(value)) > _MAX_TEXT:
        message = "A text of at most 200 characters, a whole number, or true or false"
        raise ma.ValidationError(message)


def _listed() -> fields.List[Any]:
    return fields.List(PublicId("var"), load_default=list, validate=validate.Length(0, MAX_LISTED))


class AssortmentRuleSchema(Payload):
    """Conditions that must all hold, each by any of its values; an empty one holds always."""

    manufacturer_ids = fields.List(PublicId("org"), load_default=list, validate=_VALUES)
    category_ids = fields.List(
        PublicId("cat"),
        load_default=list,
        validate=_VALUES,
        metadata={"description": "With all below them"},
    )
    brands = fields.List(
        fields.String(validate=validate.Length(1, 100)), load_default=list, validate=_VALUES
    )
    attributes = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 64)),
        values=fields.List(fields.Raw(validate=_plain), validate=validate.Length(1, MAX_VALUES)),
        load_default=dict,
        validate=validate.Length(max=_MAX_ATTRIBUTES),
    )
    statuses = fields.List(
        fields.String(validate=validate.OneOf(STATUSES)),
        load_default=list,
        validate=validate.Length(0, len(STATUSES)),
    )

    @ma.post_load
    def _draft(self, data: dict[str, Any], **_: Any) -> RuleDraft:  # noqa: ANN401
        return RuleDraft(**data)


def _rules(**options: Any) -> fields.List[Any]:  # noqa: ANN401 - marshmallow options
    return fields.List(
        fields.Nested(AssortmentRuleSchema),
        validate=validate.Length(0, MAX_RULES),
        metadata={"description": "Alternatives: one that holds is enough"},
        **options,
    )


class AssortmentSelectionSchema(Payload):
    """What to select: by rules, and by name."""

    rules = _rules(load_default=list)
    include_ids = _listed()
    exclude_ids = _listed()


class NewAssortmentSchema(AssortmentSelectionSchema):
    """A new assortment."""

    name = fields.String(required=True, validate=_NAME)
    description = fields.String(load_default="", validate=validate.Length(max=2000))


class AssortmentChangesSchema(Payload):
    """What shall change; rules are given whole."""

    name = fields.String(validate=_NAME)
    description = fields.String(validate=validate.Length(max=2000))
    rules = _rules()


class AssortmentItemChangesSchema(Payload):
    """Variants to include, to exclude, and to name no more."""

    include_ids = _listed()
    exclude_ids = _listed()
    remove_ids = _listed()

    @ma.post_load
    def _lists(self, data: dict[str, Any], **_: Any) -> Lists:  # noqa: ANN401
        return Lists(**data)


class AssortmentSchema(Payload):
    """An assortment: who is in is decided anew whenever it is asked."""

    id = PublicId("asmt")
    owner_id = PublicId("org")
    name = fields.String()
    description = fields.String()
    rules = fields.List(fields.Nested(AssortmentRuleSchema))
    included = fields.Integer(metadata={"description": "Variants included by name"})
    excluded = fields.Integer(metadata={"description": "Variants excluded by name"})
    created_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()
    version = fields.Integer()


class AssortmentItemSchema(ma.Schema):
    """A variant that is in or out by name."""

    variant_id = PublicId("var")
    included = fields.Boolean()


class SelectedVariantSchema(ma.Schema):
    """A variant that an assortment selects."""

    id = PublicId("var")
    manufacturer_id = PublicId("org")
    category_id = PublicId("cat")
    sku = fields.String()
    name = fields.String()
    status = fields.String()


class AssortmentPreviewSchema(ma.Schema):
    """How many variants are selected, and the first of them."""

    count = fields.Integer()
    sample = fields.List(fields.Nested(SelectedVariantSchema))


class AssortmentCountSchema(ma.Schema):
    """How many variants are selected."""

    count = fields.Integer()
