"""What routing reads: the context of a request, its candidates, policies, past decisions."""

from app.routing.queries.candidates import list_offers
from app.routing.queries.context import get_context, list_waitable
from app.routing.queries.decisions import get_decisions, list_decisions, names_of
from app.routing.queries.extras import count_taken, list_extras
from app.routing.queries.hops import list_hop_prices
from app.routing.queries.later import with_later
from app.routing.queries.policies import (
    get_policy,
    list_policies,
    names_of_subjects,
    owner_of_scope,
    policy_of_order,
    require_policy_owner,
    unknown_organizations,
)
from app.routing.queries.recent import RecentOrder, list_recent_orders
from app.routing.queries.sellers import get_abilities, get_capacity, list_closures
from app.routing.queries.standing import list_standing, with_returned
from app.routing.queries.why import HeldFacts, OrderFacts, get_held_facts, get_order_facts

__all__ = [
    "HeldFacts",
    "OrderFacts",
    "RecentOrder",
    "count_taken",
    "get_abilities",
    "get_capacity",
    "get_context",
    "get_decisions",
    "get_held_facts",
    "get_order_facts",
    "get_policy",
    "list_closures",
    "list_decisions",
    "list_extras",
    "list_hop_prices",
    "list_offers",
    "list_policies",
    "list_recent_orders",
    "list_standing",
    "list_waitable",
    "names_of",
    "names_of_subjects",
    "owner_of_scope",
    "policy_of_order",
    "require_policy_owner",
    "unknown_organizations",
    "with_later",
    "with_returned",
]
