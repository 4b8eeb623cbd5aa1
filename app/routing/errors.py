"""Refusals of routing."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

from app.kernel.errors import Conflict, Malformed, NotFound, Rejected


class NothingCanBeServed(Conflict):
    """No seller can deliver any of the wanted units; ``lines`` says why for each."""

    code = "routing.nothing_can_be_served"
    title = "None of this can be delivered there now"


class NoRoutingPolicy(Conflict):
    """Neither the storefront nor the network has a routing policy in force."""

    code = "routing.no_policy"
    title = "No routing policy is in force for this storefront"


class CapacityTaken(Conflict):
    """Others took what a seller takes in a day; ``loads`` is what was counted, by seller."""

    code = "routing.capacity_taken"
    title = "The seller takes no more of this today"

    def __init__(self, loads: Mapping[uuid.UUID, Any]) -> None:
        super().__init__()
        self.loads = loads


class UnknownVariant(Rejected):
    """A wanted variant does not exist or is not in this catalog."""

    code = "routing.unknown_variant"
    title = "There is no such variant"


class DecisionNotFound(NotFound):
    """The order has no routing decision, or the caller may not see it."""

    code = "routing.decision_not_found"


class PolicyNotFound(NotFound):
    """There is no such policy, or it is not the caller's to know of."""

    code = "routing.policy_not_found"


class FreightTableInvalid(Malformed):
    """Rows that make no table: nobody could say what a parcel costs."""

    code = "routing.freight_table_invalid"
    title = "This is no freight table"


class PolicyInvalid(Malformed):
    """The document reads well and makes no sense; ``errors`` says where."""

    code = "routing.policy_invalid"
    title = "This policy cannot decide"

    @classmethod
    def of(cls, faults: Sequence[Mapping[str, str]]) -> Self:
        """The refusal of a document with these faults, told by the first."""
        return cls(f"{faults[0]['pointer']}: {faults[0]['message']}", errors=list(faults))


@contextmanager
def document_at(place: str) -> Iterator[None]:
    """Point at faults of a policy's document within the request that brought it."""
    try:
        yield
    except PolicyInvalid as refusal:
        raise PolicyInvalid.of(
            [
                {**fault, "in": "json", "pointer": place + fault["pointer"]}
                for fault in refusal.details["errors"]
            ]
        ) from None


class PolicyNotDraft(Conflict):
    """What has been activated is never edited: draft a new version."""

    code = "routing.policy_not_draft"
    title = "This version was activated: draft a new one"


class PolicyNeverActive(Conflict):
    """Only what has been activated can be gone back to, or retired."""

    code = "routing.policy_never_active"
    title = "This version was never activated"


class PolicyContended(Conflict):
    """Somebody else drafted a version of the same scope at the same time."""

    code = "routing.policy_contended"
    title = "Somebody else was faster: repeat the request"


class NetworkNeedsPolicy(Conflict):
    """Orders to which no other policy applies need the network's."""

    code = "routing.network_needs_policy"
    title = "The network's policy can be replaced, not retired"


class ScopeUnknown(Rejected):
    """The storefront, manufacturer, category or buyer of a scope does not exist."""

    code = "routing.scope_unknown"
    title = "There is nothing of that kind to make a policy for"


class ClosureNotFound(NotFound):
    """The seller has no such blackout."""

    code = "routing.closure_not_found"
