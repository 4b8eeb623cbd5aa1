"""Decisions are kept for ever, with every candidate and the policy as it was."""

import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import insert

from app.infra.db import Base, DbSession
from app.kernel.ids import new_id
from app.routing import keeping
from app.routing.models import RoutingDecision
from app.routing.rules import (
    Assignment,
    Decision,
    Judged,
    Place,
    Policy,
    Posed,
    WantedLine,
    pose,
)
from app.routing.rules.measuring import facts_of
from app.routing.rules.reading import document_of

# Not by insert_rows: on its way through a record set a document would be taken apart.
_NO_STOCK = ("no_stock",)
_BOUNDING = frozenset({"quantity_not_orderable", "below_minimum_order"})
_MOST_LACKING = 200
NO_FACTS: Mapping[int, Any] = MappingProxyType({})
_insert_decision = insert(Base.metadata.tables[RoutingDecision.__tablename__])


def record_decision(
    session: DbSession, *, decision: Decision, order_id: uuid.UUID, attempt: int, trigger: str
) -> uuid.UUID:
    """Keep a decision for ever; returns its id."""
    decision_id = new_id()
    row = {
        "id": decision_id,
        "order_id": order_id,
        "attempt": attempt,
        "trigger": trigger,
        "storefront_id": decision.request.storefront_id,
        "policy_id": decision.context.policy.id,
        "decided_at": decision.decided_at,
        "units_requested": decision.units_requested,
        "units_served": decision.units_served,
        "objective_minor": decision.objective_minor,
        "goods_minor": decision.goods_minor,
        "freight_minor": decision.freight_minor,
        "bound_minor": decision.bound_minor,
        "proof": decision.proof,
        "method": decision.method,
        "duration_us": decision.duration_us,
        "candidates": candidates_document(
            decision.judged, decision.request.lines, facts_of(decision)
        ),
        "plan": plan_document(decision),
        "problem": problem_document(decision),
    }
    session.execute(_insert_decision, row)
    return decision_id


def problem_document(decision: Decision) -> dict[str, Any] | None:
    """The problem that was decided, so that it can be decided anew."""
    posed, limits = decision.posed, decision.limits
    if posed is None or limits is None:
        return None
    document = keeping.document_of(
        posed.problem,
        places=posed.sources,
        limits=limits,
        later=posed.later,
        later_lines=posed.later_lines,
    )
    lacking = _lacking(decision)
    if lacking is not None:
        document["lacking"] = keeping.document_of(
            lacking.problem, places=lacking.sources, limits=limits
        )
    return document


def _lacking(decision: Decision) -> Posed | None:
    """Offers that lack nothing but stock, as they would be posed: stock is explained, too."""
    judged = []
    for offer, verdicts, _ in decision.judged:
        empty = [
            (place, 0)
            for place, _, broken in verdicts
            if place and place.later is None and broken == _NO_STOCK
        ]
        if empty:
            judged.append(Judged(offer, verdicts, empty))
    if not judged or decision.places is None:
        return None
    some = judged[:_MOST_LACKING]
    return pose(some, decision.places, decision.request, decision.context)


