"""Whether goods that are still to come may and must help, and which of the plans it is; pure.

Laws: stock comes first, so what is to come serves only units that the best plan from stock leaves,
unless the policy lets both compete by its terms; who wishes for no back-orders gets none. Where
wishes bind units together (all or nothing, one delivery, kits), a plan from what comes may take the
place of stock, but only to serve more units.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.routing.rules.facts import Context, Decision, Offer, RoutingRequest
from app.routing.rules.policies import Policy


def lets_wait(policy: Policy) -> bool:
    """Whether a policy lets anything be promised that is not in stock."""
    return policy.backorders != "never"


def may_wait(offers: Iterable[Offer], request: RoutingRequest, context: Context) -> bool:
    """Whether anything could be promised that is not in stock."""
    if request.no_backorders or not lets_wait(context.policy):
        return False
    return any(offer.is_backorderable for offer in offers)


def may_help(decision: Decision) -> bool:
    """Whether a plan from stock leaves units for what is to come."""
    if decision.units_served == decision.units_requested:
        return False
    offers = (judged.offer for judged in decision.judged)
    return may_wait(offers, decision.request, decision.context)


def is_bound(request: RoutingRequest) -> bool:
    """Whether units are served together or not at all."""
    return bool(request.ship_complete or request.one_delivery or request.kits)


def unbound(request: RoutingRequest) -> RoutingRequest:
    """The same without wishes that bind units together."""
    return replace(request, ship_complete=False, one_delivery=False, kits=())


def served_from_stock(decision: Decision) -> dict[int, int]:
    """Units of each line that a plan from stock serves."""
    return {line_no: decision.served_of(line_no) for line_no in range(len(decision.request.lines))}


def best_of(decisions: Sequence[Decision]) -> Decision:
    """The one that serves the most units, most of them from stock; of equals the last.

    It considered the most, so it can tell why what is to come does not help.
    """
    return max(reversed(decisions), key=lambda each: (each.units_served, -_later_units(each)))


def _later_units(decision: Decision) -> int:
    return sum(item.quantity for item in decision.assignments if item.candidate.is_later)
