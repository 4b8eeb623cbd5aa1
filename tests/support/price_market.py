"""Small random markets of price lists: as rows, and as the values of the pure rule."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app.catalog.models import Category, Product
from app.infra.db import insert_rows
from app.kernel.ids import new_id
from app.kernel.money import UnitPrice
from app.kernel.period import Period
from app.network.models import Organization, Territory, TerritoryArea, Unit
from app.pricing import rules
from app.pricing.models import PriceAssignment, PriceEntry, PriceFormula, PriceList, PricingSettings
from app.storefronts.models import Storefront
from tests.factories.catalog import CategoryFactory, ProductFactory, VariantFactory

PLACES = [("DE", "DE-NI", "30159"), ("DE", "DE-BY", "80331"), ("FR", None, None), (None,) * 3]


@dataclass
class Market:
    """A small random market, as rows and as the pure rule's values."""

    owners: list[uuid.UUID]
    variants: dict[uuid.UUID, rules.VariantFacts]
    buyers: list[uuid.UUID]
    units: dict[uuid.UUID, list[tuple[uuid.UUID, ...]]]
    storefronts: list[uuid.UUID]
    territories: dict[uuid.UUID, set[tuple]]
    strategies: dict[uuid.UUID, str] = field(default_factory=dict)
    lists: dict[uuid.UUID, list[rules.Candidate]] = field(default_factory=dict)
    by_id: dict[uuid.UUID, rules.Candidate] = field(default_factory=dict)
    depth: dict[uuid.UUID, int] = field(default_factory=dict)
    entries: dict[tuple[uuid.UUID, uuid.UUID], list[rules.Entry]] = field(default_factory=dict)

    def candidates(self, ask: rules.Ask) -> Iterator[rules.Candidate]:
        for each in self.lists[ask.owner_id]:
            yield self.seen(each, ask.variant_id)

    def seen(self, each: rules.Candidate, variant_id: uuid.UUID) -> rules.Candidate:
        """A list as it is for one variant."""
        return replace(
            each,
            entries=self.entries.get((each.price_list_id, variant_id), []),
            variant=self.variants[variant_id],
            base=self.seen(each.base, variant_id) if each.base else None,
            margin_lists={
                key: self.seen(one, variant_id) for key, one in each.margin_lists.items()
            },
        )

    def choose(self, ask: rules.Ask, context: rules.Context) -> rules.Choice:
        return rules.choose(
            self.candidates(ask), ask=ask, context=context,
            strategy=self.strategies.get(ask.owner_id, "first"),
        )  # fmt: skip


