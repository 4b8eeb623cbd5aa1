"""Loads the built-in network: once, in one transaction, the same every time.

Everything is found again by its code. Prices and stock are drawn with a fixed seed.
"""

import random
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select

from app.demo import season
from app.demo.assortment import CATEGORIES, MAKERS, VariantSpec, list_variants
from app.demo.drafts import NetworkDraft, Price, Terms
from app.demo.master import attributes_of, product_row, variant_row
from app.demo.parties import (
    ACCOUNTS,
    BUYERS,
    EXCLUSIVITY,
    LINKS,
    SELDOM,
    SELLERS,
    SHOPS,
    TERRITORIES,
    TIME_ZONES,
    AccountSpec,
    LinkSpec,
    SellerSpec,
    ShopSpec,
)
from app.demo.vocabulary import names
from app.discovery import operations as discovery_operations
from app.infra.db import DbSession
from app.kernel.money import divide_half_up
from app.tables import network

OPERATOR = ("OPERATOR", "Distributary Operations")
SINCE = datetime(2025, 1, 1, tzinfo=UTC)
SEED = 20250101
COMMISSION_BPS, ROYALTY_BPS, PLATFORM_FEE_BPS = 600, 200, 100
# What handling one more consignment is worth avoiding, beyond its freight.
SPLIT_WEIGHT_MINOR = 600
# Dollars for a euro in the built-in price lists, in percent; a price, not an exchange rate.
_DOLLAR_PERCENT = {"EUR": 100, "USD": 112}
_BREAKS = ((1, 100), (10, 96), (50, 91))
_CONTRACT_SKUS = 60
_FREIGHT_KM = (100, 300, 600, 1200, 2500, 5000)
_FREIGHT_G = ((1000, 480), (5000, 690), (10_000, 940), (20_000, 1420), (31_500, 1980))


def is_loaded(session: DbSession) -> bool:
    """Whether the network is there."""
    query = select(network.Organization.id).where(network.Organization.code == SELLERS[0].code)
    return session.scalar(query) is not None


def load(session: DbSession, *, now: datetime) -> Mapping[str, int]:
    """Load the network when it is not there; rows by table. The caller commits."""
    if is_loaded(session):
        return {}
    rows = NetworkDraft(now=now, since=SINCE)
    _Demo(rows, operator_id=_find_operator(session)).draw_up()
    rows.batch.write(session, lambda *_: None)
    season.keep(session, now=now)
    discovery_operations.index_all(session)
    return rows.batch.counts()


def _find_operator(session: DbSession) -> uuid.UUID | None:
    query = select(network.Organization.id).where(network.Organization.kinds.contains(["operator"]))
    return session.scalars(query.limit(1)).one_or_none()


