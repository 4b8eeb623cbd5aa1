"""Policies as documents: read, written whole, and what is wrong with them; pure.

``policy_of`` reads a document and fills in what it leaves out, ``document_of`` writes it whole;
each undoes the other.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.routing.rules.policies import (
    WHOLE,
    Carbon,
    LoadBalance,
    Oversize,
    Policy,
    PolicyLimits,
    Rules,
    Scope,
    Terms,
)


def policy_of(
    document: Mapping[str, Any], *, policy_id: uuid.UUID, number: int, scope: Scope = "network"
) -> Policy:
    """Read a valid document."""
    plain = {
        name: document[name]
        for name in ("mode", "strategy", "substitutes", "kits", "backorders", "price_difference",
                     "last_resort", "reoptimize")
        if name in document
    }  # fmt: skip
    return Policy(
        policy_id,
        number,
        scope,
        rules=_rules_of(document.get("rules", {})),
        terms=_terms_of(document.get("terms", {})),
        levels=tuple(document.get("levels", ())),
        limits=PolicyLimits(**document.get("limits", {})),
        **plain,
    )


def document_of(policy: Policy) -> dict[str, Any]:
    """Write a policy as a document, whole."""
    terms = asdict(policy.terms)
    if policy.terms.load_balance is not None:
        shares = policy.terms.load_balance.shares_bps
        terms["load_balance"]["shares_bps"] = {str(key): bps for key, bps in shares.items()}
    return {
        "rules": _rules_document(policy.rules),
        "terms": terms,
        "mode": policy.mode,
        "levels": list(policy.levels),
        "strategy": policy.strategy,
        "limits": asdict(policy.limits),
        "substitutes": policy.substitutes,
        "kits": policy.kits,
        "backorders": policy.backorders,
        "price_difference": policy.price_difference,
        "last_resort": policy.last_resort,
        "reoptimize": policy.reoptimize,
    }


def whole(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with all that it leaves out."""
    return document_of(policy_of(document, policy_id=uuid.UUID(int=0), number=0))


SWITCHES = (
    "below_minimum_order", "over_capacity", "seller_closed", "beyond_credit", "breaks_pack",
    "substitute_dearer",
)  # fmt: skip


def _rules_of(rules: Mapping[str, Any]) -> Rules:
    read: dict[str, Any] = {name: rules[name]["on"] for name in SWITCHES if name in rules}
    hazardous, oversize = rules.get("hazardous_unfit", {}), rules.get("oversize_unfit", {})
    if hazardous.get("on"):
        read["hazardous_unfit"] = hazardous.get("attribute", "hazardous")
    if oversize.get("on"):
        sizes = {name: oversize[name] for name in ("longest_mm", "weight_g") if name in oversize}
        read["oversize_unfit"] = Oversize(**sizes)
    return Rules(**read)


def _rules_document(rules: Rules) -> dict[str, Any]:
    return {name: {"on": getattr(rules, name)} for name in SWITCHES} | {
        "hazardous_unfit": {
            "on": rules.hazardous_unfit is not None,
            "attribute": rules.hazardous_unfit or "hazardous",
        },
        "oversize_unfit": {
            "on": rules.oversize_unfit is not None,
            **asdict(rules.oversize_unfit or Oversize()),
        },
    }


def _terms_of(terms: Mapping[str, Any]) -> Terms:
    read = dict(terms)
    if read.get("load_balance") is not None:
        balance = dict(read["load_balance"])
        shares = {uuid.UUID(str(key)): bps for key, bps in balance.pop("shares_bps", {}).items()}
        read["load_balance"] = LoadBalance(shares_bps=shares, **balance)
    if read.get("carbon") is not None:
        read["carbon"] = Carbon(**read["carbon"])
    return Terms(**read)


def problems_of(policy: Policy, *, strategies: Sequence[str]) -> list[dict[str, str]]:
    """What is wrong with a document that reads well, each with its place in it."""
    return [
        fault(pointer, code, strategies=", ".join(strategies))
        for pointer, code in _problems(policy, strategies)
    ]


FAULTS = {
    "no_such_strategy": "There is no such strategy; there are {strategies}",
    "shares_exceed": "Shares come to more than the whole",
    "no_such_seller": "There is no such seller",
    "levels_missing": "Say what counts first: a lexicographic policy has levels",
    "levels_without_mode": "Only a lexicographic policy has levels",
    "levels_not_settled": "This strategy settles no levels: choose optimal",
    "level_repeated": "This counts already",
    "level_unmeasured": "It is a level: say how it is measured",
}
"""What may be wrong with a document that reads well."""

# Strategies that walk sellers look at no level.
_WITHOUT_LEVELS = frozenset({"greedy", "cheapest_single"})


def fault(pointer: str, code: str, **facts: str) -> dict[str, str]:
    """What is wrong, and where."""
    return {"pointer": pointer, "code": code, "message": FAULTS[code].format_map(facts)}


def _problems(policy: Policy, strategies: Sequence[str]) -> Iterator[tuple[str, str]]:
    if policy.strategy not in strategies:
        yield "/strategy", "no_such_strategy"
    if policy.aims and policy.strategy in _WITHOUT_LEVELS:
        yield "/strategy", "levels_not_settled"
    balance = policy.terms.load_balance
    if balance is not None and sum(balance.shares_bps.values()) > WHOLE:
        yield "/terms/load_balance/shares_bps", "shares_exceed"
    yield from _problems_of_levels(policy)


def _problems_of_levels(policy: Policy) -> Iterator[tuple[str, str]]:
    if policy.mode == "lexicographic" and not policy.levels:
        yield "/levels", "levels_missing"
    if policy.mode == "weighted" and policy.levels:
        yield "/levels", "levels_without_mode"
    for position, aim in enumerate(policy.levels):
        if aim in policy.levels[:position]:
            yield f"/levels/{position}", "level_repeated"
    for aim in ("load_balance", "carbon"):
        if aim in policy.levels and getattr(policy.terms, aim) is None:
            yield f"/terms/{aim}", "level_unmeasured"
