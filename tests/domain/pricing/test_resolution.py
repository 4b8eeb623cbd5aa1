"""One statement prices many asks, or many sources for many lines; both decide as the pure rule."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app.kernel.ids import new_id
from app.kernel.money import UnitPrice
from app.kernel.period import Period
from app.network.models import Organization
from app.pricing import rules
from app.pricing.models import PriceAssignment, PriceEntry, PriceList
from app.pricing.queries import PRICE_CTES, PriceSource, price_lines
from app.storefronts.models import Storefront
from tests.factories.catalog import VariantFactory

ASKS = """
WITH wanted_price AS (
    SELECT * FROM jsonb_to_recordset(CAST(:asks AS jsonb)) AS ask(
        line_no int, owner_id uuid, purpose text, variant_id uuid, quantity int,
        price_list_id uuid)
), """
ANSWERS = """
SELECT line_no, entry_id, price_list_id, amount_minor, per_quantity FROM resolved_price"""
STATEMENT = text(ASKS + PRICE_CTES + ANSWERS)


@dataclass
class Market:
    """A small random market, as rows and as the pure rule's values."""

    owners: list[uuid.UUID]
    variants: list[uuid.UUID]
    buyers: list[uuid.UUID]
    storefronts: list[uuid.UUID]
    lists: dict[uuid.UUID, list[rules.Candidate]] = field(default_factory=dict)
    entries: dict[tuple[uuid.UUID, uuid.UUID], list[rules.Entry]] = field(default_factory=dict)

    def candidates(self, ask: rules.Ask) -> Iterator[rules.Candidate]:
        for each in self.lists[ask.owner_id]:
            found = self.entries.get((each.price_list_id, ask.variant_id), [])
            yield rules.Candidate(
                price_list_id=each.price_list_id,
                purpose=each.purpose,
                currency=each.currency,
                period=each.period,
                created_at=each.created_at,
                assignments=each.assignments,
                entries=found,
            )


def an_organization(session: Session, now: datetime) -> uuid.UUID:
    organization = Organization(
        id=new_id(), name="X", code=str(new_id()), kinds=["reseller"], country="DE", created_at=now
    )
    session.add(organization)
    session.flush()
    return organization.id


def a_period(dice: random.Random, now: datetime) -> Period:
    """Mostly valid; sometimes over, not begun, beginning or ending at this very instant."""
    starts = now + timedelta(days=dice.choice([-9, -9, -9, -2, 0, 3]))
    ends = dice.choice([None, None, None, now, now + timedelta(days=5)])
    return Period(starts, ends if ends is None or ends > starts else None)


class RandomMarket:
    """Builds a market and stores it."""

    def __init__(self, session: Session, *, seed: int, now: datetime) -> None:
        self.session, self.dice, self.now = session, random.Random(seed), now
        maker = an_organization(session, now)
        self.market = Market(
            owners=[an_organization(session, now) for _ in range(4)],
            variants=[VariantFactory(manufacturer_id=maker).id for _ in range(3)],
            buyers=[an_organization(session, now) for _ in range(2)],
            storefronts=[self._storefront(maker) for _ in range(2)],
        )
        for owner_id in self.market.owners:
            self.market.lists[owner_id] = [
                self._list(owner_id) for _ in range(self.dice.randint(0, 9))
            ]

    def _storefront(self, owner_id: uuid.UUID) -> uuid.UUID:
        shop = Storefront(
            id=new_id(), owner_id=owner_id, slug=str(new_id()), name="S", country="DE",
            currency="EUR", created_at=self.now,
        )  # fmt: skip
        self.session.add(shop)
        self.session.flush()
        return shop.id

    def _list(self, owner_id: uuid.UUID) -> rules.Candidate:
        dice = self.dice
        candidate = rules.Candidate(
            price_list_id=new_id(),
            purpose=dice.choice(["sale", "sale", "sale", "transfer", "list", "floor"]),
            currency=dice.choice(["EUR", "EUR", "EUR", "BRL"]),
            period=a_period(dice, self.now),
            created_at=self.now - timedelta(days=dice.randint(0, 2)),
            assignments=[self._assignment() for _ in range(dice.choice([0, 1, 1, 1, 2]))],
        )
        self._store(owner_id, candidate)
        for variant_id in self.market.variants:
            self._entries(candidate.price_list_id, variant_id)
        return candidate

    def _assignment(self) -> rules.Assignment:
        dice, scope = self.dice, self.dice.randint(1, 4)
        return rules.Assignment(
            buyer_id=dice.choice(self.market.buyers) if scope == 1 else None,
            customer_group=dice.choice(["gold", "silver"]) if scope == 2 else None,
            storefront_id=dice.choice(self.market.storefronts) if scope == 3 else None,
            priority=dice.randint(0, 1),
            stops=dice.random() < 0.25,
        )

    def _store(self, owner_id: uuid.UUID, each: rules.Candidate) -> None:
        row = {
            "id": each.price_list_id,
            "owner_id": owner_id,
            "name": "L",
            "currency": each.currency,
            "purpose": each.purpose,
            "valid_from": each.period.starts_at,
            "valid_to": each.period.ends_at,
            "created_at": each.created_at,
        }
        self.session.execute(insert(PriceList).values(row))
        for assignment in each.assignments:
            self.session.add(
                PriceAssignment(
                    price_list_id=each.price_list_id,
                    buyer_id=assignment.buyer_id,
                    customer_group=assignment.customer_group,
                    storefront_id=assignment.storefront_id,
                    priority=assignment.priority,
                    stops=assignment.stops,
                )
            )
        self.session.flush()

    def _entries(self, price_list_id: uuid.UUID, variant_id: uuid.UUID) -> None:
        for from_quantity in self.dice.sample([1, 5, 10], k=self.dice.randint(0, 3)):
            entry = rules.Entry(
                entry_id=new_id(),
                from_quantity=from_quantity,
                price=UnitPrice(self.dice.randint(0, 999), self.dice.choice([1, 1000])),
                period=a_period(self.dice, self.now),
            )
            self.market.entries.setdefault((price_list_id, variant_id), []).append(entry)
            self.session.add(
                PriceEntry(
                    id=entry.entry_id,
                    price_list_id=price_list_id,
                    variant_id=variant_id,
                    from_quantity=from_quantity,
                    amount_minor=entry.price.amount_minor,
                    per_quantity=entry.price.per_quantity,
                    valid_from=entry.period.starts_at,
                    valid_to=entry.period.ends_at,
                )
            )
        self.session.flush()

    def asks(self) -> list[rules.Ask]:
        found = []
        for owner_id in self.market.owners:
            named = [each.price_list_id for each in self.market.lists[owner_id]]
            for variant_id in self.market.variants:
                for purpose in rules.PURPOSES:
                    for only in (None, self.dice.choice(named) if named else None):
                        found.append(
                            rules.Ask(
                                line_no=len(found),
                                owner_id=owner_id,
                                purpose=purpose,
                                variant_id=variant_id,
                                quantity=self.dice.choice([1, 4, 5, 9, 10, 50]),
                                price_list_id=only,
                            )
                        )
        return found

    def context(self) -> rules.Context:
        return rules.Context(
            storefront_id=self.dice.choice([*self.market.storefronts * 2, None]),
            buyer_id=self.dice.choice([*self.market.buyers, None, None]),
            customer_group=self.dice.choice(["gold", "gold", "silver", "silver", None]),
            currency="EUR",
            at=self.now,
        )


