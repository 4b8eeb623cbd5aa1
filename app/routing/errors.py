"""Refusals of routing."""

from app.kernel.errors import Conflict, NotFound, Rejected


class NothingCanBeServed(Conflict):
    """No seller can deliver any of the wanted units; ``lines`` says why for each."""

    code = "routing.nothing_can_be_served"
    title = "None of this can be delivered there now"


class NoRoutingPolicy(Conflict):
    """Neither the storefront nor the network has a routing policy in force."""

    code = "routing.no_policy"
    title = "No routing policy is in force for this storefront"


class UnknownVariant(Rejected):
    """A wanted variant does not exist or is not in this catalog."""

    code = "routing.unknown_variant"
    title = "There is no such variant"


class DecisionNotFound(NotFound):
    """The order has no routing decision, or the caller may not see it."""

    code = "routing.decision_not_found"
