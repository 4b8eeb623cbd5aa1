"""Routing as pure code: facts in, verdicts, a problem, a decision out.

A candidate is one location of one seller for one line; those of one offer are judged together.
Every hard rule is judged for every candidate and all broken ones are kept, so that "why not" has a
complete answer. What a fulfilling seller charges for the goods, plus freight, plus the policy's
weights, is the cost that is minimised; the buyer's own price does not depend on the path the goods
take in resale.
"""

from app.routing.rules.breakdown import TERMS, Term, in_minor, terms_of
from app.routing.rules.concluding import conclude
from app.routing.rules.extras import NOTHING, Extras
from app.routing.rules.facts import (
    Assignment,
    Candidate,
    Context,
    Decision,
    Hop,
    Judged,
    Offer,
    PlannedConsignment,
    RoutingRequest,
    ShipTo,
    Verdict,
    WantedLine,
    buyer_price,
    seller_price,
)
from app.routing.rules.places import Place
from app.routing.rules.policies import Policy
from app.routing.rules.posing import Posed, pose
from app.routing.rules.verdicts import REASONS, judge, judge_all

__all__ = [
    "NOTHING",
    "REASONS",
    "TERMS",
    "Assignment",
    "Candidate",
    "Context",
    "Decision",
    "Extras",
    "Hop",
    "Judged",
    "Offer",
    "Place",
    "PlannedConsignment",
    "Policy",
    "Posed",
    "RoutingRequest",
    "ShipTo",
    "Term",
    "Verdict",
    "WantedLine",
    "buyer_price",
    "conclude",
    "in_minor",
    "judge",
    "judge_all",
    "pose",
    "seller_price",
    "terms_of",
]
