"""What routing can be told: decide, keep a decision; policies and their lives; freight."""

from app.routing.operations.batching import Held, OpenRequest, Together, decide_together
from app.routing.operations.capacity import is_limited, lock_capacities, within_capacity
from app.routing.operations.deciding import (
    Gathered,
    decide,
    extras_of,
    gather,
    settle,
    settle_with,
    solve,
    strategy_named,
    strategy_names,
)
from app.routing.operations.freight import put_freight_table
from app.routing.operations.policies import (
    activate_policy,
    check_document,
    create_policy,
    delete_policy,
    draft_policy,
    edit_policy,
    retire_policy,
    roll_back_policy,
)
from app.routing.operations.previewing import preview_policy
from app.routing.operations.recording import (
    candidates_document,
    plan_document,
    record_decision,
)
from app.routing.operations.sellers import (
    add_closure,
    put_abilities,
    put_capacity,
    remove_closure,
)
from app.routing.rules.policies import PolicyScope

__all__ = [
    "Gathered",
    "Held",
    "OpenRequest",
    "PolicyScope",
    "Together",
    "activate_policy",
    "add_closure",
    "candidates_document",
    "check_document",
    "create_policy",
    "decide",
    "decide_together",
    "delete_policy",
    "draft_policy",
    "edit_policy",
    "extras_of",
    "gather",
    "is_limited",
    "lock_capacities",
    "plan_document",
    "preview_policy",
    "put_abilities",
    "put_capacity",
    "put_freight_table",
    "record_decision",
    "remove_closure",
    "retire_policy",
    "roll_back_policy",
    "settle",
    "settle_with",
    "solve",
    "strategy_named",
    "strategy_names",
    "within_capacity",
]
