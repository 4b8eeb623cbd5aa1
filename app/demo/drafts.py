"""The rows that make up a network, said in the words of the domain.

One ``NetworkDraft`` is the vocabulary that both the built-in network and imported files use.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from app.demo.batch import Batch
from app.kernel.ids import new_id
from app.routing.rules.reading import whole
from app.tables import catalog, inventory, network, offers, pricing, routing, storefronts


class Place(NamedTuple):
    """A city with its ISO 3166-2 subdivision, postal code and coordinates."""

    city: str
    subdivision: str
    postal_code: str
    country: str
    latitude: float
    longitude: float


class Area(NamedTuple):
    """A part of a territory."""

    country: str
    subdivision: str | None = None
    postal_from: str | None = None
    postal_to: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement says."""

    currency: str
    selling_model: str = "agency"
    territory_id: uuid.UUID | None = None
    category_ids: Sequence[uuid.UUID] = ()
    priority: int = 0
    minimum_order_minor: int = 0
    transfer_price_list_id: uuid.UUID | None = None
    commission_bps: int = 0
    royalty_bps: int = 0
    platform_fee_bps: int = 0


class Price(NamedTuple):
    """What a variant costs from a quantity on: an amount for so many units."""

    variant_id: uuid.UUID
    amount_minor: int
    from_quantity: int = 1
    per_quantity: int = 1


