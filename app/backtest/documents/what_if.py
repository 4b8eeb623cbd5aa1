"""An order under what is supposed beside the order as it is: in all, by term, line by line."""

import uuid
from collections.abc import Mapping
from typing import Any

from app.backtest.operations import Decided, WhatIf
from app.infra.db import DbSession
from app.routing import queries as routing_queries
from app.routing.rules import TERMS, RoutingRequest

_COMPARED = (
    "units_served", "goods_minor", "freight_minor", "weights_minor", "objective_minor",
    "consignments", "sellers", "unit_days", "longest_days",
)  # fmt: skip
TERM_WORDS = {
    "goods": "Goods", "freight": "Freight", "split": "Splits", "lead_time": "Lead time",
    "priority": "Priority", "rating": "Rating", "margin": "Margin forgone",
    "load_balance": "Load balance", "distance": "Distance", "carbon": "Carbon",
}  # fmt: skip
Names = Mapping[uuid.UUID, str]


def what_if_document(session: DbSession, found: WhatIf) -> dict[str, Any]:
    """Both decisions, and the difference of each figure and term."""
    both = (found.now, found.supposed)
    parties = {
        each for side in both for place in side.consignments
        for each in (place.seller_id, place.location_id)
    }  # fmt: skip
    names = routing_queries.names_of(session, sorted(parties))
    now, supposed = (_decided(each, found.request, names) for each in both)
    return {
        "currency": found.currency,
        "now": now,
        "supposed": supposed,
        "difference": {name: _size(supposed[name]) - _size(now[name]) for name in _COMPARED},
        "terms": [
            {
                "term": term,
                "now_minor": found.now.terms[term],
                "supposed_minor": found.supposed.terms[term],
                "difference_minor": found.supposed.terms[term] - found.now.terms[term],
            }
            for term in TERMS
        ],
    }


def _size(figure: Any) -> int:  # noqa: ANN401 - a number, or rows to be counted
    return figure if isinstance(figure, int) else len(figure)


def _decided(found: Decided, request: RoutingRequest, names: Names) -> dict[str, Any]:
    outcome = found.outcome
    return {
        "policy_number": found.policy.number,
        "method": found.method,
        "units_requested": outcome.requested,
        "units_served": outcome.served,
        "goods_minor": outcome.goods_minor,
        "freight_minor": outcome.freight_minor,
        "weights_minor": outcome.objective_minor - outcome.cost_minor,
        "objective_minor": outcome.objective_minor,
        "consignments": outcome.consignments,
        "unit_days": outcome.unit_days,
        "longest_days": found.longest_days,
        "is_optimal": outcome.is_optimal,
        "sellers": [
            {"seller_id": seller, "name": names[seller], "units": units, "money_minor": money}
            for seller, (units, money) in outcome.sellers.items()
        ],
        "parcels": [
            {
                "seller_id": each.seller_id,
                "seller_name": names[each.seller_id],
                "location_id": each.location_id,
                "location_name": names[each.location_id],
                "weight_g": each.weight_g,
                "distance_km": each.distance_km,
                "freight_minor": each.freight_minor,
            }
            for each in found.consignments
        ],
        "lines": _lines(found, request, names),
    }


def _lines(found: Decided, request: RoutingRequest, names: Names) -> list[dict[str, Any]]:
    parts: list[list[dict[str, Any]]] = [[] for _ in request.lines]
    for item in found.assignments:
        taken = item.candidate
        parts[item.line_no].append(
            {
                "seller_id": taken.seller_id,
                "seller_name": names[taken.seller_id],
                "location_id": taken.location_id,
                "location_name": names[taken.location_id],
                "variant_id": taken.variant_id,
                "quantity": item.quantity,
                "goods_minor": item.seller_goods_minor,
                "days_to_ship": taken.days_to_ship,
                "ships_on": taken.ships_on,
                "is_later": taken.is_later,
            }
        )
    return [
        {
            "line": number,
            "variant_id": line.variant_id,
            "quantity": line.quantity,
            "served": sum(part["quantity"] for part in parts[number - 1]),
            "parts": parts[number - 1],
        }
        for number, line in enumerate(request.lines, start=1)
    ]
