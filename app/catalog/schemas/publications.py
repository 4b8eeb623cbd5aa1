"""Collected changes, what they mean for whom, and publications as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.catalog.rules import inside_id, outside_id
from app.infra.http import PageQuery, Payload, PublicId
from app.kernel.ids import EXAMPLE


class SubjectId(fields.Field[Any]):
    """The public id of an attribute, category, product or variant, whichever it is."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:  # noqa: ANN401, ARG002
        try:
            return inside_id(value if isinstance(value, str) else "")
        except ValueError as error:
            message = "Not an id of an attribute, category, product or variant"
            raise ma.ValidationError(message) from error


class FieldChangeSchema(Payload):
    """A field's old and new value."""

    field = fields.String()
    old = fields.Raw(allow_none=True)
    new = fields.Raw(allow_none=True)


class ProblemOfChangeSchema(Payload):
    """What is wrong with a change, and where; an ``error`` keeps it from being published."""

    code = fields.String()
    pointer = fields.String()
    message = fields.String()
    severity = fields.String()


class ChangeSchema(Payload):
    """What becomes of one thing."""

    id = fields.Function(
        lambda change: outside_id(change.subject, change.id),
        metadata={"type": "string", "example": outside_id("variant", EXAMPLE)},
    )
    subject = fields.String(metadata={"example": "variant"})
    label = fields.String(metadata={"description": "Its SKU or code"})
    name = fields.String()
    change = fields.String(
        metadata={"description": "added, changed, phased_out, withdrawn or reinstated"}
    )
    fields_ = fields.List(fields.Nested(FieldChangeSchema), data_key="fields", attribute="fields")
    problems = fields.List(fields.Nested(ProblemOfChangeSchema))


class DiscardQuery(ma.Schema):
    """What to discard; without an id everything."""

    class Meta:
        unknown = ma.EXCLUDE

    id = SubjectId(load_default=None, metadata={"type": "string"})


class DiscardedSchema(Payload):
    """How many things have no collected change any more."""

    discarded = fields.Integer()


class AffectedSellerSchema(Payload):
    """A seller whose offers change."""

    seller_id = PublicId("org", attribute="id")
    name = fields.String()
    offers = fields.Integer()
    kinds = fields.Dict(keys=fields.String(), values=fields.Integer())


class AffectedStorefrontSchema(Payload):
    """A storefront in which such sellers sell."""

    storefront_id = PublicId("shop", attribute="id")
    name = fields.String()
    sellers = fields.Integer()
    offers = fields.Integer()
    kinds = fields.Dict(keys=fields.String(), values=fields.Integer())


class ImpactSchema(Payload):
    """For whom the collected changes change what, the most affected first."""

    sellers = fields.List(fields.Nested(AffectedSellerSchema))
    storefronts = fields.List(fields.Nested(AffectedStorefrontSchema))
    sellers_total = fields.Integer()
    storefronts_total = fields.Integer()


class PublicationFacts(Payload):
    """What is said of a publication."""

    note = fields.String(load_default="", validate=validate.Length(max=500))


class PublicationSchema(PublicationFacts):
    """A version of a manufacturer's catalog; number 0 is what was there before the first."""

    id = PublicId("pub")
    manufacturer_id = PublicId("org")
    number = fields.Integer()
    restores_number = fields.Integer(allow_none=True)
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Integer()),
        metadata={"example": {"variant": {"added": 12, "changed": 3}}},
    )
    published_at = fields.AwareDateTime()


class PublicationQuery(PageQuery):
    """Whose publications."""

    manufacturer_id = PublicId("org", load_default=None)
