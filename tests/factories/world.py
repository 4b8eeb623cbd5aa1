"""A small world in which an order can be placed: Rosa's storefront, Dieter's and Wanda's stock.

Mira makes taps; Dieter (resale to Rosa) and Wanda (agency) sell them; Berta buys at Rosa's. Dieter
stands in Campinas, Wanda in Rio, Berta in São Paulo. All money is BRL; Rosa's price is 12.00.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from app.infra.auth import Caller
from app.inventory.models import Stock
from app.network.models import Address, Organization
from app.ordering import operations as ordering
from app.routing import operations as routing
from app.storefronts.models import Storefront
from tests.factories import catalog as make
from tests.factories import network as net

FREIGHT = [
    (km, grams, price * factor)
    for km, factor in ((200, 1), (1000, 2))
    for grams, price in ((1000, 500), (5000, 900), (30000, 2000))
]


@dataclass
class World:
    """Everything that a story needs to name."""

    session: Session
    operator: Organization
    mira: Organization
    dieter: Organization
    wanda: Organization
    rosa: Organization
    berta: Organization
    address: Address
    storefront: Storefront
    places: dict[str, uuid.UUID]
    category_id: uuid.UUID
    lists: dict[str, uuid.UUID]
    variants: list[uuid.UUID] = field(default_factory=list)

    def add_variant(
        self,
        *,
        dieter: int | None = 800,
        wanda: int | None = 1000,
        rosa: int = 1200,
        stock: tuple[int, int] = (100, 100),
        weight_g: int = 500,
    ) -> uuid.UUID:
        """A tap that Dieter transfers at ``dieter`` and Wanda sells at ``wanda`` (minor units)."""
        product = make.ProductFactory(manufacturer_id=self.mira.id, category_id=self.category_id)
        variant = make.VariantFactory(
            manufacturer_id=self.mira.id, product=product, weight_g=weight_g
        ).id
        make.PriceEntryFactory(
            price_list_id=self.lists["rosa"], variant_id=variant, amount_minor=rosa
        )
        for name, price, units in (("dieter", dieter, stock[0]), ("wanda", wanda, stock[1])):
            if price is None:
                continue
            seller = getattr(self, name)
            make.OfferFactory(seller_id=seller.id, variant_id=variant)
            make.PriceEntryFactory(
                price_list_id=self.lists[name], variant_id=variant, amount_minor=price
            )
            make.StockFactory(location_id=self.places[name], variant_id=variant, on_hand=units)
        self.session.flush()
        self.variants.append(variant)
        return variant

    def caller(self, organization: Organization) -> Caller:
        return net.caller_of(organization)

    def place(self, *lines: tuple[uuid.UUID, int], now: datetime, **choices: object) -> uuid.UUID:
        """Berta orders; returns the order's id."""
        return ordering.place_order(
            self.session,
            caller=self.caller(self.berta),
            placement=self.placement(lines, **choices),
            now=now,
        )

    def placement(
        self, lines: Sequence[tuple[uuid.UUID, int]], **choices: object
    ) -> ordering.Placement:
        return ordering.Placement(
            storefront_id=self.storefront.id,
            buyer_id=self.berta.id,
            address_id=self.address.id,
            lines=[ordering.PlacementLine(variant, quantity) for variant, quantity in lines],
            **choices,  # type: ignore[arg-type]
        )

    def available(self, name: str, variant: uuid.UUID) -> int:
        stock = self.session.get(Stock, (self.places[name], variant), populate_existing=True)
        assert stock is not None
        return stock.on_hand - stock.reserved - stock.safety


def build_world(session: Session, now: datetime) -> World:
    """Make the world; nothing is committed."""
    operator = net.OrganizationFactory(operator=True, name="Operator")
    mira = net.OrganizationFactory(manufacturer=True, name="Mira Taps")
    dieter = net.OrganizationFactory(distributor=True, name="Dieter Distribution")
    wanda = net.OrganizationFactory(wholesaler=True, name="Wanda Wholesale")
    rosa = net.OrganizationFactory(reseller=True, name="Rosa Resells")
    berta = net.OrganizationFactory(buyer=True, name="Berta Buys")
    category = make.CategoryFactory(manufacturer_id=mira.id)
    storefront = net.StorefrontFactory(owner_id=rosa.id, currency="BRL", hold_days=14)
    lists = {
        "rosa": make.PriceListFactory(owner_id=rosa.id, currency="BRL").id,
        "wanda": make.PriceListFactory(owner_id=wanda.id, currency="BRL").id,
        "dieter": make.PriceListFactory(owner_id=dieter.id, currency="BRL", purpose="transfer").id,
    }
    for name, owner in (("rosa", rosa), ("wanda", wanda)):
        make.PriceAssignmentFactory(price_list_id=lists[name], owner_id=owner.id)
    _agreements(mira, dieter, wanda, rosa, lists["dieter"])
    for seller in (dieter, wanda):
        net.PoolSellerFactory(storefront_id=storefront.id, seller_id=seller.id)
    net.TradingAccountFactory(
        seller_id=rosa.id, buyer_id=berta.id, payment_methods=["on_account", "prepaid"]
    )
    places = {
        "dieter": make.LocationFactory(
            seller_id=dieter.id, name="Campinas", latitude=-22.9, longitude=-47.06
        ).id,
        "wanda": make.LocationFactory(
            seller_id=wanda.id, name="Rio", latitude=-22.9, longitude=-43.2
        ).id,
    }
    routing.put_freight_table(session, seller_id=None, currency="BRL", name="All", rates=FREIGHT)
    routing.create_policy(
        session, scope=routing.PolicyScope(), document={}, valid_from=net.LONG_AGO
    )
    address = net.AddressFactory(organization_id=berta.id)
    session.flush()
    return World(
        session, operator, mira, dieter, wanda, rosa, berta, address, storefront, places,
        category.id, lists,
    )  # fmt: skip


def _agreements(
    mira: Organization,
    dieter: Organization,
    wanda: Organization,
    rosa: Organization,
    transfer_list: uuid.UUID,
) -> None:
    rates = {"platform_fee_bps": 100, "royalty_bps": 200}
    dieters = net.AgreementFactory(manufacturer_id=mira.id, grantee_id=dieter.id)
    net.AgreementTermsFactory(agreement_id=dieters.id, commission_bps=500, priority=2, **rates)
    wandas = net.AgreementFactory(manufacturer_id=mira.id, grantee_id=wanda.id)
    net.AgreementTermsFactory(agreement_id=wandas.id, commission_bps=500, priority=1, **rates)
    rosas = net.AgreementFactory(
        manufacturer_id=mira.id, grantor_id=dieter.id, grantee_id=rosa.id, parent_id=dieters.id
    )
    net.AgreementTermsFactory(
        agreement_id=rosas.id, selling_model="resale", commission_bps=0,
        transfer_price_list_id=transfer_list, **rates,
    )  # fmt: skip
