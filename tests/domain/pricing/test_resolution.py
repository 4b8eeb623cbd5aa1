"""One statement prices many asks, or many sources for many lines; both decide as the pure rule."""

from datetime import datetime

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.pricing import queries, rules
from app.pricing.queries import PRICE_CTES, PriceSource, price_lines
from tests.support.price_market import RandomMarket, expected_of

ASKS = """
WITH RECURSIVE wanted_price AS (
    SELECT * FROM jsonb_to_recordset(CAST(:asks AS jsonb)) AS ask(
        line_no int, owner_id uuid, purpose text, variant_id uuid, quantity int,
        price_list_id uuid)
), """
ANSWERS = """
SELECT line_no, price_list_id, source_list_id, from_quantity, amount_minor, per_quantity
FROM resolved_price"""
STATEMENT = text(ASKS + PRICE_CTES + ANSWERS)
EVERY_VERDICT = set(rules.REASONS)
SEEDS = range(20)


class TestTheStatement:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_decides_as_the_pure_rule_does(
        self, session: Session, now: datetime, seed: int
    ) -> None:
        story = RandomMarket(session, seed=seed, now=now)
        asks = story.asks()
        for _ in range(12):
            context, binds = story.situation()
            document = {"asks": orjson.dumps(asks).decode(), "now": now}
            rows = session.execute(STATEMENT, {**binds, **document}).all()
            answers = {row.line_no: tuple(row[1:]) for row in rows}
            assert len(answers) == len(rows)
            for ask in asks:
                choice = story.market.choose(ask, context)
                assert answers.get(ask.line_no) == expected_of(choice), (ask, context, choice)


class TestTheExplanation:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_says_what_holds_and_why_all_else_does_not(
        self, session: Session, now: datetime, seed: int
    ) -> None:
        story = RandomMarket(session, seed=seed, now=now)
        asks = story.asks()
        for _ in range(2):
            context, binds = story.situation()
            request = rules.Request(asks=asks, **binds)
            found = queries.explain(session, request=request, at=now, now=now)
            for ask in asks:
                choice = story.market.choose(ask, context)
                assert expected_of(found[ask.line_no]) == expected_of(choice), (ask, context)
                told = {(each.price_list_id, each.reason) for each in found[ask.line_no].why}
                assert told == {(each.price_list_id, each.reason) for each in choice.why}

    def test_meets_every_kind_of_verdict_in_those_markets(
        self, session: Session, now: datetime
    ) -> None:
        met: set[str] = set()
        for seed in SEEDS:
            story = RandomMarket(session, seed=seed, now=now)
            for ask in story.asks():
                context, _ = story.situation()
                met |= {verdict.reason for verdict in story.market.choose(ask, context).why}
            if met == EVERY_VERDICT:
                break
        assert met == EVERY_VERDICT


class TestTheGrid:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_decides_as_the_pure_rule_does(
        self, session: Session, now: datetime, seed: int
    ) -> None:
        story = RandomMarket(session, seed=seed, now=now)
        asks = story.asks()
        lines = list(dict.fromkeys((ask.variant_id, ask.quantity) for ask in asks))
        for _ in range(4):
            context, binds = story.situation()
            grid = price_lines(
                session,
                sources={source_of(ask) for ask in asks},
                lines=lines,
                context=binds,
                now=now,
            )
            for ask in asks:
                choice = story.market.choose(ask, context)
                found = grid.column(source_of(ask)).get(lines.index((ask.variant_id, ask.quantity)))
                price = choice.price
                expected = price and (price.amount_minor, price.per_quantity)
                assert found == expected, (ask, context, choice.why)


def source_of(ask: rules.Ask) -> PriceSource:
    named = ask.price_list_id
    return PriceSource(str(ask.owner_id), ask.purpose, named and str(named))
