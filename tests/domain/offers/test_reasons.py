"""Whatever keeps an offer from being sold: as many worlds as can be drawn, judged twice."""

import random
from dataclasses import dataclass
from datetime import timedelta
from math import lcm

from app.kernel.paging import PageRequest
from app.offers import queries
from app.offers.rules import REASONS, OfferFilter
from tests.factories.assortments import AssortmentFactory, AssortmentRuleFactory
from tests.factories.catalog import (
    CategoryFactory,
    LocationFactory,
    OfferFactory,
    PriceEntryFactory,
    PriceListFactory,
    ProductFactory,
    StockFactory,
    VariantFactory,
)
from tests.factories.network import (
    AgreementCategoryFactory,
    AgreementFactory,
    AgreementTermsFactory,
    OrganizationFactory,
    caller_of,
)
from tests.support.statements import count_statements


def period(rng, now):
    """(from, to) that is mostly in force."""
    day = timedelta(days=1)
    sound = [(now - day, None), (now - day, now + day)] * 4
    return rng.choice([*sound, (now - day, now), (now, None), (now + day, None)])


class World:
    """One manufacturer, one seller, ten offers, and all sorts of trouble."""

    def __init__(self, rng, now):
        self.rng, self.now = rng, now
        self.maker = OrganizationFactory(manufacturer=True)
        status = rng.choice(["active", "active", "active", "suspended"])
        self.seller = OrganizationFactory(distributor=True, status=status)
        nodes = [CategoryFactory(manufacturer_id=self.maker.id) for _ in range(2)]
        self.products = {
            node.id: ProductFactory(
                manufacturer_id=self.maker.id, category_id=node.id, brand=f"B{number}"
            )
            for number, node in enumerate(nodes)
        }
        self.terms = [self.draw_terms() for _ in range(rng.randint(0, 2))]
        parties = (("sale", self.seller), ("transfer", self.seller), ("floor", self.maker))
        self.lists = [self.draw_list(*each) for each in parties if rng.random() < 0.8]
        self.place = LocationFactory(seller_id=self.seller.id, is_active=rng.random() < 0.9)
        self.cases = [self.draw_case() for _ in range(10)]

    def dated(self):
        start, end = period(self.rng, self.now)
        return {"valid_from": start, "valid_to": end}

    def draw_terms(self):
        status = self.rng.choice(["active", "active", "suspended"])
        agreement = AgreementFactory(
            manufacturer_id=self.maker.id, grantee_id=self.seller.id, status=status
        )
        selected = None
        if self.rng.random() < 0.3:
            selected = AssortmentFactory(owner_id=self.maker.id).id
            AssortmentRuleFactory(assortment_id=selected, brands=["B0"])
        terms = AgreementTermsFactory(
            agreement_id=agreement.id, assortment_id=selected, **self.dated()
        )
        categories = self.rng.sample(sorted(self.products), self.rng.randint(0, 1))
        for category_id in categories:
            AgreementCategoryFactory(terms_id=terms.id, category_id=category_id)
        return agreement, terms, categories

    def draw_list(self, purpose, owner):
        currency = self.rng.choice(["EUR", "EUR", "BRL"])
        return PriceListFactory(
            owner_id=owner.id, purpose=purpose, currency=currency, **self.dated()
        )

    def draw_case(self):
        rng, product = self.rng, self.rng.choice(list(self.products.values()))
        variant = VariantFactory(
            manufacturer_id=self.maker.id,
            product_id=product.id,
            category_id=product.category_id,
            status=rng.choice(["active", "active", "active", "withdrawn"]),
        )
        offer = OfferFactory(
            seller_id=rng.choice([self.seller.id, self.seller.id, self.maker.id]),
            variant_id=variant.id,
            status=rng.choice(["active", "active", "paused", "withdrawn"]),
            minimum_quantity=rng.randint(1, 4),
            quantity_step=rng.randint(1, 3),
            pack_quantity=rng.randint(1, 3),
            **self.dated(),
        )
        entries = [
            PriceEntryFactory(
                price_list_id=each.id,
                variant_id=variant.id,
                from_quantity=quantity,
                amount_minor=rng.randint(1, 20),
                per_quantity=rng.choice([1, 10]),
                **self.dated(),
            )
            for each in self.lists
            for quantity in rng.sample([1, 2, 3, 5], rng.randint(0, 3))
        ]
        stock = None
        if rng.random() < 0.7:
            on_hand = rng.randint(0, 8)
            stock = StockFactory(
                location_id=self.place.id, variant_id=variant.id, on_hand=on_hand, safety=1
            )
        return Case(self, product, variant, offer, entries, stock)