@dataclass(frozen=True, slots=True)
class NetworkDraft:
    """Rows of a network that is being drawn up; ``since`` is when its rules begin to hold."""

    now: datetime
    since: datetime
    batch: Batch = field(default_factory=Batch)

    def organization(
        self, *, code: str, name: str, kinds: Sequence[str], country: str,
        rating_hundredths: int | None = None,
    ) -> uuid.UUID:  # fmt: skip
        """A legal entity."""
        return self.batch.add(
            network.Organization, code=code, name=name, kinds=list(kinds), country=country,
            rating_hundredths=rating_hundredths, created_at=self.now,
        )  # fmt: skip

    def category(
        self, *, manufacturer_id: uuid.UUID, code: str, name: str,
        parent: tuple[uuid.UUID, Sequence[uuid.UUID]] | None = None,
        translations: Mapping[str, object] = MappingProxyType({}), position: int = 0,
    ) -> tuple[uuid.UUID, list[uuid.UUID]]:  # fmt: skip
        """A node of the tree; its id and its path."""
        parent_id, above = parent or (None, ())
        category_id = new_id()
        path = [*above, category_id]
        self.batch.add_plain(
            catalog.Category, id=category_id, manufacturer_id=manufacturer_id, code=code,
            name=name, parent_id=parent_id, path=path, translations=dict(translations),
            position=position,
        )  # fmt: skip
        return category_id, path

    def location(
        self, *, seller_id: uuid.UUID, code: str, name: str, place: Place, time_zone: str = "UTC"
    ) -> uuid.UUID:
        """A warehouse."""
        return self.batch.add(
            inventory.Location, seller_id=seller_id, code=code, name=name, time_zone=time_zone,
            **place._asdict(),
        )  # fmt: skip

    def territory(self, *, owner_id: uuid.UUID, name: str, areas: Iterable[Area]) -> uuid.UUID:
        """A named set of areas."""
        territory_id = self.batch.add(network.Territory, owner_id=owner_id, name=name)
        for area in areas:
            self.batch.add(network.TerritoryArea, territory_id=territory_id, **area._asdict())
        return territory_id

    def agreement(
        self, *, manufacturer_id: uuid.UUID, grantor_id: uuid.UUID, grantee_id: uuid.UUID,
        terms: Terms, parent_id: uuid.UUID | None = None,
    ) -> tuple[uuid.UUID, uuid.UUID]:  # fmt: skip
        """An active agreement with its first terms; the ids of both."""
        agreement_id = self.batch.add(
            network.Agreement, manufacturer_id=manufacturer_id, grantor_id=grantor_id,
            grantee_id=grantee_id, parent_id=parent_id, status="active", created_at=self.now,
        )  # fmt: skip
        terms_id = self.batch.add(
            network.AgreementTerms, agreement_id=agreement_id, number=1, valid_from=self.since,
            territory_id=terms.territory_id, priority=terms.priority, currency=terms.currency,
            minimum_order_minor=terms.minimum_order_minor, selling_model=terms.selling_model,
            transfer_price_list_id=terms.transfer_price_list_id,
            commission_bps=terms.commission_bps, royalty_bps=terms.royalty_bps,
            platform_fee_bps=terms.platform_fee_bps, created_at=self.now,
        )  # fmt: skip
        for category_id in terms.category_ids:
            self.batch.add_plain(
                network.AgreementCategory, terms_id=terms_id, category_id=category_id
            )
        return agreement_id, terms_id

    def exclusivity(
        self, *, terms_id: uuid.UUID, territory_id: uuid.UUID, category_id: uuid.UUID
    ) -> None:
        """Nobody else sells this there."""
        self.batch.add(
            network.Exclusivity, terms_id=terms_id, territory_id=territory_id,
            category_id=category_id,
        )  # fmt: skip

    def price_list(
        self, *, owner_id: uuid.UUID, name: str, currency: str, purpose: str,
        prices: Iterable[Price],
    ) -> uuid.UUID:  # fmt: skip
        """A list with its entries."""
        list_id = self.batch.add(
            pricing.PriceList, owner_id=owner_id, name=name, currency=currency, purpose=purpose,
            valid_from=self.since, created_at=self.now,
        )  # fmt: skip
        for price in prices:
            self.batch.add_plain(
                pricing.PriceEntry, price_list_id=list_id, variant_id=price.variant_id,
                from_quantity=price.from_quantity, amount_minor=price.amount_minor,
                per_quantity=price.per_quantity, valid_from=self.since,
            )  # fmt: skip
        return list_id

    def derived_list(
        self, *, owner_id: uuid.UUID, name: str, currency: str, base_list_id: uuid.UUID,
        factor_bps: int, round_to_minor: int,
    ) -> uuid.UUID:  # fmt: skip
        """A sale list that derives from another one by one formula."""
        list_id = self.batch.add(
            pricing.PriceList, owner_id=owner_id, name=name, currency=currency, purpose="sale",
            base_list_id=base_list_id, valid_from=self.since, created_at=self.now,
        )  # fmt: skip
        self.batch.add(
            pricing.PriceFormula, price_list_id=list_id, position=1, factor_bps=factor_bps,
            round_to_minor=round_to_minor,
        )  # fmt: skip
        return list_id

    def assignment(
        self, price_list_id: uuid.UUID, *, buyer_id: uuid.UUID | None = None,
        customer_group: str | None = None, storefront_id: uuid.UUID | None = None,
    ) -> None:  # fmt: skip
        """To whom a sale list applies; without a scope to everybody."""
        self.batch.add(
            pricing.PriceAssignment, price_list_id=price_list_id, buyer_id=buyer_id,
            customer_group=customer_group, storefront_id=storefront_id,
        )  # fmt: skip

    def offer(
        self, *, seller_id: uuid.UUID, variant_id: uuid.UUID, lead_time_days: int,
        minimum_quantity: int = 1, quantity_step: int = 1, backorder: str = "none",
    ) -> None:  # fmt: skip
        """A seller's readiness to sell a variant."""
        self.batch.add(
            offers.Offer, seller_id=seller_id, variant_id=variant_id,
            lead_time_days=lead_time_days, minimum_quantity=minimum_quantity,
            quantity_step=quantity_step, backorder=backorder, created_at=self.now,
        )  # fmt: skip

    def stock(self, *, location_id: uuid.UUID, variant_id: uuid.UUID, on_hand: int) -> None:
        """Units at a location."""
        self.batch.add_plain(
            inventory.Stock, location_id=location_id, variant_id=variant_id, on_hand=on_hand,
            updated_at=self.now,
        )  # fmt: skip

    def incoming(
        self, *, location_id: uuid.UUID, variant_id: uuid.UUID, quantity: int, in_days: int
    ) -> None:
        """A delivery that is announced."""
        self.batch.add(
            inventory.Incoming, location_id=location_id, variant_id=variant_id,
            reference="PO-1", due_on=(self.now + timedelta(days=in_days)).date(),
            quantity=quantity, updated_at=self.now,
        )  # fmt: skip

    def freight_table(
        self, *, name: str, currency: str, cells: Iterable[tuple[int, int, int]]
    ) -> uuid.UUID:
        """What parcels cost for every seller without a table of its own: km, grams, price."""
        table_id = self.batch.add(
            routing.FreightTable, seller_id=None, currency=currency, name=name
        )
        for distance_km, weight_g, price_minor in cells:
            self.batch.add_plain(
                routing.FreightRate, table_id=table_id, distance_km_up_to=distance_km,
                weight_g_up_to=weight_g, price_minor=price_minor,
            )  # fmt: skip
        return table_id

    def storefront(  # noqa: PLR0913 - one argument per fact
        self, *, owner_id: uuid.UUID, slug: str, name: str, country: str, currency: str,
        pool: Iterable[uuid.UUID], access: str = "closed", hold_days: int = 14,
        accept_within_s: int = 86_400,
    ) -> uuid.UUID:  # fmt: skip
        """A shop with its sellers."""
        storefront_id = self.batch.add(
            storefronts.Storefront, owner_id=owner_id, slug=slug, name=name, country=country,
            currency=currency, access=access, hold_days=hold_days, created_at=self.now,
            accept_within_s=accept_within_s,
        )  # fmt: skip
        for seller_id in pool:
            self.batch.add_plain(
                storefronts.PoolSeller, storefront_id=storefront_id, seller_id=seller_id
            )
        return storefront_id

    def policy(
        self, storefront_id: uuid.UUID | None, *, split_minor: int = 0, work_ms: int = 20
    ) -> None:
        """The first routing policy of a storefront, or of the network."""
        self.batch.add(
            routing.RoutingPolicy, storefront_id=storefront_id, number=1, valid_from=self.since,
            created_at=self.since,
            document=whole({"terms": {"split_minor": split_minor}, "limits": {"work_ms": work_ms}}),
        )  # fmt: skip

    def address(
        self, *, organization_id: uuid.UUID, label: str, recipient: str, street: str, place: Place
    ) -> uuid.UUID:
        """Where an organization receives goods."""
        return self.batch.add(
            network.Address, organization_id=organization_id, label=label, recipient=recipient,
            street=street, **place._asdict(),
        )  # fmt: skip

    def trading_account(
        self, *, seller_id: uuid.UUID, buyer_id: uuid.UUID, currency: str,
        credit_limit_minor: int, payment_methods: Sequence[str] = ("on_account",),
        customer_group: str | None = None, blocked_seller_ids: Sequence[uuid.UUID] = (),
    ) -> uuid.UUID:  # fmt: skip
        """An approved relation of a storefront's owner with a buyer."""
        return self.batch.add(
            network.TradingAccount, seller_id=seller_id, buyer_id=buyer_id, status="active",
            currency=currency, credit_limit_minor=credit_limit_minor, created_at=self.now,
            payment_methods=list(payment_methods), customer_group=customer_group,
            blocked_seller_ids=list(blocked_seller_ids),
        )  # fmt: skip

    def attribute(self, *, manufacturer_id: uuid.UUID, facts: Mapping[str, object]) -> uuid.UUID:
        """What a value of a manufacturer's products means."""
        return self.batch.add(catalog.Attribute, manufacturer_id=manufacturer_id, **facts)

    def product(
        self, *, manufacturer_id: uuid.UUID, category_id: uuid.UUID,
        facts: Mapping[str, object], variants: Iterable[Mapping[str, object]],
    ) -> list[uuid.UUID]:  # fmt: skip
        """A published product with its variants; the variants' ids."""
        product_id = self.batch.add(
            catalog.Product, manufacturer_id=manufacturer_id, category_id=category_id,
            created_at=self.now, **facts,
        )  # fmt: skip
        return [
            self.batch.add(
                catalog.Variant, product_id=product_id, manufacturer_id=manufacturer_id,
                category_id=category_id, created_at=self.now, **variant,
            )
            for variant in variants
        ]  # fmt: skip
