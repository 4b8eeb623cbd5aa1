"""What a price is: which list holds, what it asks, how formulas derive. Pure decisions."""

from app.pricing.rules.asking import (
    FLOOR,
    PURPOSES,
    RECOMMENDED,
    SALE,
    TRANSFER,
    Ask,
    Context,
    Request,
)
from app.pricing.rules.choosing import FIRST, LOWEST, REASONS, STRATEGIES, Choice, Verdict, choose
from app.pricing.rules.formulas import ROUNDINGS, Formula, VariantFacts, derive, first_fitting
from app.pricing.rules.lists import (
    BREAKS,
    GRADUATED,
    MAX_DEPTH,
    VOLUME,
    Asked,
    Assignment,
    Candidate,
    Entry,
    Step,
    Tier,
    ask_list,
)

__all__ = [
    "BREAKS", "FIRST", "FLOOR", "GRADUATED", "LOWEST", "MAX_DEPTH", "PURPOSES", "REASONS",
    "RECOMMENDED", "ROUNDINGS", "SALE", "STRATEGIES", "TRANSFER", "VOLUME", "Ask", "Asked",
    "Assignment", "Candidate", "Choice", "Context", "Entry", "Formula", "Request", "Step", "Tier",
    "VariantFacts", "Verdict", "ask_list", "choose", "derive", "first_fitting",
]  # fmt: skip
