"""An explanation for one reader: what of a decision, about whom, in which language.

Laws: the operator and the storefront's owner are told all; a seller of itself alone, and no amounts
(they would tell what others ask); a buyer of its chosen sellers alone. Nothing is written. An
overview decides nothing anew but the next best plans; one answer is bounded in the verdicts that it
works out.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.routing import keeping, queries
from app.routing.errors import DecisionNotFound
from app.routing.explain import Story, story_of
from app.routing.models import RoutingDecision
from app.routing.problem import Strategy
from app.routing.queries import OrderFacts
from app.routing.rules import WantedLine
from app.routing.strategies import DEFAULT, NoSuchStrategy, find_strategy
from app.routing.why.measures import Measures, places_of, sellers_of
from app.routing.why.resolving import Resolver
from app.routing.why.verdicts import Deliberation, Verdict, chosen_allocations
from app.routing.why.words import Paid, Words, language_of

# Verdicts that are worked out for one answer, each by deciding anew.
MOST_WORKED_OUT = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: all, one line (by its position), one seller, or both; of which attempt."""

    order_id: uuid.UUID
    line: int | None = None
    seller_id: uuid.UUID | None = None
    attempt: int | None = None
    language: str | None = None


def explanation(session: DbSession, *, caller: Caller | None, question: Question) -> dict[str, Any]:
    """Answer a question about an order's routing; without a caller, as the operator is told.

    Raises:
        DecisionNotFound: no such order, line, seller or attempt, or none of the caller's business.
    """
    decisions = queries.list_decisions(session, order_id=question.order_id)
    order = queries.get_order_facts(
        session, caller=caller, order_id=question.order_id, decisions=decisions
    )
    decision = _decision(decisions, order, question)
    story = story_of(decision)
    asked = _allowed(question, order, story, caller)
    teller = _Teller.of(session, order, story, language_of(question.language))
    return teller.answer(asked, decisions)


def _decision(
    decisions: Sequence[RoutingDecision], order: OrderFacts, question: Question
) -> RoutingDecision:
    """The attempt that was asked for, else the last that decided the line, else the first."""
    if question.attempt is not None:
        decisions = [each for each in decisions if each.attempt == question.attempt]
    if question.line is not None:
        variants = {str(line.variant_id) for line in order.lines if line.position == question.line}
        decisions = [
            each
            for each in decisions
            if variants & {line["variant_id"] for line in each.plan["lines"]}
        ]
    if not decisions:
        raise DecisionNotFound
    return decisions[0 if question.line is None else -1]


def _allowed(
    question: Question, order: OrderFacts, story: Story, caller: Caller | None
) -> Question:
    """The question as far as its reader may ask it."""
    chosen = {part.seller_id for line in story.lines for part in line.chosen}
    if order.sight == "seller" and caller is not None:
        mine = caller.organization_id
        if question.seller_id not in {None, mine}:
            raise DecisionNotFound
        return replace(question, seller_id=mine)
    allowed = chosen if order.sight == "buyer" else {*sellers_of(story), *chosen}
    if question.seller_id is not None and question.seller_id not in allowed:
        raise DecisionNotFound
    return question