def clock(session: Session) -> datetime:
    """The database's own clock, which says when something was replaced."""
    return session.scalar(text("SELECT clock_timestamp()"))


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
        buyers = [an_organization(session, now) for _ in range(2)]
        self.market = Market(
            owners=[an_organization(session, now) for _ in range(3)],
            variants=dict(self._variant(maker, number) for number in range(3)),
            buyers=buyers,
            units={buyer: self._units(buyer) for buyer in buyers},
            storefronts=[self._storefront(maker) for _ in range(2)],
            territories=dict(self._territory(maker, number) for number in range(3)),
        )
        for owner_id in self.market.owners:
            self.market.lists[owner_id] = []
            if self.dice.random() < 0.4:
                self.market.strategies[owner_id] = "lowest"
                session.add(PricingSettings(owner_id=owner_id, strategy="lowest"))
            for _ in range(self.dice.randint(0, 9)):
                self.market.lists[owner_id].append(self._list(owner_id))

    def _variant(self, maker: uuid.UUID, number: int) -> tuple[uuid.UUID, rules.VariantFacts]:
        root: Category = CategoryFactory(manufacturer_id=maker)
        leaf_id = new_id()
        leaf: Category = CategoryFactory(
            manufacturer_id=maker, parent_id=root.id, id=leaf_id, path=[root.id, leaf_id]
        )
        product: Product = ProductFactory(
            manufacturer_id=maker, category_id=leaf.id, brand=f"brand-{number % 2}"
        )
        attributes: dict[str, Any] = {"size": number, "new": number == 1, "tone": "grey"}
        variant = VariantFactory(
            manufacturer_id=maker, product_id=product.id, category_id=leaf.id,
            product=product, attributes=attributes,
        )  # fmt: skip
        self.session.flush()
        facts = rules.VariantFacts(
            category_ids=frozenset(leaf.path), brand=product.brand, attributes=attributes
        )
        return variant.id, facts

    def _units(self, buyer: uuid.UUID) -> list[tuple[uuid.UUID, ...]]:
        paths: list[tuple[uuid.UUID, ...]] = []
        for code in "abc":
            above = self.dice.choice([(), *paths])
            path = (*above, new_id())
            self.session.add(
                Unit(
                    id=path[-1], organization_id=buyer, code=code, name=code, path=list(path),
                    parent_id=above[-1] if above else None, created_at=self.now,
                )
            )  # fmt: skip
            self.session.flush()
            paths.append(path)
        return paths

    def _territory(self, owner: uuid.UUID, number: int) -> tuple[uuid.UUID, set[tuple]]:
        areas = [
            ("DE", None, None, None),
            ("DE", "DE-NI", None, None),
            ("DE", None, "80000", "89999"),
        ]
        within = [
            {PLACES[0], PLACES[1]},
            {PLACES[0]},
            {PLACES[1]},
        ]
        territory = Territory(id=new_id(), owner_id=owner, name="T")
        self.session.add(territory)
        self.session.flush()
        country, subdivision, first, last = areas[number]
        self.session.add(
            TerritoryArea(
                territory_id=territory.id, country=country, subdivision=subdivision,
                postal_from=first, postal_to=last,
            )
        )  # fmt: skip
        self.session.flush()
        return territory.id, within[number]

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
            currency=dice.choice(["EUR", "EUR", "EUR", "EUR", "BRL"]),
            period=a_period(dice, self.now),
            created_at=self.now - timedelta(days=dice.randint(0, 2)),
            breaks=dice.choice(["volume", "volume", "graduated"]),
            assignments=[self._assignment() for _ in range(dice.choice([0, 1, 1, 1, 2]))],
        )
        candidate = self._derive(candidate)
        self._store(owner_id, candidate)
        if candidate.base is None or dice.random() < 0.4:
            for variant_id in self.market.variants:
                self._entries(candidate, variant_id)
        self.market.by_id[candidate.price_list_id] = candidate
        return candidate

    def _derive(self, candidate: rules.Candidate) -> rules.Candidate:
        """Half of the lists derive from an older one, whoever's it is."""
        fit = [
            each
            for each in self.market.by_id.values()
            if each.currency == candidate.currency
            and self.market.depth[each.price_list_id] < rules.MAX_DEPTH
        ]
        self.market.depth[candidate.price_list_id] = 0
        if not fit or self.dice.random() < 0.4:
            return candidate
        base = self.dice.choice(fit)
        self.market.depth[candidate.price_list_id] = self.market.depth[base.price_list_id] + 1
        plain = [each for each in fit if each.base is None]
        formulas = [self._formula(number, plain) for number in range(1, self.dice.randint(2, 4))]
        margins = {each.margin_list_id for each in formulas if each.margin_list_id}
        return replace(
            candidate,
            base=base,
            formulas=formulas,
            margin_lists={each: self.market.by_id[each] for each in margins},
        )

    def _formula(self, position: int, plain: list[rules.Candidate]) -> rules.Formula:
        dice = self.dice
        attribute, value = dice.choice([(None, None)] * 4 + [("size", "2"), ("new", "true")])
        paths = [each.category_ids for each in self.market.variants.values()]
        step = dice.choice([1, 5, 100])
        return rules.Formula(
            formula_id=new_id(),
            position=position,
            category_id=dice.choice([None, None, min(dice.choice(paths))]),
            brand=dice.choice([None, None, "brand-0"]),
            attribute=attribute,
            attribute_value=value,
            factor_bps=dice.choice([10_000, 9_000, 12_345, 3_333]),
            add_minor=dice.choice([0, 0, 7, -30]),
            round_to_minor=step,
            round_ending_minor=dice.choice([0, step - 1]),
            rounding=dice.choice(rules.ROUNDINGS),
            margin_list_id=dice.choice([None, dice.choice(plain).price_list_id if plain else None]),
            minimum_margin_bps=dice.choice([0, 1500, 100_000]),
        )

    def _assignment(self) -> rules.Assignment:
        dice = self.dice
        some_unit = dice.choice([path for paths in self.market.units.values() for path in paths])[
            -1
        ]
        scopes = {
            "buyer_id": dice.choice(self.market.buyers),
            "customer_group": dice.choice(["gold", "silver"]),
            "storefront_id": dice.choice(self.market.storefronts),
            "territory_id": dice.choice(list(self.market.territories)),
        }
        kept = dice.sample(list(scopes), k=dice.choice([0, 1, 1, 1, 2]))
        named = {name: scopes[name] for name in kept}
        if dice.random() < 0.2:
            named = {"unit_id": some_unit}
        return rules.Assignment(**named, priority=dice.randint(0, 1), stops=dice.random() < 0.25)

    def _store(self, owner_id: uuid.UUID, each: rules.Candidate) -> None:
        row = {
            "id": each.price_list_id,
            "owner_id": owner_id,
            "name": "L",
            "currency": each.currency,
            "purpose": each.purpose,
            "breaks": each.breaks,
            "base_list_id": each.base.price_list_id if each.base else None,
            "valid_from": each.period.starts_at,
            "valid_to": each.period.ends_at,
            "created_at": each.created_at,
        }
        self.session.execute(insert(PriceList).values(row))
        insert_rows(self.session, PriceFormula, [
            {
                "id": one.formula_id, "price_list_id": each.price_list_id, "position": one.position,
                "category_id": one.category_id, "brand": one.brand, "attribute": one.attribute,
                "attribute_value": one.attribute_value, "factor_bps": one.factor_bps,
                "add_minor": one.add_minor, "round_to_minor": one.round_to_minor,
                "round_ending_minor": one.round_ending_minor, "rounding": one.rounding,
                "margin_list_id": one.margin_list_id, "minimum_margin_bps": one.minimum_margin_bps,
            }
            for one in each.formulas
        ])  # fmt: skip
        for assignment in each.assignments:
            self.session.add(
                PriceAssignment(
                    price_list_id=each.price_list_id,
                    buyer_id=assignment.buyer_id,
                    customer_group=assignment.customer_group,
                    storefront_id=assignment.storefront_id,
                    territory_id=assignment.territory_id,
                    unit_id=assignment.unit_id,
                    priority=assignment.priority,
                    stops=assignment.stops,
                )
            )
        self.session.flush()

    def _entries(self, candidate: rules.Candidate, variant_id: uuid.UUID) -> None:
        per = self.dice.choice([1, 3, 1000])
        for from_quantity in self.dice.sample([1, 5, 10], k=self.dice.randint(0, 3)):
            amount = self.dice.randint(0, 999)
            mixed = self.dice.choice([1, 1000]) if candidate.breaks == "volume" else per
            entry = rules.Entry(
                from_quantity=from_quantity,
                price=UnitPrice(amount, mixed),
                period=a_period(self.dice, self.now),
            )
            key = (candidate.price_list_id, variant_id)
            self.market.entries.setdefault(key, []).append(entry)
            self.session.add(
                PriceEntry(
                    price_list_id=candidate.price_list_id,
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

    def situation(self) -> tuple[rules.Context, dict[str, Any]]:
        """Somebody somewhere, as the pure rule sees it and as binds."""
        place = self.dice.choice(PLACES)
        buyer = self.dice.choice([*self.market.buyers, *self.market.buyers, None])
        unit = self.dice.choice([*self.market.units[buyer], ()]) if buyer else ()
        binds = {
            "storefront_id": self.dice.choice([*self.market.storefronts * 2, None]),
            "buyer_id": buyer,
            "unit_id": unit[-1] if unit else None,
            "customer_group": self.dice.choice(["gold", "gold", "silver", "silver", None]),
            "currency": "EUR",
            **dict(zip(("country", "subdivision", "postal_code"), place, strict=True)),
            "latitude": None,
            "longitude": None,
        }
        context = rules.Context(
            storefront_id=binds["storefront_id"],
            buyer_id=buyer,
            customer_group=binds["customer_group"],
            currency="EUR",
            at=self.now,
            territory_ids=frozenset(
                each for each, places in self.market.territories.items() if place in places
            ),
            unit_ids=unit,
        )
        return context, binds


def expected_of(choice: rules.Choice) -> tuple | None:
    if choice.asked is None or choice.price is None:
        return None
    return (
        choice.price_list_id,
        choice.asked.source_list_id,
        choice.asked.last.entry.from_quantity,
        choice.price.amount_minor,
        choice.price.per_quantity,
    )