@dataclass
class _Demo:
    """The network while it is drawn up: ids by code."""

    rows: NetworkDraft
    operator_id: uuid.UUID | None
    ids: dict[str, uuid.UUID] = field(default_factory=dict)
    categories: dict[tuple[str, str], uuid.UUID] = field(default_factory=dict)
    territories: dict[str, uuid.UUID] = field(default_factory=dict)
    agreements: dict[tuple[str, str, bool], uuid.UUID] = field(default_factory=dict)
    variants: list[tuple[VariantSpec, uuid.UUID]] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311

    def draw_up(self) -> None:
        """All rows."""
        self._add_organizations()
        self._add_products()
        self._add_territories()
        for seller in SELLERS:
            self._add_seller(seller)
        for link in LINKS:
            self._add_link(link)
        shops = {shop.owner: self._add_shop(shop) for shop in SHOPS}
        for account in ACCOUNTS:
            self._add_account(account, shops)
        self._add_freight()
        self.rows.policy(None, split_minor=SPLIT_WEIGHT_MINOR)

    def _add_organizations(self) -> None:
        if self.operator_id is None:
            self._add_organization(*OPERATOR, "operator", "DE")
        for maker in MAKERS:
            self._add_organization(maker.code, maker.name, "manufacturer", "DE")
        for seller in SELLERS:
            self._add_organization(seller.code, seller.name, seller.kind, seller.country)
        for buyer in BUYERS:
            self._add_organization(buyer.code, buyer.name, "buyer", buyer.place.country)
            self.rows.address(
                organization_id=self.ids[buyer.code], label="main store", recipient=buyer.name,
                street=buyer.street, place=buyer.place,
            )  # fmt: skip

    def _add_organization(self, code: str, name: str, kind: str, country: str) -> None:
        self.ids[code] = self.rows.organization(
            code=code, name=name, kinds=(kind,), country=country
        )

    def _add_products(self) -> None:
        for maker, tree in CATEGORIES.items():
            self._add_master_data(maker, tree)
        families: dict[str, list[VariantSpec]] = defaultdict(list)
        for variant in list_variants():
            families[variant.family.code].append(variant)
        for variants in families.values():
            self._add_family(variants)
        for maker in CATEGORIES:
            self._add_list(maker, "list", "EUR", 100)

    def _add_master_data(self, maker: str, tree: Iterable[tuple[str, str, str]]) -> None:
        nodes: dict[str, tuple[uuid.UUID, list[uuid.UUID]]] = {}
        for position, (code, name, parent) in enumerate(tree):
            nodes[code] = self.rows.category(
                manufacturer_id=self.ids[maker], code=code, name=name, parent=nodes.get(parent),
                translations=names(name), position=position,
            )  # fmt: skip
            self.categories[maker, code] = nodes[code][0]
        for attribute in attributes_of(maker).values():
            self.rows.attribute(manufacturer_id=self.ids[maker], facts=attribute.row())

    def _add_family(self, variants: list[VariantSpec]) -> None:
        family = variants[0].family
        ids = self.rows.product(
            manufacturer_id=self.ids[family.maker],
            category_id=self.categories[family.maker, family.category],
            facts=product_row(family),
            variants=[variant_row(item) for item in variants],
        )
        self.variants += zip(variants, ids, strict=True)

    def _add_territories(self) -> None:
        owner_id = self.operator_id or self.ids[OPERATOR[0]]
        for name, areas in TERRITORIES.items():
            self.territories[name] = self.rows.territory(owner_id=owner_id, name=name, areas=areas)

    def _add_seller(self, seller: SellerSpec) -> None:
        """Its warehouses, offers, stock and sale prices; sellers without a place have none."""
        if not seller.places:
            return
        locations = [
            self.rows.location(
                seller_id=self.ids[seller.code], code=f"{seller.code}-{number}",
                name=f"{seller.name}, {place.city}", place=place,
                time_zone=TIME_ZONES.get(place.subdivision) or TIME_ZONES[place.country],
            )
            for number, place in enumerate(seller.places, start=1)
        ]  # fmt: skip
        sold = [row for row in self.variants if row[0].family.maker in seller.makers]
        sold = [row for row in sold if self.dice.randrange(100) < seller.offers_percent]
        for position, (_, variant_id) in enumerate(sold):
            self.rows.offer(
                seller_id=self.ids[seller.code], variant_id=variant_id,
                lead_time_days=seller.lead_time_days,
                backorder="none" if position % SELDOM else "incoming",
            )  # fmt: skip
        self._add_stock(locations, sold)
        prices = self._prices(sold, seller.currency, seller.price_percent, spread=4)
        self._assign(self._price_list(seller.code, "sale", seller.currency, "Sale", prices))

    def _add_stock(
        self, locations: list[uuid.UUID], sold: list[tuple[VariantSpec, uuid.UUID]]
    ) -> None:
        for position, (variant, variant_id) in enumerate(sold):
            packs = variant.family.pack
            for location_id in locations:
                if self.dice.randrange(100) < 85:  # noqa: PLR2004 - most are in stock
                    self.rows.stock(
                        location_id=location_id, variant_id=variant_id,
                        on_hand=packs * self.dice.randint(4, 60) + self.dice.randint(20, 200),
                    )  # fmt: skip
                    if position % SELDOM == 0:
                        self.rows.incoming(
                            location_id=location_id, variant_id=variant_id,
                            quantity=packs * 50, in_days=10,
                        )  # fmt: skip

    def _prices(
        self, sold: Iterable[tuple[VariantSpec, uuid.UUID]], currency: str, percent: int,
        spread: int = 0,
    ) -> list[Price]:  # fmt: skip
        """Quantity breaks for every variant, a few percent around the seller's level."""
        return [
            price
            for variant, variant_id in sold
            for price in _breaks(
                variant, variant_id, currency, percent + self.dice.randint(-spread, spread)
            )
        ]

    def _price_list(
        self, owner: str, purpose: str, currency: str, name: str, prices: Iterable[Price]
    ) -> uuid.UUID:
        return self.rows.price_list(
            owner_id=self.ids[owner], name=f"{name} {currency}", currency=currency,
            purpose=purpose, prices=prices,
        )  # fmt: skip

    def _add_list(self, maker: str, purpose: str, currency: str, percent: int) -> None:
        made = [row for row in self.variants if row[0].family.maker == maker]
        prices = [_price(variant, row_id, currency, percent) for variant, row_id in made]
        self._price_list(maker, purpose, currency, "Recommended", prices)

    def _assign(self, price_list_id: uuid.UUID) -> None:
        self.rows.assignment(price_list_id)

    def _add_link(self, link: LinkSpec) -> None:
        parent_id = (
            None if link.grantor == link.maker else self._agreement_above(link.maker, link.grantor)
        )
        agreement_id, terms_id = self.rows.agreement(
            manufacturer_id=self.ids[link.maker],
            grantor_id=self.ids[link.grantor],
            grantee_id=self.ids[link.grantee],
            parent_id=parent_id,
            terms=self._terms(link),
        )
        self.agreements.setdefault(
            (link.maker, link.grantee, bool(link.transfer_percent)), agreement_id
        )
        maker, holder, territory, category = EXCLUSIVITY
        if (link.maker, link.grantee) == (maker, holder):
            self.rows.exclusivity(
                terms_id=terms_id,
                territory_id=self.territories[territory],
                category_id=self.categories[maker, category],
            )

    def _agreement_above(self, maker: str, grantor: str) -> uuid.UUID:
        """The grantor's own agreement: the one to sell when it has one, else the one to resell."""
        agency = self.agreements.get((maker, grantor, False))
        return agency or self.agreements[maker, grantor, True]

    def _terms(self, link: LinkSpec) -> Terms:
        currency = next(seller.currency for seller in SELLERS if seller.code == link.grantee)
        resale = bool(link.transfer_percent)
        return Terms(
            currency=currency,
            selling_model="resale" if resale else "agency",
            territory_id=self.territories[link.territory],
            category_ids=[self.categories[link.maker, code] for code in link.categories],
            priority=link.priority,
            minimum_order_minor=link.minimum_order_minor,
            transfer_price_list_id=self._transfer_list(link, currency) if resale else None,
            commission_bps=0 if resale else COMMISSION_BPS,
            royalty_bps=ROYALTY_BPS,
            platform_fee_bps=PLATFORM_FEE_BPS,
        )

    def _transfer_list(self, link: LinkSpec, currency: str) -> uuid.UUID:
        made = [row for row in self.variants if row[0].family.maker == link.maker]
        prices = [
            _price(variant, row_id, currency, link.transfer_percent) for variant, row_id in made
        ]
        return self._price_list(
            link.grantor, "transfer", currency, f"{link.maker.title()} to {link.grantee.title()}",
            prices,
        )  # fmt: skip

    def _add_shop(self, shop: ShopSpec) -> uuid.UUID:
        """A storefront, with its owner's prices for what the owner resells."""
        storefront_id = self.rows.storefront(
            owner_id=self.ids[shop.owner], slug=shop.slug, name=shop.name, country=shop.country,
            currency=shop.currency, access=shop.access,
            pool=[self.ids[code] for code in shop.pool],
        )  # fmt: skip
        prices = self._prices(self.variants, shop.currency, shop.resale_percent)
        list_id = self._price_list(shop.owner, "sale", shop.currency, shop.name, prices)
        self.rows.assignment(list_id, storefront_id=storefront_id)
        for group, factor_bps in shop.groups:
            derived_id = self.rows.derived_list(
                owner_id=self.ids[shop.owner], name=f"{shop.name} {group.title()} {shop.currency}",
                currency=shop.currency, base_list_id=list_id, factor_bps=factor_bps,
                round_to_minor=5,
            )  # fmt: skip
            self.rows.assignment(derived_id, customer_group=group, storefront_id=storefront_id)
        return storefront_id

    def _add_account(self, account: AccountSpec, shops: Mapping[str, uuid.UUID]) -> None:
        assert account.owner in shops
        self.rows.trading_account(
            seller_id=self.ids[account.owner], buyer_id=self.ids[account.buyer],
            currency=account.currency, credit_limit_minor=account.credit_limit_minor,
            payment_methods=account.methods, customer_group=account.group,
            blocked_seller_ids=[self.ids[code] for code in account.blocked],
        )  # fmt: skip
        if account.contract_percent:
            chosen = self.variants[:: max(1, len(self.variants) // _CONTRACT_SKUS)]
            prices = [
                _price(variant, row_id, account.currency, account.contract_percent)
                for variant, row_id in chosen
            ]
            list_id = self._price_list(
                account.owner, "sale", account.currency, f"Contract {account.buyer.title()}", prices
            )
            self.rows.assignment(list_id, buyer_id=self.ids[account.buyer])

    def _add_freight(self) -> None:
        for currency, percent in _DOLLAR_PERCENT.items():
            self.rows.freight_table(
                name="Parcels", currency=currency,
                cells=[
                    (km, grams, divide_half_up(price * percent * (100 + 22 * band), 10_000))
                    for band, km in enumerate(_FREIGHT_KM)
                    for grams, price in _FREIGHT_G
                ],
            )  # fmt: skip


def _price(variant: VariantSpec, variant_id: uuid.UUID, currency: str, percent: int) -> Price:
    amount = divide_half_up(variant.list_price_minor * percent * _DOLLAR_PERCENT[currency], 10_000)
    return Price(variant_id, amount, 1, variant.family.per)


def _breaks(
    variant: VariantSpec, variant_id: uuid.UUID, currency: str, percent: int
) -> Iterable[Price]:
    """Cheaper by ten packs and by fifty; what is sold in packs has its breaks in packs."""
    price = _price(variant, variant_id, currency, percent)
    for packs, share in _BREAKS:
        yield price._replace(
            from_quantity=packs if packs == 1 else packs * variant.family.pack,
            amount_minor=divide_half_up(price.amount_minor * share, 100),
        )
