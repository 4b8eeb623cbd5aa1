"""Policies as JSON: the document, its versions, and what a draft would have made of orders."""

import uuid
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import PageQuery, Payload, PublicId
from app.kernel.ids import public_id
from app.routing.rules.policies import (
    AIMS,
    BACKORDERS,
    KITS,
    LAST_RESORTS,
    MODES,
    PAYERS,
    SCOPES,
    SUBSTITUTES,
    PolicyLimits,
)

_MUCH = 1_000_000_000


def _minor(description: str) -> fields.Integer:
    """An amount of money that something costs the plan."""
    return fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(0, _MUCH),
        metadata={"description": description},
    )


def _percent(default: int, description: str) -> fields.Integer:
    return fields.Integer(
        load_default=default,
        strict=True,
        validate=validate.Range(0, 1000),
        metadata={"description": description},
    )


def _at_most(highest: int, description: str) -> fields.Integer:
    """A limit; null means none."""
    return fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, highest),
        metadata={"description": description},
    )


class SwitchSchema(Payload):
    """A hard rule, on or off."""

    on = fields.Boolean(required=True)


class HazardousRuleSchema(SwitchSchema):
    """Hazardous goods leave only from locations that handle them."""

    attribute = fields.String(
        load_default="hazardous",
        validate=validate.Length(1, 64),
        metadata={"description": "Boolean attribute that marks such goods"},
    )


class OversizeRuleSchema(SwitchSchema):
    """Oversize goods leave only from locations that handle them."""

    longest_mm = fields.Integer(load_default=1200, strict=True, validate=validate.Range(1, _MUCH))
    weight_g = fields.Integer(load_default=30_000, strict=True, validate=validate.Range(1, _MUCH))


def _switch(description: str) -> fields.Nested:
    return fields.Nested(SwitchSchema, metadata={"description": description})


class PolicyRulesSchema(Payload):
    """The hard rules that a policy switches, by their codes; laws are in no policy's reach."""

    below_minimum_order = _switch("Keep sellers' minimum order values (on)")
    over_capacity = _switch("Keep what sellers take in a day (off)")
    seller_closed = _switch("Keep sellers' blackout dates (off)")
    beyond_credit = _switch("Keep the buyer's credit with agency sellers (off)")
    breaks_pack = _switch("Each part of a line is whole packs of its offer (off)")
    substitute_dearer = _switch("A substitute costs the buyer no more than the wanted (on)")
    hazardous_unfit = fields.Nested(HazardousRuleSchema)
    oversize_unfit = fields.Nested(OversizeRuleSchema)


class SharesField(fields.Dict):
    """Ten-thousandths by seller: outside ids in JSON, UUIDs as text inside."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow options
        super().__init__(
            keys=PublicId("org"),
            values=fields.Integer(strict=True, validate=validate.Range(0, 10_000)),
            **options,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:  # noqa: ANN401
        shares: dict[uuid.UUID, int] = super()._deserialize(  # type: ignore[no-untyped-call]
            value, attr, data, **options
        )
        return {str(key): share for key, share in shares.items()}


class LoadBalanceSchema(Payload):
    """What more of a seller costs that had more than its share."""

    minor = _minor("Cost of each unit (or order) given to a seller above its share")
    counted = fields.String(load_default="units", validate=validate.OneOf(("units", "orders")))
    days = fields.Integer(load_default=7, strict=True, validate=validate.Range(1, 92))
    shares_bps = SharesField(
        load_default=dict,
        metadata={"description": "Quotas in ten-thousandths by seller; the others share the rest"},
    )


class CarbonSchema(Payload):
    """What emissions cost."""

    g_per_tonne_km = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, 100_000),
        metadata={"description": "Grams of CO2e that carrying a tonne a kilometre emits"},
    )
    minor_per_kg = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, _MUCH),
        metadata={"description": "What a kilogram of CO2e costs"},
    )


class PolicyTermsSchema(Payload):
    """What counts how much, in minor units of the order's currency."""

    goods_percent = _percent(100, "Hundredths of what sellers charge for goods")
    freight_percent = _percent(100, "Hundredths of freight")
    split_minor = _minor("Each consignment, beyond its freight")
    lead_time_minor_per_day = _minor("Each day of lead time, a unit")
    priority_minor = _minor("Each step of lower agreement priority, a seller order")
    rating_minor_per_star = _minor("Each star below five, a consignment")
    margin_percent = _percent(
        0, "Hundredths of what the storefront forgoes against the line's best margin"
    )
    distance_minor_per_km = _minor("Each kilometre, a consignment")
    load_balance = fields.Nested(LoadBalanceSchema, load_default=None, allow_none=True)
    carbon = fields.Nested(CarbonSchema, load_default=None, allow_none=True)


