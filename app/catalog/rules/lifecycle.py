"""The life of what a catalog holds: collected, published, phased out, withdrawn."""

from app.kernel.states import StateTable

DRAFT, ACTIVE, PHASE_OUT, WITHDRAWN = STATUSES = ("draft", "active", "phase_out", "withdrawn")

# What sellers may still sell.
SELLABLE = (ACTIVE, PHASE_OUT)

LIFECYCLE = StateTable(
    subject="catalog item",
    initial=DRAFT,
    moves={
        (DRAFT, "published"): ACTIVE,
        (ACTIVE, "phased out"): PHASE_OUT,
        (PHASE_OUT, "reinstated"): ACTIVE,
        (ACTIVE, "withdrawn"): WITHDRAWN,
        (PHASE_OUT, "withdrawn"): WITHDRAWN,
        (WITHDRAWN, "reinstated"): ACTIVE,
    },
)

_ACTION_TOWARDS = {
    DRAFT: "taken back",
    ACTIVE: "reinstated",
    PHASE_OUT: "phased out",
    WITHDRAWN: "withdrawn",
}


def require_step(status: str, target: str) -> None:
    """Refuse what the table does not allow of a published thing.

    Raises:
        TransitionNotAllowed: no step leads there.
    """
    LIFECYCLE.step(status, _ACTION_TOWARDS[target])
