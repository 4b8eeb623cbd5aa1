"""The seam for whoever moves money on our behalf, such as a card acquirer.

Every command carries an id of ours, minted and stored before the first attempt: a repetition with
the same id is the same command. Failures are Temporary (send again), Permanent (give up) or
Unknown (look it up; see :mod:`app.payments.errors`).
"""

import uuid
from dataclasses import dataclass
from typing import Protocol

from app.kernel.money import Money


@dataclass(frozen=True, slots=True)
class GatewayResult:
    """What the gateway did: its own id and the amount that it acted on."""

    external_id: str
    amount: Money


class PaymentGateway(Protocol):
    """Holds, takes and gives back a buyer's money."""

    def authorize(
        self, *, command_id: uuid.UUID, order_id: uuid.UUID, amount: Money, token: str
    ) -> GatewayResult:
        """Hold an amount of the buyer's means of payment, named by its token."""
        ...

    def capture(
        self, *, command_id: uuid.UUID, authorization_id: str, amount: Money
    ) -> GatewayResult:
        """Take a part or all of what is held."""
        ...

    def void(self, *, command_id: uuid.UUID, authorization_id: str) -> GatewayResult:
        """Let go of what is held."""
        ...

    def refund(self, *, command_id: uuid.UUID, capture_id: str, amount: Money) -> GatewayResult:
        """Give a part or all of what was taken back."""
        ...

    def find(self, *, command_id: uuid.UUID) -> GatewayResult | None:
        """What became of a command whose outcome is unknown."""
        ...
