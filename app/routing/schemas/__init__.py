"""What routing reads and writes as JSON."""

from app.routing.schemas.decisions import DecisionSchema, DecisionsSchema
from app.routing.schemas.explaining import ExplanationQuery, ExplanationSchema
from app.routing.schemas.policies import (
    ActivationSchema,
    DocumentSchema,
    EditedPolicySchema,
    NewPolicySchema,
    PolicyQuery,
    PolicySchema,
    PreviewSchema,
)
from app.routing.schemas.previews import PolicyPreviewSchema
from app.routing.schemas.sellers import (
    AbilitiesSchema,
    CapacitySchema,
    FreightTableSchema,
    NewSellerClosureSchema,
    SellerClosureSchema,
)

__all__ = [
    "AbilitiesSchema",
    "ActivationSchema",
    "CapacitySchema",
    "DecisionSchema",
    "DecisionsSchema",
    "DocumentSchema",
    "EditedPolicySchema",
    "ExplanationQuery",
    "ExplanationSchema",
    "FreightTableSchema",
    "NewPolicySchema",
    "NewSellerClosureSchema",
    "PolicyPreviewSchema",
    "PolicyQuery",
    "PolicySchema",
    "PreviewSchema",
    "SellerClosureSchema",
]