@dataclass(frozen=True, slots=True)
class _Teller:
    order: OrderFacts
    story: Story
    deliberation: Deliberation
    measures: Measures
    words: Words

    @classmethod
    def of(cls, session: DbSession, order: OrderFacts, story: Story, language: str) -> "_Teller":
        sellers, places = sellers_of(story), places_of(story)
        held = queries.get_held_facts(
            session,
            order=order,
            seller_ids=sellers,
            location_ids=places,
            at=story.decided_at,
            priced=[
                WantedLine(line.variant_id, line.quantity)
                for line in story.lines
                if any("price_not_allowed" in other.codes for other in line.others)
            ],
        )
        names = queries.names_of(session, [*sellers, *places])
        return cls(
            order,
            story,
            Deliberation(story, _resolver(story)),
            Measures(story, order, held),
            Words(language, order.currency, names),
        )

    def answer(self, question: Question, decisions: Sequence[RoutingDecision]) -> dict[str, Any]:
        made, sees_all = self.story.decision, self.order.sight == "all"
        alternatives = self.deliberation.alternatives() if sees_all else []
        return {
            "order_id": self.order.id,
            "order_number": self.order.number,
            "currency": self.order.currency,
            "language": self.words.language,
            "attempt": made.attempt,
            "attempts": [
                {"attempt": each.attempt, "trigger": each.trigger, "decided_at": each.decided_at}
                for each in decisions
            ],
            "trigger": made.trigger,
            "decided_at": made.decided_at,
            "sentences": self._plan(made) if sees_all else [],
            "alternatives": [
                {
                    "kind": each.kind,
                    "seller_id": each.seller_id,
                    "sellers": each.sellers,
                    "difference": each.difference,
                    "sentence": self.words.alternative(each),
                }
                for each in alternatives
            ],
            "sellers": self._columns(question),
            "lines": self._lines(question),
        }

    def _plan(self, made: RoutingDecision) -> list[str]:
        paid = Paid(made.goods_minor, made.freight_minor)
        sellers = dict.fromkeys(part.seller_id for line in self.story.lines for part in line.chosen)
        said = [
            self.words.plan(
                served=made.units_served,
                asked=made.units_requested,
                sellers=list(sellers),
                paid=paid,
            ),
            self.words.proof(made.proof, made.bound_minor),
        ]
        return said if self.deliberation.resolver else [*said, self.words.not_kept()]

    def _columns(self, question: Question) -> list[dict[str, Any]]:
        """Who is told about, the chosen first."""
        return [
            {"id": seller, "name": self.words.name(seller)} for seller in self._told_about(question)
        ]

    def _told_about(self, question: Question) -> list[uuid.UUID]:
        if question.seller_id is not None:
            return [question.seller_id]
        if self.order.sight == "buyer":
            chosen = {part.seller_id for line in self.story.lines for part in line.chosen}
            return [seller for seller in self.deliberation.sellers if seller in chosen]
        return self.deliberation.sellers

    def _lines(self, question: Question) -> list[dict[str, Any]]:
        positions = {line.variant_id: line for line in self.order.lines}
        sellers = self._told_about(question)
        works_out = question.seller_id is not None or question.line is not None
        budget = [MOST_WORKED_OUT if works_out else 0]
        told = []
        for number, line in enumerate(self.story.lines):
            called = positions.get(line.variant_id)
            position = called.position if called else number + 1
            if question.line is not None and question.line != position:
                continue
            told.append(
                {
                    "position": position,
                    "variant_id": line.variant_id,
                    "sku": called.sku if called else "",
                    "name": called.name if called else "",
                    "quantity": line.quantity,
                    "served": line.served,
                    "sellers": self._verdicts(number, position, sellers, budget),
                }
            )
        return told

    def _verdicts(
        self, line: int, position: int, sellers: Sequence[uuid.UUID], budget: list[int]
    ) -> list[dict[str, Any]]:
        seen = self.deliberation.at_first_sight(line)
        found = []
        for seller in sellers:
            verdict = seen.get(seller) or Verdict(seller, "not_offered")
            if self.order.sight == "buyer" and verdict.code != "chosen":
                continue
            if (
                verdict.code in {"eligible", "excluded"}
                and budget[0] > 0
                and self.order.sight == "all"
            ):
                budget[0] -= 1
                verdict = self.deliberation.verdict(line, seller)
            verdict = replace(verdict, rules=self.measures.of(line, verdict))
            found.append(self._document(verdict, line, position))
        return found

    def _document(self, verdict: Verdict, line: int, position: int) -> dict[str, Any]:
        sees_amounts = self.order.sight == "all"
        told = self.story.lines[line]
        parts = [part for part in told.chosen if part.seller_id == verdict.seller_id]
        return {
            "seller_id": verdict.seller_id,
            "seller_name": self.words.name(verdict.seller_id),
            "verdict": verdict.code,
            "quantity": verdict.quantity,
            "location_ids": verdict.location_ids,
            "available": None if self.order.sight == "buyer" else verdict.available,
            "forced_units": verdict.units,
            "rules": [_rule_document(rule, self.words.rule(rule)) for rule in verdict.rules],
            "difference": verdict.difference,
            "is_worked_out": verdict.is_resolved,
            "changes": verdict.changes,
            "leaves": [
                {"units": part.quantity, "ships_on": part.ships_on, "is_later": part.is_later}
                for part in parts
            ],
            "sentences": [
                *self.words.verdict(
                    verdict, line=position, asked=told.quantity, sees_amounts=sees_amounts
                ),
                *(sentence for part in parts for sentence in self.words.leaving(part)),
            ],
        }


def _resolver(story: Story) -> Resolver | None:
    document: Mapping[str, Any] | None = story.decision.problem
    if document is None:
        return None
    kept = keeping.problem_of(document)
    return Resolver(kept, chosen_allocations(story, kept), _strategy(story))


def _strategy(story: Story) -> Strategy:
    """The strategy that decided; the default where it is gone, or was a person."""
    name = story.decision.plan["policy"].get("strategy", DEFAULT)
    try:
        return find_strategy(DEFAULT if name == "manual" else name)
    except NoSuchStrategy:
        return find_strategy(DEFAULT)


def _rule_document(rule: Any, sentence: str) -> dict[str, Any]:  # noqa: ANN401 - a rule
    return {
        "code": rule.code,
        "location_ids": rule.location_ids,
        "measured": rule.measured,
        "required": rule.required,
        "sentence": sentence,
    }
