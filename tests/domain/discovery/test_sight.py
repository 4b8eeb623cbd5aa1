"""No path shows a variant, price or seller that the buyer is not entitled to, and none hides one.

Worlds are drawn at random: storefronts of every access, accounts in every status, blocked and
suspended sellers, paused and lapsed offers, agreements by category, territory and assortment in
chains that break, exclusivities, statuses of variants. ``tests.support.sight`` says what is right.
"""

import random
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.catalog.models import Variant
from app.discovery import queries
from app.discovery.errors import NotOnShow
from app.discovery.queries import Place, Search, Viewer
from app.discovery.rules import SORTS, Filters, question_of
from app.inventory.models import Closure, Incoming, Location
from app.kernel.ids import new_id
from app.kernel.paging import PageRequest, decode_cursor
from app.network.models import Organization
from app.ordering import operations as ordering
from app.routing import operations as routing
from app.storefronts.errors import StorefrontNotFound
from app.storefronts.models import Storefront
from tests.factories import catalog as make
from tests.factories import network as net
from tests.factories.assortments import AssortmentFactory, AssortmentItemFactory
from tests.factories.world import FREIGHT
from tests.support.sight import Sight

BACKORDERS: list[dict[str, Any]] = [
    {},
    {"backorder": "incoming"},
    {"backorder": "incoming"},
    {"backorder": "incoming", "backorder_limit": 3},
    {"backorder": "always", "backorder_limit": 6, "backorder_days": 5},
]
WORDS = ["basin", "mixer", "shower", "hose", "valve", "copper", "chrome", "brass"]
COUNTRIES = ["BR", "AR"]
# Chance by the place of a row in the order of its making: ids differ from run to run, and a test
# that hashed them would now and then find nothing to look at.
NUMBERED = """
CREATE TEMPORARY TABLE numbered ON COMMIT DROP AS
SELECT id, hashtext(CAST(row_number() OVER (ORDER BY id) AS text)) AS chance
FROM (SELECT id FROM catalog_variants UNION SELECT id FROM catalog_products
      UNION SELECT id FROM network_organizations UNION SELECT id FROM inventory_locations
      UNION SELECT id FROM pricing_price_lists) made
"""
CHANCE = """
CREATE FUNCTION pg_temp.chance(uuid) RETURNS int LANGUAGE sql STABLE AS
'SELECT abs(chance / 2) FROM pg_temp.numbered WHERE id = $1'
"""