@dataclass
class Case:
    """An offer of the world, judged as a person would."""

    world: World
    product: object
    variant: object
    offer: object
    entries: list
    stock: object

    @property
    def own(self):
        return self.offer.seller_id == self.world.maker.id

    @property
    def least(self):
        step = lcm(self.offer.quantity_step, self.offer.pack_quantity)
        return -(-self.offer.minimum_quantity // step) * step

    def holds(self, thing):
        now = self.world.now
        return thing.valid_from <= now and (thing.valid_to is None or thing.valid_to > now)

    def terms(self):
        """The terms that let the seller sell anything at all."""
        found = self.world.terms if not self.own else []
        return [
            (terms, categories)
            for agreement, terms, categories in found
            if agreement.status == "active" and self.holds(terms)
        ]

    def covered(self):
        return any(
            (not categories or self.product.category_id in categories)
            and (terms.assortment_id is None or self.product.brand == "B0")
            for terms, categories in self.terms()
        )

    def price(self, each):
        """The entry of a list that names the price of the least quantity."""
        named = [
            entry
            for entry in self.entries
            if entry.price_list_id == each.id
            and entry.from_quantity <= self.least
            and self.holds(entry)
        ]
        return max(named, key=lambda entry: entry.from_quantity, default=None)

    def prices(self, owner_id, *purposes):
        return [
            (each.currency, self.price(each))
            for each in self.world.lists
            if each.owner_id == owner_id and each.purpose in purposes and self.holds(each)
            and self.price(each)
        ]  # fmt: skip

    def below_floor(self):
        floors = [] if self.own else self.prices(self.world.maker.id, "floor")
        return any(
            currency == other
            and asked.amount_minor * bound.per_quantity < bound.amount_minor * asked.per_quantity
            for other, bound in floors
            for currency, asked in self.prices(self.offer.seller_id, "sale")
        )

    def available(self):
        there = not self.own and self.stock is not None and self.world.place.is_active
        return max(self.stock.on_hand - self.stock.safety, 0) if there else 0

    def reasons(self):
        offer, now = self.offer, self.world.now
        seller = self.world.maker if self.own else self.world.seller
        found = {
            "offer_paused": offer.status == "paused",
            "offer_withdrawn": offer.status == "withdrawn",
            "not_yet_valid": offer.valid_from > now,
            "expired": offer.valid_to is not None and offer.valid_to <= now,
            "seller_suspended": seller.status != "active",
            "variant_not_active": self.variant.status != "active",
            "agreement_inactive": not self.own and not self.terms(),
            "outside_assortment": bool(self.terms()) and not self.covered(),
            "no_price": not self.prices(offer.seller_id, "sale", "transfer"),
            "below_floor_price": self.below_floor(),
            "no_stock": self.available() < self.least,
        }
        return tuple(reason for reason in REASONS if found[reason])


class TestTheReasons:
    def test_are_those_that_a_person_would_find(self, session, now):
        seen, good = set(), 0
        for seed in range(15):
            world = World(random.Random(seed), now)
            ids = [case.offer.id for case in world.cases]
            found = queries.explain(session, offer_ids=ids, now=now)
            for case in world.cases:
                assert found[case.offer.id] == case.reasons(), (seed, case)
                seen.update(case.reasons())
                good += not case.reasons()
        assert seen == set(REASONS)
        assert good

    def test_find_the_same_offers_as_they_are_told_of(self, session, now):
        world = World(random.Random(3), now)
        for owner in (world.maker, world.seller):
            caller = caller_of(owner)
            asked = {
                "caller": caller,
                "page": PageRequest(limit=50),
                "wanted": OfferFilter(),
                "now": now,
            }
            everything = queries.list_offers(session, **asked).items
            told = queries.summary(session, caller=caller, wanted=OfferFilter(), now=now)
            assert told.total == len(everything)
            assert told.sellable == sum(not row["reasons"] for row in everything)
            for reason in REASONS:
                wanted = [row["id"] for row in everything if reason in row["reasons"]]
                found = queries.list_offers(session, **asked, reason=reason).items
                assert [row["id"] for row in found] == wanted
                assert told.reasons.get(reason, 0) == len(wanted)

    def test_know_prices_that_are_derived(self, session, now):
        maker = OrganizationFactory(manufacturer=True)
        variant = VariantFactory(manufacturer_id=maker.id)
        offer = OfferFactory(seller_id=maker.id, variant_id=variant.id)
        base = PriceListFactory(owner_id=maker.id, purpose="list")
        PriceEntryFactory(price_list_id=base.id, variant_id=variant.id)
        assert "no_price" in queries.explain(session, offer_ids=[offer.id], now=now)[offer.id]
        middle = PriceListFactory(owner_id=maker.id, purpose="list", base_list_id=base.id)
        PriceListFactory(owner_id=maker.id, purpose="sale", base_list_id=middle.id)
        assert "no_price" not in queries.explain(session, offer_ids=[offer.id], now=now)[offer.id]
        middle.valid_to = now
        session.flush()
        assert "no_price" in queries.explain(session, offer_ids=[offer.id], now=now)[offer.id]

    def test_are_told_of_a_page_in_one_statement(self, session, now):
        world = World(random.Random(5), now)
        caller = caller_of(world.seller)
        with count_statements() as statements:
            page = queries.list_offers(
                session, caller=caller, page=PageRequest(limit=3), wanted=OfferFilter(), now=now
            )
        assert len(statements) == 1
        assert len(page.items) == 3