def asked_of_the_database(
    session: Session, asks: list[rules.Ask], context: rules.Context
) -> dict[int, tuple[uuid.UUID, uuid.UUID, int, int]]:
    rows = session.execute(
        STATEMENT,
        {
            "asks": orjson.dumps(asks).decode(),
            "storefront_id": context.storefront_id,
            "buyer_id": context.buyer_id,
            "customer_group": context.customer_group,
            "currency": context.currency,
            "now": context.at,
        },
    ).all()
    assert len({row.line_no for row in rows}) == len(rows)
    return {row.line_no: tuple(row[1:]) for row in rows}


class TestTheStatement:
    @pytest.mark.parametrize("seed", range(25))
    def test_decides_as_the_pure_rule_does(
        self, session: Session, now: datetime, seed: int
    ) -> None:
        story = RandomMarket(session, seed=seed, now=now)
        asks = story.asks()
        for _ in range(12):
            context = story.context()
            answers = asked_of_the_database(session, asks, context)
            for ask in asks:
                choice = rules.choose(story.market.candidates(ask), ask=ask, context=context)
                expected = choice.entry and (
                    choice.entry.entry_id,
                    choice.price_list_id,
                    choice.entry.price.amount_minor,
                    choice.entry.price.per_quantity,
                )
                assert answers.get(ask.line_no) == expected, (ask, context, choice.why)

    def test_meets_every_kind_of_verdict_in_those_markets(
        self, session: Session, now: datetime
    ) -> None:
        met: set[str] = set()
        for seed in range(25):
            story = RandomMarket(session, seed=seed, now=now)
            for ask in story.asks():
                choice = rules.choose(
                    story.market.candidates(ask), ask=ask, context=story.context()
                )
                met |= {verdict.reason for verdict in choice.why}
        assert met == {
            "holds", "smaller_break", "outranked", "hidden_by_stop", "no_entry", "not_assigned",
            "another_list_named", "other_purpose", "other_currency", "list_not_valid_now",
            "entry_not_valid_now", "quantity_too_small",
        }  # fmt: skip


class TestTheGrid:
    @pytest.mark.parametrize("seed", range(25))
    def test_decides_as_the_pure_rule_does(
        self, session: Session, now: datetime, seed: int
    ) -> None:
        story = RandomMarket(session, seed=seed, now=now)
        asks = story.asks()
        lines = list(dict.fromkeys((ask.variant_id, ask.quantity) for ask in asks))
        for _ in range(4):
            context = story.context()
            grid = price_lines(
                session,
                sources={source_of(ask) for ask in asks},
                lines=lines,
                context={
                    "storefront_id": context.storefront_id,
                    "buyer_id": context.buyer_id,
                    "customer_group": context.customer_group,
                    "currency": context.currency,
                },
                now=now,
            )
            for ask in asks:
                choice = rules.choose(story.market.candidates(ask), ask=ask, context=context)
                price = choice.entry and choice.entry.price
                found = grid.column(source_of(ask)).get(lines.index((ask.variant_id, ask.quantity)))
                expected = price and (price.amount_minor, price.per_quantity)
                assert found == expected, (ask, context, choice.why)


def source_of(ask: rules.Ask) -> PriceSource:
    named = ask.price_list_id
    return PriceSource(str(ask.owner_id), ask.purpose, named and str(named))