@dataclass
class Drawn:
    """A random world."""

    session: Session
    dice: random.Random
    now: datetime
    makers: list[Organization] = field(default_factory=list)
    sellers: list[Organization] = field(default_factory=list)
    buyers: list[Organization] = field(default_factory=list)
    shops: list[Storefront] = field(default_factory=list)
    categories: dict[uuid.UUID, list[uuid.UUID]] = field(default_factory=dict)
    variants: list[uuid.UUID] = field(default_factory=list)
    addresses: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)

    def draw(self) -> None:
        self._parties()
        self._goods()
        self._shops()
        self._agreements()
        self._offers_and_prices()
        routing.put_freight_table(
            self.session, seller_id=None, currency="BRL", name="All", rates=FREIGHT
        )
        routing.create_policy(
            self.session, scope=routing.PolicyScope(), document={}, valid_from=net.LONG_AGO
        )
        self._policies()
        self.session.flush()
        self.session.execute(text(NUMBERED))
        self.session.execute(text(CHANCE))

    def _policies(self) -> None:
        """Some say that nobody waits; a category's says otherwise for goods of it."""
        maker = self.dice.choice(self.makers)
        scopes = {
            "buyer_id": self.dice.choice(self.buyers).id,
            "storefront_id": self.dice.choice(self.shops).id,
            "manufacturer_id": maker.id,
            "category_id": self.dice.choice(self.categories[maker.id]),
        }
        for kind, key in scopes.items():
            if self.maybe(35):
                routing.create_policy(
                    self.session, scope=routing.PolicyScope(**{kind: key}),
                    document={"backorders": self.dice.choice(["never", "when_short"])},
                    valid_from=net.LONG_AGO,
                )  # fmt: skip

    def maybe(self, percent: int) -> bool:
        return self.dice.random() * 100 < percent

    def _parties(self) -> None:
        self.makers = [net.OrganizationFactory(manufacturer=True) for _ in range(2)]
        self.sellers = [
            net.OrganizationFactory(
                distributor=True, status="suspended" if self.maybe(15) else "active"
            )
            for _ in range(4)
        ]
        self.buyers = [net.OrganizationFactory(buyer=True) for _ in range(2)]
        self.addresses = {
            each.id: net.AddressFactory(
                organization_id=each.id, country=self.dice.choice(COUNTRIES)
            ).id
            for each in self.buyers
        }
        if self.maybe(50):
            self.sellers.append(self.makers[0])  # it sells itself, without any agreement

    def _goods(self) -> None:
        for maker in self.makers:
            root = make.CategoryFactory(manufacturer_id=maker.id)
            key = new_id()
            child = make.CategoryFactory(
                id=key, manufacturer_id=maker.id, parent_id=root.id, path=[root.id, key]
            )
            other = make.CategoryFactory(manufacturer_id=maker.id)
            self.session.flush()
            self.categories[maker.id] = [root.id, child.id, other.id]
            for _ in range(5):
                product = make.ProductFactory(
                    manufacturer_id=maker.id,
                    category_id=self.dice.choice(self.categories[maker.id]),
                    brand=self.dice.choice(["Rivo", "Nilo"]),
                )
                for _ in range(self.dice.randint(1, 2)):
                    self.variants.append(self._variant(maker, product))

    def _variant(self, maker, product) -> uuid.UUID:
        made = make.VariantFactory(
            manufacturer_id=maker.id,
            product=product,
            name=" ".join(self.dice.sample(WORDS, 3)),
            attributes={"colour": self.dice.choice(["red", "blue"])},
            status=self.dice.choice(["active"] * 6 + ["phase_out", "draft", "withdrawn"]),
        )
        return made.id

    def _assortment(self, percent: int, owner_id: uuid.UUID) -> uuid.UUID | None:
        if not self.maybe(percent):
            return None
        assortment = AssortmentFactory(owner_id=owner_id)
        for variant in self.dice.sample(self.variants, len(self.variants) * 2 // 3):
            AssortmentItemFactory(assortment_id=assortment.id, variant_id=variant, included=True)
        return assortment.id

    def _shops(self) -> None:
        for access in ("open", "closed", "restricted"):
            owner = net.OrganizationFactory(reseller=True)
            shop = net.StorefrontFactory(
                owner_id=owner.id, access=access, is_active=self.maybe(90),
                assortment_id=self._assortment(30, owner.id),
            )  # fmt: skip
            self.shops.append(shop)
            pool = [each for each in self.sellers if self.maybe(80)]
            for seller in [*pool, *([owner] if self.maybe(40) else [])]:
                net.PoolSellerFactory(storefront_id=shop.id, seller_id=seller.id)
            if owner.id in {each.id for each in self.sellers} or self.maybe(60):
                self.sellers.append(owner)
            for buyer in self.buyers:
                if self.maybe(75):
                    net.TradingAccountFactory(
                        seller_id=owner.id,
                        buyer_id=buyer.id,
                        status=self.dice.choice(["active"] * 5 + ["suspended", "requested"]),
                        blocked_seller_ids=[each.id for each in self.sellers if self.maybe(15)],
                        assortment_id=self._assortment(20, owner.id),
                    )

    def _agreements(self) -> None:
        for maker in self.makers:
            firsts = [
                self._agreement(maker, maker, seller, None)
                for seller in self.sellers
                if seller.id != maker.id and self.maybe(75)
            ]
            for shop in self.shops:
                owner = next(
                    (each for each in self.sellers if each.id == shop.owner_id),
                    self.session.get(Organization, shop.owner_id),
                )
                for parent in firsts:
                    if parent.grantee_id != owner.id and self.maybe(35):
                        grantor = self.session.get(Organization, parent.grantee_id)
                        self._agreement(maker, grantor, owner, parent, model="resale")

    def _agreement(self, maker, grantor, grantee, parent, model="agency"):
        made = net.AgreementFactory(
            manufacturer_id=maker.id,
            grantor_id=grantor.id,
            grantee_id=grantee.id,
            parent_id=parent.id if parent else None,
            status=self.dice.choice(["active"] * 6 + ["suspended"]),
        )
        transfer = None
        if model == "resale":
            transfer = make.PriceListFactory(
                owner_id=grantor.id, currency="BRL", purpose="transfer"
            )
            for variant in self.variants:
                make.PriceEntryFactory(
                    price_list_id=transfer.id, variant_id=variant, amount_minor=50
                )
        terms = net.AgreementTermsFactory(
            agreement_id=made.id,
            selling_model=model,
            transfer_price_list_id=transfer.id if transfer else None,
            commission_bps=0 if transfer else 500,
            territory_id=self._territory() if self.maybe(30) else None,
            valid_to=self.now if self.maybe(8) else None,
            assortment_id=self._assortment(15, grantor.id),
        )
        if self.maybe(35):
            net.AgreementCategoryFactory(
                terms_id=terms.id, category_id=self.dice.choice(self.categories[maker.id])
            )
        if self.maybe(8):
            net.ExclusivityFactory(
                terms_id=terms.id,
                category_id=self.dice.choice([None, *self.categories[maker.id]]),
                territory_id=self._territory() if self.maybe(50) else None,
            )
        return made

    def _territory(self) -> uuid.UUID:
        area = net.TerritoryAreaFactory(country=self.dice.choice(COUNTRIES))
        return area.territory_id

    def _offers_and_prices(self) -> None:
        for seller in self.sellers:
            prices = make.PriceListFactory(owner_id=seller.id, currency="BRL")
            make.PriceAssignmentFactory(price_list_id=prices.id, owner_id=seller.id)
            place = self._place(seller)
            for variant in self.variants:
                if self.maybe(75):
                    self._price(prices.id, variant)
                if self.maybe(60):
                    self._offer(seller, variant, place)
        for shop in self.shops:
            buyer = self.dice.choice(self.buyers)
            contract = make.PriceListFactory(owner_id=shop.owner_id, currency="BRL")
            make.PriceAssignmentFactory(
                price_list_id=contract.id, owner_id=shop.owner_id, buyer_id=buyer.id
            )
            for variant in self.variants:
                if self.maybe(40):
                    self._price(contract.id, variant)

    def _place(self, seller: Organization) -> Location:
        place = make.LocationFactory(
            seller_id=seller.id, is_active=self.maybe(90),
            time_zone=self.dice.choice(["UTC", "America/Sao_Paulo", "Asia/Tokyo"]),
        )  # fmt: skip
        self.session.flush()
        if self.maybe(30):
            day = self.now.date() + timedelta(days=self.dice.randint(0, 9))
            closed = {"location_id": place.id, "first_on": day, "last_on": day}
            self.session.add(Closure(id=new_id(), reason="Count", **closed))
        return place

    def _price(self, price_list_id: uuid.UUID, variant: uuid.UUID) -> None:
        make.PriceEntryFactory(
            price_list_id=price_list_id, variant_id=variant,
            amount_minor=self.dice.randint(100, 900),
        )  # fmt: skip

    def _offer(self, seller, variant: uuid.UUID, place) -> None:
        make.OfferFactory(
            seller_id=seller.id,
            variant_id=variant,
            status=self.dice.choice(["active"] * 6 + ["paused", "withdrawn"]),
            minimum_quantity=self.dice.choice([1, 1, 1, 5]),
            lead_time_days=self.dice.choice([0, 2]),
            **self.dice.choice(BACKORDERS),
            valid_to=self.now if self.maybe(8) else None,
        )
        make.StockFactory(
            location_id=place.id, variant_id=variant, on_hand=self.dice.choice([0, 3, 40]),
            promised=self.dice.choice([0, 0, 2]),
        )  # fmt: skip
        self.session.flush()
        for number in range(self.dice.choice([0, 1, 2])):
            due_on = self.now.date() + timedelta(days=self.dice.choice([-9, -3, 0, 4, 4, 11]))
            units = {
                "quantity": self.dice.choice([1, 6, 9]),
                "received": self.dice.choice([0, 0, 1]),
            }
            coming = {"location_id": place.id, "variant_id": variant, "due_on": due_on, **units}
            self.session.add(
                Incoming(id=new_id(), reference=f"PO-{number}", updated_at=self.now, **coming)
            )


def pages(session: Session, viewer: Viewer, asked: Search, now: datetime):
    """Every page of an answer."""
    while True:
        found = queries.search(session, viewer=viewer, search=asked, now=now)
        yield found
        if found.next_cursor is None:
            return
        asked = replace(asked, cursor=found.next_cursor)


@dataclass
class Judge:
    """One pair of eyes in one storefront, and what it must see."""

    world: Drawn
    sight: Sight
    shop: Storefront
    viewer: Viewer

    def __post_init__(self) -> None:
        self.seen = self.sight.seen(self.shop, self.viewer.buyer_id, self.viewer.place.country)
        self.prices = {
            each: self.sight.price(self.shop, self.viewer.buyer_id, each, self.seen)
            for each in self.seen
        }

    def ask(self, **asked) -> Search:
        words = asked.pop("words", "")
        return Search(
            question=question_of(words), locale="en", limit=5, **{"filters": Filters(), **asked}
        )

    def sellers_of(self, variant: uuid.UUID) -> set[str | None]:
        return {
            str(seller) if model == "agency" else None
            for seller, model in self.seen[variant].items()
        }

    def judge_shown(self, shown) -> None:
        variant = shown.row.variant_id
        assert variant in self.seen
        assert {each.seller_id for each in shown.offers} == self.sellers_of(variant)
        assert (shown.price.amount_minor if shown.price else None) == self.prices[variant]
        assert shown.availability == self.told(variant)

    def told(self, variant: uuid.UUID) -> tuple[str, date | None]:
        return self.sight.availability(self.shop, self.viewer.buyer_id, variant, self.seen)

    def judge_search(self) -> None:
        now, session = self.world.now, self.world.session
        for sort in SORTS:
            found = list(pages(session, self.viewer, self.ask(sort=sort), now))
            items = [each for page in found for each in page.items]
            for each in items:
                self.judge_shown(each)
            ids = [each.row.variant_id for each in items]
            assert len(ids) == len(set(ids)) == len(self.seen) == found[0].total, sort
            if sort in {"price", "-price"}:
                paid = [self.prices[each] for each in ids]
                known = [each for each in paid if each is not None]
                assert known == sorted(known, reverse=sort == "-price")
                assert paid[: len(known)] == known
            self.judge_facets(found[0], self.seen)
        for word in WORDS:
            (found,) = list(
                pages(session, self.viewer, replace(self.ask(words=word), limit=100), now)
            )
            assert {each.row.variant_id for each in found.items} == {
                each for each in self.seen if word in self.sight.one(Variant, each).name
            }

    def judge_facets(self, found, variants) -> None:
        counted = Counter(token for each in variants for token in self.sight.tokens(each))
        assert {each.token: each.many for each in found.facets} == counted

    def judge_filters(self) -> None:
        now, session, dice = self.world.now, self.world.session, self.world.dice
        low = dice.randint(100, 500)
        filters = Filters(
            facets={"brand": ["Rivo"]}, price_from=low, price_to=low + 300, is_available=True
        )
        found = queries.search(
            session,
            viewer=self.viewer,
            search=replace(self.ask(filters=filters), limit=100),
            now=now,
        )
        fits = {
            each
            for each in self.seen
            if self.prices[each] is not None
            and low <= self.prices[each] <= low + 300
            and self.sight.available(each, self.seen)
        }
        rivo = {each for each in fits if "brand=Rivo" in self.sight.tokens(each)}
        assert {each.row.variant_id for each in found.items} == rivo
        brands = Counter(
            token for each in fits for token in self.sight.tokens(each) if "brand=" in token
        )
        assert {f.token: f.many for f in found.facets if f.token.startswith("brand=")} == brands

    def judge_suggestions(self) -> None:
        tokens = {token for each in self.seen for token in self.sight.tokens(each)}
        for prefix in ["ba", "mix", "Riv", "cat", "SKU", "shower ho"]:
            for each in queries.suggest(
                self.world.session, viewer=self.viewer, prefix=prefix, locale="en",
                now=self.world.now,
            ):  # fmt: skip
                if each.kind == "product":
                    assert uuid.UUID(each.value) in self.seen
                else:
                    assert f"{each.kind}={each.value}" in tokens

    def judge_products(self) -> None:
        for variant in self.world.variants:
            product = self.sight.one(Variant, variant).product_id
            siblings = {
                each for each in self.seen if self.sight.one(Variant, each).product_id == product
            }
            try:
                page = queries.product(
                    self.world.session, viewer=self.viewer, locale="en", now=self.world.now,
                    product_id=product,
                )  # fmt: skip
            except NotOnShow:
                assert not siblings
                continue
            assert {each.row.variant_id for each in page.variants} == siblings
            for each in page.variants:
                self.judge_shown(each)
            assert {uuid.UUID(key) for key, _ in page.breaks} <= siblings
            for key, seller in page.breaks:
                assert seller in self.sellers_of(uuid.UUID(key))

    def judge_feed(self) -> None:
        items, page = [], PageRequest(limit=7)
        while True:
            found = queries.read_feed(
                self.world.session, viewer=self.viewer, locale="en", page=page, now=self.world.now
            )
            items += found.items
            if found.next_cursor is None:
                break
            page = PageRequest(after=decode_cursor(found.next_cursor), limit=7)
        assert [each.row.variant_id for each in items] == sorted(self.seen)
        for each in items:
            self.judge_shown(each)

    def judge_routing(self) -> None:
        """What an order would be delivered by lies within what is seen."""
        if self.viewer.buyer_id is None:
            return
        buyer = self.world.session.get(Organization, self.viewer.buyer_id)
        for variant in self.world.variants:
            decision = ordering.simulate(
                self.world.session,
                caller=net.caller_of(buyer),
                placement=ordering.Placement(
                    storefront_id=self.shop.id,
                    buyer_id=buyer.id,
                    address_id=self.world.addresses[buyer.id],
                    lines=[ordering.PlacementLine(variant, 5)],
                ),
                now=self.world.now,
            )
            sellers = {each.candidate.seller_id for each in decision.assignments}
            assert sellers <= set(self.seen.get(variant, ()))
            if len(sellers) == 1 and decision.units_served == 5:
                band, since = self.told(variant)
                last = max(each.candidate.ships_on for each in decision.assignments)
                assert band != "out_of_stock"
                assert since is None or since <= last


@pytest.mark.parametrize("seed", range(4))
def test_every_path_shows_what_is_entitled_and_nothing_else(
    session: Session, now: datetime, seed: int
) -> None:
    world = Drawn(session, random.Random(seed), now + timedelta(0))
    world.draw()
    sight = Sight(session, now)
    looked = 0
    for shop in world.shops:
        eyes = [None, *world.buyers]
        for eye in eyes:
            caller = net.caller_of(eye) if eye else None
            try:
                viewer = queries.look(session, caller=caller, storefront=shop.id)
            except StorefrontNotFound:
                assert not sight.seen(shop, eye.id if eye else None, None)
                continue
            if eye is None:
                country = world.dice.choice([None, *COUNTRIES])
                viewer = replace(viewer, place=Place(country=country))
            judge = Judge(world, sight, shop, viewer)
            judge.judge_search()
            judge.judge_filters()
            judge.judge_suggestions()
            judge.judge_products()
            judge.judge_feed()
            judge.judge_routing()
            looked += len(judge.seen)
    assert looked
