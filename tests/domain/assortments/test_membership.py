"""The database's answer to "is it in?" is that of the plain rule, whatever the assortment."""

import random
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from app.kernel.ids import new_id
from tests.factories.assortments import (
    AssortmentFactory,
    AssortmentItemFactory,
    AssortmentRuleFactory,
)
from tests.factories.catalog import CategoryFactory, ProductFactory, VariantFactory
from tests.factories.network import OrganizationFactory

ASK = text("""
SELECT v.id, assortments_include(
           CAST(:assortment AS uuid), v.id, v.manufacturer_id, c.path, p.brand, v.attributes,
           v.status
       ) AS included,
       EXISTS (SELECT FROM assortments_holds(
           CAST(:assortment AS uuid), v.id, v.manufacturer_id, c.path, p.brand, v.attributes,
           v.status
       )) AS held
FROM catalog_variants v JOIN catalog_products p ON p.id = v.product_id
JOIN catalog_categories c ON c.id = v.category_id
""")

VALUES = {
    "color": ["red", "blue", "Red"],
    "size": [4, 18, "18"],
    "wet": [True, False, 1],
}


@dataclass
class Thing:
    """A variant as the plain rule sees it."""

    id: object
    manufacturer_id: object
    path: list
    brand: str
    attributes: dict
    status: str


@dataclass
class Selection:
    """An assortment as the plain rule sees it."""

    rules: list = field(default_factory=list)
    listed: dict = field(default_factory=dict)

    def includes(self, thing: Thing) -> bool:
        if thing.id in self.listed:
            return self.listed[thing.id]
        return any(holds(rule, thing) for rule in self.rules)


def same(one, other) -> bool:
    """JSON knows true from 1, and 18 from "18"."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def holds(rule: dict, thing: Thing) -> bool:
    wanted = rule.get("attributes", {})
    return (
        (not rule.get("manufacturer_ids") or thing.manufacturer_id in rule["manufacturer_ids"])
        and (not rule.get("category_ids") or bool(set(rule["category_ids"]) & set(thing.path)))
        and (not rule.get("brands") or thing.brand in rule["brands"])
        and (not rule.get("statuses") or thing.status in rule["statuses"])
        and all(
            name in thing.attributes and any(same(thing.attributes[name], each) for each in among)
            for name, among in wanted.items()
        )
    )


def some(rng: random.Random, values: list) -> list:
    return rng.sample(values, rng.randint(0, min(2, len(values))))


def world(rng: random.Random) -> list[Thing]:
    """Two manufacturers, categories three levels deep, variants with all sorts of attributes."""
    things = []
    for _ in range(2):
        manufacturer = OrganizationFactory(manufacturer=True)
        categories = [CategoryFactory(manufacturer_id=manufacturer.id)]
        for _ in range(5):
            above, own = rng.choice(categories), new_id()
            below = CategoryFactory(
                id=own,
                manufacturer_id=manufacturer.id,
                parent_id=above.id,
                path=[*above.path, own],
            )
            categories.append(below)
        for category in categories:
            brand = rng.choice(["Acme", "acme", ""])
            product = ProductFactory(
                manufacturer_id=manufacturer.id, category_id=category.id, brand=brand
            )
            for _ in range(3):
                names = rng.sample(sorted(VALUES), rng.randint(0, 3))
                variant = VariantFactory(
                    manufacturer_id=manufacturer.id,
                    product_id=product.id,
                    category_id=category.id,
                    attributes={name: rng.choice(VALUES[name]) for name in names},
                    status=rng.choice(["active", "active", "withdrawn", "draft"]),
                )
                things.append(
                    Thing(variant.id, manufacturer.id, list(category.path), brand,
                          variant.attributes, variant.status)
                )  # fmt: skip
    return things


def selection(rng: random.Random, things: list[Thing]) -> Selection:
    made = Selection()
    for _ in range(rng.randint(0, 3)):
        names = rng.sample(sorted(VALUES), rng.randint(0, 2))
        rule = {
            "manufacturer_ids": some(rng, sorted({each.manufacturer_id for each in things})),
            "category_ids": some(rng, sorted({node for each in things for node in each.path})),
            "brands": some(rng, ["Acme", "acme", ""]),
            "statuses": some(rng, ["active", "withdrawn"]),
            "attributes": {
                name: rng.sample(VALUES[name], rng.randint(1, len(VALUES[name]))) for name in names
            },
        }
        kept = rng.sample(sorted(rule), rng.randint(0, 3))
        made.rules.append({name: rule[name] for name in kept})
    for each in rng.sample(things, rng.randint(0, 4)):
        made.listed[each.id] = rng.random() < 0.5
    return made


def stored(made: Selection):
    assortment = AssortmentFactory(owner_id=OrganizationFactory().id)
    for rule in made.rules:
        AssortmentRuleFactory(assortment_id=assortment.id, **rule)
    for variant_id, included in made.listed.items():
        AssortmentItemFactory(assortment_id=assortment.id, variant_id=variant_id, included=included)
    return assortment.id


class TestMembership:
    @pytest.mark.parametrize("seed", range(6))
    def test_is_what_the_plain_rule_says(self, session, seed):
        rng = random.Random(seed)
        things = {each.id: each for each in world(rng)}
        outcomes = set()
        for _ in range(40):
            made = selection(rng, list(things.values()))
            for row in session.execute(ASK, {"assortment": stored(made)}):
                wanted = made.includes(things[row.id])
                outcomes.add(wanted)
                assert (row.included, row.held) == (wanted, wanted), (made, things[row.id])
        assert outcomes == {True, False}

    def test_of_no_assortment_is_everybody_s(self, session):
        world(random.Random(1))
        assert all(row.included and row.held for row in session.execute(ASK, {"assortment": None}))

    def test_of_an_assortment_of_nothing_is_nobody_s(self, session):
        world(random.Random(1))
        empty = AssortmentFactory(owner_id=OrganizationFactory().id)
        assert not any(row.held for row in session.execute(ASK, {"assortment": empty.id}))

    def test_is_planned_inside_the_statement_that_asks(self, session):
        plan = "\n".join(
            session.scalars(
                text("""
                EXPLAIN SELECT v.id FROM catalog_variants v
                JOIN catalog_products p ON p.id = v.product_id
                JOIN catalog_categories c ON c.id = v.category_id
                WHERE EXISTS (SELECT FROM assortments_holds(
                    CAST(:assortment AS uuid), v.id, v.manufacturer_id, c.path, p.brand,
                    v.attributes, v.status))
                """),
                {"assortment": new_id()},
            )
        )
        assert "assortments_rules" in plan
        assert "Function Scan on assortments_holds" not in plan
