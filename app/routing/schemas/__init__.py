"""What routing reads and writes as JSON."""

from app.routing.schemas.decisions import DecisionSchema, DecisionsSchema
from app.routing.schemas.explaining import ExplanationQuery, ExplanationSchema
from app.routing.schemas.policies import (
    ActivationSchema,
    DocumentSchema,
    EditedPolicySchema,
    NewPolicySchema,
    PolicyPreviewSchema,
    PolicyQuery,
    PolicySchema,
    PreviewSchema,
)
from app.routing.schemas.sellers import (
    AbilitiesSchema,
    CapacitySchema,
    ClosureSchema,
    FreightTableSchema,
    NewClosureSchema,
)

__all__ = [
    "AbilitiesSchema",
    "ActivationSchema",
    "CapacitySchema",
    "ClosureSchema",
    "DecisionSchema",
    "DecisionsSchema",
    "DocumentSchema",
    "EditedPolicySchema",
    "ExplanationQuery",
    "ExplanationSchema",
    "FreightTableSchema",
    "NewClosureSchema",
    "NewPolicySchema",
    "PolicyPreviewSchema",
    "PolicyQuery",
    "PolicySchema",
    "PreviewSchema",
]