def candidates_document(
    judged: Sequence[Judged],
    wanted: Sequence[WantedLine] = (),
    facts: Mapping[int, Any] = NO_FACTS,
) -> dict[str, Any]:
    """Every candidate as a compact document: sellers, locations and rule sets named once.

    A row is an offer: ``[line, seller, unit price, per, lead time, links, places]``; each of its
    places is ``[location or null, available, rules]``, with positions into the three tables.
    ``links`` counts the resale chain's links, so that a price that only a middle tier may know is
    shown to nobody else. ``substitutes`` names, by the row's position, what is offered in place of
    the wanted variant, where anything is. ``bounds`` are (minimum, maximum, step) of an offer's row
    and ``minimums`` the minimum orders of sellers, each only where a broken rule measures them;
    ``facts`` are what further broken rules measured and required, by row and rule.
    ``calendars`` are days of shipment by lead time, with the day of the order before them;
    ``leaves`` says which of them is a location's. ``later`` has, by its position among the
    locations, the day on which a location sends what is still to come.
    """
    sellers: dict[uuid.UUID, int] = {}
    locations: dict[int, int] = {}
    rule_sets: dict[tuple[str, ...], int] = {}
    names: list[str] = []
    calendars: dict[int, int] = {}
    days: list[list[str]] = []
    leaves: list[int | None] = []
    later: dict[int, str] = {}
    rows: list[tuple[Any, ...]] = []
    bounds: dict[int, Any] = {}
    minimums: dict[int, int] = {}
    for offer, verdicts, _sound in judged:
        places = []
        for place, available, broken in verdicts:
            if place is not None and place.number not in locations:
                locations[place.number] = len(locations)
                names.append(str(place.location_id))
                leaves.append(_calendar_of(place, calendars, days))
                if place.later is not None:
                    later[len(names) - 1] = str(place.later.ships_on)
            location = None if place is None else locations[place.number]
            places.append((location, available, rule_sets.setdefault(broken, len(rule_sets))))
        codes = {code for _, _, broken in verdicts for code in _bounding(broken)}
        if "quantity_not_orderable" in codes:
            bounds[len(rows)] = (offer.minimum_quantity, offer.maximum_quantity, offer.order_step)
        if "below_minimum_order" in codes:
            seller = sellers.setdefault(offer.seller_id, len(sellers))
            minimums[seller] = offer.minimum_order_minor
        rows.append(
            (
                offer.line_no,
                sellers.setdefault(offer.seller_id, len(sellers)),
                offer.seller_price_minor,
                offer.seller_price_per,
                offer.lead_time_days,
                len(offer.path_terms or ()),
                places,
            )
        )
    standing = {
        str(position): str(offer.variant_id)
        for position, (offer, _, _) in enumerate(judged)
        if wanted and offer.variant_id != wanted[offer.line_no].variant_id
    }
    return {
        **({"substitutes": standing} if standing else {}),
        **({"later": later} if later else {}),
        **({"facts": {str(position): found for position, found in facts.items()}} if facts else {}),
        "sellers": [str(seller_id) for seller_id in sellers],
        "locations": names,
        "leaves": leaves,
        "calendars": days,
        "rules": [list(broken) for broken in rule_sets],
        "offers": rows,
        "bounds": bounds,
        "minimums": minimums,
    }


@lru_cache(maxsize=4096)
def _bounding(broken: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some broken rules that an offer's bounds or its seller's minimum explain."""
    return tuple(code for code in broken if code in _BOUNDING)


def _calendar_of(place: Place, calendars: dict[int, int], days: list[list[str]]) -> int | None:
    """The position of a place's days; places of one calendar share them."""
    departures = place.departures
    if departures is None:
        return None
    known = calendars.get(id(departures))
    if known is None:
        known = calendars[id(departures)] = len(days)
        days.append(list(map(str, (departures.ordered_on, *departures.days))))
    return known


def plan_document(decision: Decision) -> dict[str, Any]:
    """The chosen plan as a document."""
    return {
        "policy": _policy_document(decision.context.policy),
        **_line_policies_document(decision),
        **({"ship_by": str(decision.request.ship_by)} if decision.request.ship_by else {}),
        "lines": [
            {"variant_id": str(line.variant_id), "quantity": line.quantity}
            for line in decision.request.lines
        ],
        "assignments": [
            {
                "line": item.line_no,
                "seller_id": str(item.candidate.seller_id),
                "location_id": str(item.candidate.location_id),
                "quantity": item.quantity,
                "goods_minor": item.seller_goods_minor,
                **_ships_on(item),
                **_substitute(item, decision),
            }
            for item in decision.assignments
        ],
        "consignments": [
            {
                "seller_id": str(item.seller_id),
                "location_id": str(item.location_id),
                "weight_g": item.weight_g,
                "distance_km": item.distance_km,
                "freight_minor": item.freight_minor,
                **({"ships_on": str(item.ships_on)} if item.ships_on else {}),
                **({"later_on": str(item.later_on)} if item.later_on else {}),
            }
            for item in decision.consignments
        ],
    }


def _policy_document(policy: Policy) -> dict[str, Any]:
    named = {"id": str(policy.id), "number": policy.number, "scope": policy.scope}
    return named | document_of(policy)


def _line_policies_document(decision: Decision) -> dict[str, Any]:
    """The policies of lines that have another than the order; nothing where there are none."""
    policies = decision.context.line_policies
    if not policies:
        return {}
    return {
        "line_policies": {
            str(line_no): _policy_document(policy) for line_no, policy in policies.items()
        }
    }


def _ships_on(item: Assignment) -> dict[str, Any]:
    """When it leaves; and that it is not in stock yet, where it is not."""
    day = item.candidate.ships_on
    told = {"ships_on": str(day)} if day else {}
    return told | ({"is_later": True} if item.candidate.is_later else {})


def _substitute(item: Assignment, decision: Decision) -> dict[str, str]:
    """What an assignment delivers, where it is not what was wanted."""
    variant_id = item.candidate.variant_id
    if variant_id == decision.request.lines[item.line_no].variant_id:
        return {}
    return {"variant_id": str(variant_id)}
