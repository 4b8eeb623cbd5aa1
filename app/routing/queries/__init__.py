"""What routing reads: the context of a request, its candidates, and decisions of the past."""

from app.routing.queries.candidates import list_offers
from app.routing.queries.context import get_context
from app.routing.queries.decisions import (
    get_decisions,
    list_decisions,
    list_policies,
    names_of,
    require_policy_owner,
)
from app.routing.queries.hops import list_hop_prices
from app.routing.queries.why import HeldFacts, OrderFacts, get_held_facts, get_order_facts

__all__ = [
    "HeldFacts",
    "OrderFacts",
    "get_context",
    "get_decisions",
    "get_held_facts",
    "get_order_facts",
    "list_decisions",
    "list_hop_prices",
    "list_offers",
    "list_policies",
    "names_of",
    "require_policy_owner",
]
