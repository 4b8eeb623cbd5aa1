"""What a buyer may see, worked out anew: plain loops over all rows, without a line of the SQL.

The slow and obvious answer that every fast path is held against. It reads the tables whole and
decides row by row, in the words of the rules.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assortments.models import AssortmentItem
from app.catalog.models import Category, Product, Variant
from app.inventory.models import Closure, Incoming, Location, Stock
from app.inventory.rules.calendars import Calendar, open_from, ship_day
from app.network.models import (
    Agreement,
    AgreementCategory,
    AgreementTerms,
    Exclusivity,
    Organization,
    TerritoryArea,
    TradingAccount,
)
from app.offers.models import Offer
from app.pricing.models import PriceAssignment, PriceEntry, PriceList
from app.routing.models import NETWORK, RoutingPolicy
from app.storefronts.models import PoolSeller, Storefront

Seen = dict[uuid.UUID, dict[uuid.UUID, str]]


@dataclass
class Sight:
    """All rows of the world, and what follows from them for one pair of eyes."""

    session: Session
    now: datetime
    rows: dict[type, list[Any]] = field(default_factory=dict)

    def all(self, model: type) -> list[Any]:
        if model not in self.rows:
            self.rows[model] = list(self.session.scalars(select(model)))
        return self.rows[model]

    def one(self, model: type, key: uuid.UUID) -> Any:
        return next(each for each in self.all(model) if each.id == key)

    def seen(self, shop: Storefront, buyer_id: uuid.UUID | None, country: str | None) -> Seen:
        """By variant, each seller that may sell it here, and in which model."""
        account = next(
            (
                each
                for each in self.all(TradingAccount)
                if each.seller_id == shop.owner_id
                and each.buyer_id == buyer_id
                and each.status == "active"
            ),
            None,
        )
        if not shop.is_active or (shop.access != "open" and account is None):
            return {}
        found: Seen = {}
        for offer in self.all(Offer):
            model = self._model(shop, account, offer, country)
            if model:
                found.setdefault(offer.variant_id, {})[offer.seller_id] = model
        return found

    def _model(
        self, shop: Storefront, account: TradingAccount | None, offer: Offer, country: str | None
    ) -> str | None:
        variant = self.one(Variant, offer.variant_id)
        best = self._best_terms(offer.seller_id, variant, country)
        if not (
            self._is_ready(offer)
            and self._is_open(shop, account, offer, variant)
            and self._may(offer.seller_id, variant, best, country)
        ):
            return None
        if offer.seller_id == shop.owner_id:
            return "own"
        if offer.seller_id in self._suppliers(shop.owner_id, variant, country):
            return "resale"
        return "agency" if best is not None and best[0].selling_model == "agency" else None

    def _is_ready(self, offer: Offer) -> bool:
        return (
            offer.status == "active"
            and (offer.valid_to is None or offer.valid_to > self.now)
            and self.one(Organization, offer.seller_id).status == "active"
        )

    def _is_open(
        self, shop: Storefront, account: TradingAccount | None, offer: Offer, variant: Variant
    ) -> bool:
        pool = {each.seller_id for each in self.all(PoolSeller) if each.storefront_id == shop.id}
        return (
            variant.status in {"active", "phase_out"}
            and offer.seller_id in pool
            and offer.seller_id not in (account.blocked_seller_ids if account else ())
            and self._in(shop.assortment_id, variant)
            and self._in(account.assortment_id if account else None, variant)
        )

    def _may(self, seller_id: uuid.UUID, variant: Variant, best: Any, country: str | None) -> bool:
        holders = self._holders(variant, country)
        if holders and seller_id not in holders:
            return False
        if best is None:
            return seller_id == variant.manufacturer_id
        terms, agreement = best
        covers = self._covers(terms, variant) and self._is_there(terms, country)
        return covers and self._is_intact(agreement, variant, country)

    def _in(self, assortment_id: uuid.UUID | None, variant: Variant) -> bool:
        return assortment_id is None or any(
            each.assortment_id == assortment_id and each.variant_id == variant.id
            for each in self.all(AssortmentItem)
        )

    def _path(self, variant: Variant) -> list[uuid.UUID]:
        return list(self.one(Category, variant.category_id).path)

    def _covers(self, terms: AgreementTerms, variant: Variant) -> bool:
        named = [c.category_id for c in self.all(AgreementCategory) if c.terms_id == terms.id]
        within = not named or bool(set(named) & set(self._path(variant)))
        return within and self._in(terms.assortment_id, variant)

    def _is_there(self, terms: AgreementTerms, country: str | None) -> bool:
        if terms.territory_id is None or country is None:
            return True
        return any(
            area.territory_id == terms.territory_id and area.country == country
            for area in self.all(TerritoryArea)
        )

    def _holds_now(self, terms: AgreementTerms) -> bool:
        return terms.valid_from <= self.now and (
            terms.valid_to is None or terms.valid_to > self.now
        )

    def _granted(self, grantee_id: uuid.UUID, manufacturer_id: uuid.UUID) -> list[tuple[Any, Any]]:
        return [
            (terms, agreement)
            for agreement in self.all(Agreement)
            for terms in self.all(AgreementTerms)
            if terms.agreement_id == agreement.id
            and agreement.grantee_id == grantee_id
            and agreement.manufacturer_id == manufacturer_id
            and agreement.status == "active"
            and self._holds_now(terms)
        ]

    def _best_terms(
        self, seller_id: uuid.UUID, variant: Variant, country: str | None
    ) -> tuple[AgreementTerms, Agreement] | None:
        """Those that cover place and variant, and stand, first; agency before resale; priority."""
        granted = self._granted(seller_id, variant.manufacturer_id)
        return min(
            granted,
            key=lambda one: (
                not (
                    self._is_there(one[0], country)
                    and self._covers(one[0], variant)
                    and self._is_intact(one[1], variant, country)
                ),
                one[0].selling_model,
                -one[0].priority,
                one[0].id,
            ),
            default=None,
        )

    def _is_intact(self, agreement: Agreement, variant: Variant, country: str | None) -> bool:
        """Whether all above it stands and covers the same: nobody grants more than it has."""
        while agreement.parent_id is not None:
            agreement = self.one(Agreement, agreement.parent_id)
            covered = any(
                terms.agreement_id == agreement.id
                and self._holds_now(terms)
                and self._is_there(terms, country)
                and self._covers(terms, variant)
                for terms in self.all(AgreementTerms)
            )
            if agreement.status != "active" or not covered:
                return False
        return True

    def _holders(self, variant: Variant, country: str | None) -> set[uuid.UUID]:
        holders = set()
        for each in self.all(Exclusivity):
            terms = self.one(AgreementTerms, each.terms_id)
            agreement = self.one(Agreement, terms.agreement_id)
            certain = each.territory_id is None or any(
                area.territory_id == each.territory_id and area.country == country
                for area in self.all(TerritoryArea)
            )
            if (
                agreement.status == "active"
                and agreement.manufacturer_id == variant.manufacturer_id
                and self._holds_now(terms)
                and (each.category_id is None or each.category_id in self._path(variant))
                and certain
            ):
                holders |= {agreement.grantee_id, *self._supplied_by(agreement)}
        return holders

    def _supplied_by(self, agreement: Agreement) -> set[uuid.UUID]:
        """Everybody with an agreement in force that comes from this one, through any others."""
        below = [each for each in self.all(Agreement) if each.parent_id == agreement.id]
        found = {
            each.grantee_id for each in below
            if any(one is each for _, one in self._granted(each.grantee_id, each.manufacturer_id))
        }  # fmt: skip
        return found.union(*(self._supplied_by(each) for each in below))

    def _suppliers(
        self, owner_id: uuid.UUID, variant: Variant, country: str | None
    ) -> set[uuid.UUID]:
        """Everybody on a chain of resale terms, each covering place and variant, up to four."""
        found: set[uuid.UUID] = set()
        tier = [(owner_id, frozenset({owner_id}))]
        for _ in range(4):
            tier = [
                (agreement.grantor_id, parties | {agreement.grantor_id})
                for buyer_id, parties in tier
                for terms, agreement in self._granted(buyer_id, variant.manufacturer_id)
                if terms.selling_model == "resale"
                and self._covers(terms, variant)
                and self._is_there(terms, country)
                and agreement.grantor_id not in parties
            ]
            found |= {seller_id for seller_id, _ in tier}
        return found

    def price(
        self, shop: Storefront, buyer_id: uuid.UUID | None, variant_id: uuid.UUID, sellers: Seen
    ) -> int | None:
        """The least that the buyer pays; lists of one buyer come before those of everybody."""
        asked = {
            seller_id if model == "agency" else shop.owner_id
            for seller_id, model in sellers[variant_id].items()
        }
        prices = [self._asks(owner_id, buyer_id, variant_id) for owner_id in asked]
        return min((each for each in prices if each is not None), default=None)

    def _asks(
        self, owner_id: uuid.UUID, buyer_id: uuid.UUID | None, variant_id: uuid.UUID
    ) -> int | None:
        lists = {
            each.buyer_id: each.price_list_id
            for each in self.all(PriceAssignment)
            if each.owner_id == owner_id and each.buyer_id in {None, buyer_id}
        }
        assert all(self.one(PriceList, each).purpose == "sale" for each in lists.values())
        for scope in (buyer_id, None):
            for entry in self.all(PriceEntry):
                if entry.variant_id == variant_id and entry.price_list_id == lists.get(scope):
                    return int(entry.amount_minor)
        return None

    def available(self, variant_id: uuid.UUID, sellers: Seen) -> bool:
        """Whether any of the sellers has what must be bought at least."""
        for seller_id in sellers[variant_id]:
            places = {p.id for p in self.all(Location) if p.seller_id == seller_id and p.is_active}
            units = sum(
                max(0, s.on_hand - s.reserved - s.safety)
                for s in self.all(Stock)
                if s.location_id in places and s.variant_id == variant_id
            )
            offer = next(
                o for o in self.all(Offer)
                if o.seller_id == seller_id and o.variant_id == variant_id
            )  # fmt: skip
            if units >= offer.minimum_quantity:
                return True
        return False

    def availability(
        self, shop: Storefront, buyer_id: uuid.UUID | None, variant_id: uuid.UUID, sellers: Seen
    ) -> tuple[str, date | None]:
        """What is told of a variant: the best of what its sellers have, or when it can leave."""
        lets_wait = self._lets_wait(shop, buyer_id, self.one(Variant, variant_id))
        told = [self._told(each, variant_id, lets_wait=lets_wait) for each in sellers[variant_id]]
        bands = ("in_stock", "low_stock", "announced", "back_order", "out_of_stock")
        return min(
            told,
            key=lambda one: (one[0] == "out_of_stock", one[1] or date.min, bands.index(one[0])),
        )

    def _told(
        self, seller_id: uuid.UUID, variant_id: uuid.UUID, *, lets_wait: bool
    ) -> tuple[str, date | None]:
        offer = next(
            each for each in self.all(Offer)
            if (each.seller_id, each.variant_id) == (seller_id, variant_id)
        )  # fmt: skip
        rows = [
            (self.one(Location, stock.location_id), stock)
            for stock in self.all(Stock)
            if stock.variant_id == variant_id
        ]
        rows = [row for row in rows if row[0].seller_id == seller_id and row[0].is_active]
        units = sum(max(0, s.on_hand - s.reserved - s.safety) for _, s in rows)
        least = offer.minimum_quantity
        if units >= least:
            return "in_stock" if units >= 10 * least else "low_stock", None
        days = sorted(day for row in rows for day in self._days(offer, *row) if lets_wait)
        if units + len(days) < least:
            return "out_of_stock", None
        band = "announced" if offer.backorder == "incoming" else "back_order"
        return band, days[least - units - 1]

    def _days(self, offer: Offer, location: Location, stock: Stock) -> Iterator[date]:
        """Unit by unit the days on which what may be promised there can leave."""
        calendar = Calendar(
            time_zone=location.time_zone,
            cutoffs=location.cutoffs,
            closures=[
                (each.first_on, each.last_on)
                for each in self.all(Closure)
                if each.location_id == location.id
            ],
        )
        lead, limit = offer.lead_time_days, offer.backorder_limit
        if offer.backorder == "always":
            day = ship_day(calendar, self.now, lead + offer.backorder_days)
            yield from [day] * (limit - stock.promised) if day else []
        if offer.backorder != "incoming":
            return
        today = self.now.astimezone(ZoneInfo(location.time_zone)).date()
        units = [
            max(each.due_on, today)
            for each in sorted(self.all(Incoming), key=lambda one: (one.due_on, one.id))
            if (each.location_id, each.variant_id) == (location.id, offer.variant_id)
            and each.due_on >= today - timedelta(days=7)
            for _ in range(each.quantity - each.received)
        ]
        soonest = ship_day(calendar, self.now, lead)
        for due_on in units[stock.promised : limit]:
            ready = open_from(calendar, due_on, lead)
            if ready and soonest:
                yield max(ready, soonest)

    def _lets_wait(self, shop: Storefront, buyer_id: uuid.UUID | None, variant: Variant) -> bool:
        """By the policy of the buyer, the deepest category, the shop, the maker, the network."""
        path = self._path(variant)
        ranked = [
            (lambda p: buyer_id is not None and p.buyer_id == buyer_id),
            *((lambda p, each=each: p.category_id == each) for each in reversed(path)),
            (lambda p: p.storefront_id == shop.id),
            (lambda p: p.manufacturer_id == variant.manufacturer_id),
            (lambda p: p.scope_id == NETWORK),
        ]
        for fits in ranked:
            for policy in self.all(RoutingPolicy):
                if fits(policy):
                    return bool(policy.document.get("backorders") != "never")
        return False

    def tokens(self, variant_id: uuid.UUID) -> set[str]:
        """The facets of a variant."""
        variant = self.one(Variant, variant_id)
        product = self.one(Product, variant.product_id)
        return {
            f"brand={product.brand}",
            f"maker={variant.manufacturer_id}",
            *(f"category={each}" for each in self._path(variant)),
            *(f"a.{name}={value}" for name, value in variant.attributes.items()),
        }
