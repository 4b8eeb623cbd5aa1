"""What suggestions and the decisions about them are as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.catalog.rules.matching import AUTO_AT, BEST, REVIEW_AT
from app.catalog.rules.suggesting import (
    ACTIONS,
    MAX_BATCH,
    MAX_DECISIONS,
    STATES,
    Decision,
    SuggestionDraft,
)
from app.catalog.schemas import values
from app.infra.http import PageQuery, Payload, PublicId

_SKU = validate.Length(1, 100)
_TEXT = validate.Length(max=2000)
_MAX_WEIGHT_G = 100_000_000
_MAX_ATTRIBUTES = 100


class SuggestionChanges(Payload):
    """What a seller says of an article."""

    name = fields.String(validate=values.NAME)
    brand = fields.String(validate=validate.Length(max=100))
    gtin = fields.String(allow_none=True, validate=values.gtin)
    part_number = fields.String(allow_none=True, validate=validate.Length(1, 100))
    manufacturer_id = PublicId("org", allow_none=True)
    category_hint = fields.String(validate=validate.Length(max=200))
    attributes = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 64)),
        values=fields.Raw(validate=values.plain),
        validate=validate.Length(max=_MAX_ATTRIBUTES),
    )
    weight_g = fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(0, _MAX_WEIGHT_G)
    )


class SuggestionFacts(SuggestionChanges):
    """An article that a seller wants to sell."""

    seller_sku = fields.String(required=True, validate=_SKU)
    name = fields.String(required=True, validate=values.NAME)

    @ma.post_load
    def _draft(self, data: dict[str, Any], **_: Any) -> SuggestionDraft:  # noqa: ANN401
        return SuggestionDraft(**data)


class SuggestionBatchFacts(Payload):
    """Many articles at once."""

    items = fields.List(
        fields.Nested(SuggestionFacts), required=True, validate=validate.Length(1, MAX_BATCH)
    )


class MatchPartSchema(ma.Schema):
    """What one thing that was compared adds to the score, or takes from it."""

    name = fields.String()
    points = fields.Integer()
    detail = fields.String()


class MatchCandidateSchema(ma.Schema):
    """A variant that may be meant."""

    variant_id = PublicId("var")
    manufacturer_id = PublicId("org")
    sku = fields.String()
    name = fields.String()
    brand = fields.String()
    gtin = fields.String(allow_none=True)
    score = fields.Integer(metadata={"description": "0 to 100"})
    identified = fields.Boolean(metadata={"description": "By GTIN, or part number with brand"})
    parts = fields.List(fields.Nested(MatchPartSchema))


class SuggestionSchema(SuggestionChanges):
    """A suggestion, what it may be, and what became of it."""

    id = PublicId("sug")
    seller_id = PublicId("org")
    reviewer_id = PublicId("org", allow_none=True)
    seller_sku = fields.String()
    status = fields.String(validate=validate.OneOf(STATES))
    reason = fields.String()
    score = fields.Integer()
    candidates = fields.List(fields.Nested(MatchCandidateSchema))
    variant_id = PublicId("var", allow_none=True)
    created_at = fields.AwareDateTime()
    decided_at = fields.AwareDateTime(allow_none=True)
    decided_by = fields.String(allow_none=True)
    version = fields.Integer()


class SuggestionBatchSchema(ma.Schema):
    """Suggestions in the order in which they were made."""

    items = fields.List(fields.Nested(SuggestionSchema))


class SuggestionQuery(PageQuery):
    """Which suggestions."""

    status = fields.String(load_default=None, validate=validate.OneOf(STATES))


class DecisionFacts(Payload):
    """What a suggestion is."""

    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    variant_id = PublicId("var", metadata={"description": "To match: which variant"})
    category_id = PublicId("cat", metadata={"description": "A new product: where"})
    product_id = PublicId("prod", metadata={"description": "A new variant: of which product"})
    sku = fields.String(validate=values.CODE)
    reason = fields.String(validate=_TEXT)


class OneDecisionFacts(DecisionFacts):
    """What one of many suggestions is."""

    suggestion_id = PublicId("sug", required=True)

    @ma.post_load
    def _decision(self, data: dict[str, Any], **_: Any) -> Decision:  # noqa: ANN401
        return Decision(**data)


class DecisionBatchFacts(Payload):
    """Decisions that are all taken, or none."""

    items = fields.List(
        fields.Nested(OneDecisionFacts), required=True, validate=validate.Length(1, MAX_DECISIONS)
    )


class MatchPolicyFacts(Payload):
    """From which scores suggestions are taken."""

    seller_id = PublicId(
        "org", load_default=None, allow_none=True, metadata={"description": "Null: of all sellers"}
    )
    auto_at = fields.Integer(
        strict=True,
        load_default=AUTO_AT,
        validate=validate.Range(0, BEST + 1),
        metadata={"description": "Matched without a person from here on; 101: never"},
    )
    review_at = fields.Integer(
        strict=True,
        load_default=REVIEW_AT,
        validate=validate.Range(0, BEST),
        metadata={"description": "Below it nothing counts as found"},
    )
    unmatched = fields.String(load_default="review", validate=validate.OneOf(("review", "refuse")))

    @ma.validates_schema
    def _ordered(self, data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401
        if data.get("auto_at", AUTO_AT) < data.get("review_at", REVIEW_AT):
            raise ma.ValidationError({"auto_at": ["Not below review_at"]})


class MatchPolicySchema(MatchPolicyFacts):
    """From which scores suggestions are taken."""

    id = PublicId("mpol")
    changed_at = fields.AwareDateTime()
