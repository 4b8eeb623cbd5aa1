"""Why a network cannot be loaded or replayed."""

from collections.abc import Sequence

from app.demo.ports import Refusal
from app.kernel.errors import Conflict, Rejected


class NetworkRefused(Rejected):
    """Some rows of the network cannot be taken, so none are."""

    code = "demo.network_refused"
    title = "Some rows cannot be taken, so nothing was loaded"

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__()
        self.refusals = refusals


class NetworkCollides(Conflict):
    """A code of the files already names something else here."""

    code = "demo.network_collides"
    title = "The database already knows some of these codes for something else"