class PolicyLimitsSchema(Payload):
    """How hard to try, how often, and how many may take part."""

    work_ms = fields.Integer(
        load_default=PolicyLimits().work_ms,
        strict=True,
        validate=validate.Range(1, 60_000),
        metadata={
            "description": "Work spent on one decision at most, in milliseconds or so: more of it"
            " proves more plans to be the cheapest"
        },
    )
    attempts = _at_most(100, "How often an order is routed; null: as the storefront says")
    answer_hours = _at_most(8760, "How long a seller may answer; null: as the storefront says")
    most_sellers = _at_most(1000, "No plan uses more sellers")
    most_deliveries = _at_most(1000, "No plan makes more deliveries")


class DocumentSchema(Payload):
    """What a policy says; all that it leaves out is as by default."""

    rules = fields.Nested(PolicyRulesSchema, load_default=dict)
    terms = fields.Nested(PolicyTermsSchema, load_default=dict)
    mode = fields.String(load_default="weighted", validate=validate.OneOf(MODES))
    levels = fields.List(
        fields.String(validate=validate.OneOf(AIMS)),
        load_default=list,
        validate=validate.Length(max=len(AIMS)),
        metadata={"description": "What counts before the cost, the first most (lexicographic)"},
    )
    strategy = fields.String(load_default="optimal", validate=validate.Length(1, 64))
    limits = fields.Nested(PolicyLimitsSchema, load_default=dict)
    substitutes = fields.String(
        load_default="successors",
        validate=validate.OneOf(SUBSTITUTES),
        metadata={"description": "What may stand for a line that allows it"},
    )
    kits = fields.String(load_default="together", validate=validate.OneOf(KITS))
    backorders = fields.String(
        load_default="when_short",
        validate=validate.OneOf(BACKORDERS),
        metadata={"description": "Whether goods count that are not in stock yet"},
    )
    price_difference = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(PAYERS),
        metadata={
            "description": "Who pays when another seller costs more; null: as the storefront says"
        },
    )
    last_resort = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(LAST_RESORTS),
        metadata={"description": "When nobody is left; null: as the storefront says"},
    )
    reoptimize = fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "Better plans later; null: as the storefront says"},
    )


class _ScopeSchema(Payload):
    """What a policy is for: at most one of these; none is the network."""

    storefront_id = PublicId("shop", load_default=None, allow_none=True)
    manufacturer_id = PublicId("org", load_default=None, allow_none=True)
    category_id = PublicId("cat", load_default=None, allow_none=True)
    buyer_id = PublicId("org", load_default=None, allow_none=True)

    @ma.validates_schema
    def one_scope(self, data: dict[str, Any], **_: object) -> None:
        """More than one would leave open which is the more specific."""
        named = [name for name in ("storefront_id", "manufacturer_id", "category_id", "buyer_id")
                 if data.get(name)]  # fmt: skip
        if len(named) > 1:
            raise ma.ValidationError("A policy is for one of these", named[1])


class NewPolicySchema(_ScopeSchema):
    """A new version of a scope's policy, as a draft."""

    document = fields.Nested(DocumentSchema, required=True)
    note = fields.String(load_default="", validate=validate.Length(max=500))


class EditedPolicySchema(Payload):
    """A draft's new document."""

    document = fields.Nested(DocumentSchema, required=True)
    note = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))


class ActivationSchema(Payload):
    """When it shall be so; without an instant, now."""

    at = fields.AwareDateTime(load_default=None, allow_none=True)


class PreviewSchema(NewPolicySchema):
    """What to look at: a document for a scope, on its last orders."""

    orders = fields.Integer(load_default=20, strict=True, validate=validate.Range(1, 100))


class PolicyQuery(PageQuery):
    """A page of policies, of one scope or of all."""

    storefront_id = PublicId("shop", load_default=None)
    manufacturer_id = PublicId("org", load_default=None)
    category_id = PublicId("cat", load_default=None)
    buyer_id = PublicId("org", load_default=None)


class PolicySchema(ma.Schema):
    """A version of a policy."""

    id = PublicId("policy")
    scope = fields.String(validate=validate.OneOf(SCOPES))
    storefront_id = PublicId("shop", allow_none=True)
    manufacturer_id = PublicId("org", allow_none=True)
    category_id = PublicId("cat", allow_none=True)
    buyer_id = PublicId("org", allow_none=True)
    number = fields.Integer()
    status = fields.String(
        metadata={"description": "draft, scheduled, active or retired, at the instant of reading"}
    )
    valid_from = fields.AwareDateTime(allow_none=True)
    valid_to = fields.AwareDateTime(allow_none=True)
    restores_number = fields.Integer(allow_none=True)
    note = fields.String()
    document = fields.Function(lambda body: shown_document(body["document"]))
    created_at = fields.AwareDateTime()
    version = fields.Integer()


def shown_document(document: dict[str, Any]) -> dict[str, Any]:
    """A kept document as it is shown: with outside ids."""
    balance = document["terms"]["load_balance"]
    if not balance or not balance["shares_bps"]:
        return document
    shares = {
        public_id("org", uuid.UUID(key)): share for key, share in balance["shares_bps"].items()
    }
    terms = document["terms"] | {"load_balance": balance | {"shares_bps": shares}}
    return document | {"terms": terms}
