"""Imports a network: every row of its files, in one transaction, once.

The network becomes one manufacturer, its sellers under agreements, and the storefront ``atlas``
of a reseller made for it. In the mixed selling model that reseller buys from the distributors at
their offers' prices and resells at list price times 1.40; wholesalers and resellers sell as agents.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy import select

from app.demo.drafts import Area, NetworkDraft, Place, Price, Terms
from app.demo.errors import NetworkCollides, NetworkRefused
from app.demo.ports import AgreementRow, NetworkContent, OfferRow, Refusal, Told
from app.discovery import operations as discovery_operations
from app.infra.db import DbSession
from app.kernel.money import divide_half_up
from app.tables import network, routing, storefronts

STOREFRONT = "atlas"
OPERATOR = ("OPERATOR", "Distributary Operations")
MANUFACTURER = ("ATLAS-MAKER", "Atlas Manufacturing")
OWNER = ("ATLAS-SHOP", "Atlas Trade Supply")
COUNTRY, CURRENCY = "BR", "BRL"
SINCE = datetime(2010, 1, 1, tzinfo=UTC)
MIXED, AGENCY = "mixed", "agency"
MODELS = (MIXED, AGENCY)
RESALE_MARKUP_PERCENT = 140
COMMISSION_BPS, ROYALTY_BPS, PLATFORM_FEE_BPS = 500, 200, 100
HOLD_DAYS = 14
# More than all demand together: the credit check runs, and never refuses.
CREDIT_LIMIT_MINOR = 100_000_000_000_00


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: rows by table, or nothing because it was there already."""

    already_loaded: bool
    rows: Mapping[str, int] = field(default_factory=dict)


def is_loaded(session: DbSession) -> bool:
    """Whether a network was imported before."""
    query = select(storefronts.Storefront.id).where(storefronts.Storefront.slug == STOREFRONT)
    return session.scalar(query) is not None


def import_network(
    session: DbSession, *, content: NetworkContent, model: str, told: Told, now: datetime
) -> Imported:
    """Load a network once; the caller commits.

    Raises:
        NetworkRefused: a resale price would not cover its transfer price.
        NetworkCollides: a code of the files names another organization already.
    """
    if is_loaded(session):
        return Imported(already_loaded=True)
    _require_new_codes(session, content)
    _require_margins(content, model)
    rows = NetworkDraft(now=now, since=SINCE)
    network_draft = _Import(rows, content, model)
    network_draft.draw_up(_find_operator(session))
    if _lacks_freight_table(session):
        rows.freight_table(name="Parcels", currency=CURRENCY, cells=content.freight)
    rows.batch.write(session, told)
    discovery_operations.index_all(session)
    return Imported(already_loaded=False, rows=rows.batch.counts())


def resale_price_minor(list_price_minor: int) -> int:
    """What the storefront's owner asks for a unit."""
    return divide_half_up(list_price_minor * RESALE_MARKUP_PERCENT, 100)


def _require_new_codes(session: DbSession, content: NetworkContent) -> None:
    codes = [seller.code for seller in content.sellers] + [buyer.code for buyer in content.buyers]
    codes += [MANUFACTURER[0], OWNER[0]]
    twice = (
        {code for code in codes if codes.count(code) > 1} if len(set(codes)) < len(codes) else ()
    )
    taken = session.scalars(
        select(network.Organization.code).where(network.Organization.code.in_(codes))
    ).all()
    if taken or twice:
        raise NetworkCollides(codes=sorted({*taken, *twice})[:20])


def _require_margins(content: NetworkContent, model: str) -> None:
    """Nobody resells at a loss: it would be a hole in the ledger, order after order."""
    kinds = {seller.code: seller.kind for seller in content.sellers}
    prices = {item.sku: resale_price_minor(item.list_price_minor) for item in content.products}
    short = [
        offer
        for offer in content.offers
        if _is_resold(kinds[offer.seller], model) and offer.unit_price_minor >= prices[offer.sku]
    ]
    if short:
        raise NetworkRefused([_no_margin(offer, prices[offer.sku]) for offer in short])


def _no_margin(offer: OfferRow, price_minor: int) -> Refusal:
    reason = f"{offer.seller} asks {offer.unit_price_minor}, resold at {price_minor} (minor units)"
    return Refusal("offers.csv.gz", 0, "unit_price_brl", offer.sku, reason)


def _is_resold(kind: str, model: str) -> bool:
    return model == MIXED and kind == "distributor"


def _find_operator(session: DbSession) -> uuid.UUID | None:
    query = select(network.Organization.id).where(network.Organization.kinds.contains(["operator"]))
    return session.scalars(query.limit(1)).one_or_none()


def _lacks_freight_table(session: DbSession) -> bool:
    query = select(routing.FreightTable.id).where(
        routing.FreightTable.seller_id.is_(None), routing.FreightTable.currency == CURRENCY
    )
    return session.scalar(query) is None


class _Import:
    """One import: the ids that were given to the files' codes, and what becomes of each table."""

    def __init__(self, rows: NetworkDraft, content: NetworkContent, model: str) -> None:
        self.rows = rows
        self._content = content
        self._model = model
        self._sellers: dict[str, uuid.UUID] = {}
        self._locations: dict[str, uuid.UUID] = {}
        self._categories: dict[str, uuid.UUID] = {}
        self._variants: dict[str, uuid.UUID] = {}
        self._territories: dict[tuple[str, ...], uuid.UUID] = {}
        self._manufacturer_id = self._organization(MANUFACTURER, ("manufacturer",))
        self._owner_id = self._organization(OWNER, ("reseller",))

    def draw_up(self, operator_id: uuid.UUID | None) -> None:
        """All rows of the network."""
        if operator_id is None:
            self._organization(OPERATOR, ("operator",))
        self._add_sellers()
        self._add_products()
        prices = self._add_offers()
        transfer_lists = self._add_price_lists(prices)
        self._add_agreements(transfer_lists)
        self._add_stock()
        self._add_buyers()
        self._add_storefront()

    def _organization(self, code_and_name: tuple[str, str], kinds: tuple[str, ...]) -> uuid.UUID:
        code, name = code_and_name
        return self.rows.organization(code=code, name=name, kinds=kinds, country=COUNTRY)

    def _add_sellers(self) -> None:
        for seller in self._content.sellers:
            self._sellers[seller.code] = self.rows.organization(
                code=seller.code,
                name=f"{seller.kind.capitalize()} {seller.code}, {seller.city.title()}",
                kinds=(seller.kind,),
                country=COUNTRY,
                rating_hundredths=seller.rating_hundredths,
            )
        for item in self._content.locations:
            self._locations[item.code] = self.rows.location(
                seller_id=self._sellers[item.seller],
                code=item.code,
                name=f"{item.code}, {item.city.title()}",
                place=_place(
                    item.city, item.state, item.postal_code, item.latitude, item.longitude
                ),
            )

    def _add_products(self) -> None:
        for code in sorted({product.category for product in self._content.products}):
            self._categories[code], _ = self.rows.category(
                manufacturer_id=self._manufacturer_id, code=code, name=code.capitalize()
            )
        for item in self._content.products:
            variant = {
                "sku": item.sku, "gtin": item.gtin, "name": item.name, "weight_g": item.weight_g,
                "length_mm": item.length_mm, "height_mm": item.height_mm,
                "width_mm": item.width_mm,
            }  # fmt: skip
            (self._variants[item.sku],) = self.rows.product(
                manufacturer_id=self._manufacturer_id,
                category_id=self._categories[item.category],
                facts={"code": item.sku, "name": item.name},
                variants=[variant],
            )

    def _add_offers(self) -> dict[str, list[Price]]:
        prices: dict[str, list[Price]] = defaultdict(list)
        for offer in self._content.offers:
            variant_id = self._variants[offer.sku]
            prices[offer.seller].append(Price(variant_id, offer.unit_price_minor))
            self.rows.offer(
                seller_id=self._sellers[offer.seller],
                variant_id=variant_id,
                lead_time_days=offer.lead_time_days,
            )
        return prices

    def _add_price_lists(self, prices: Mapping[str, list[Price]]) -> dict[str, uuid.UUID]:
        """A sale list for every seller and the owner, the list prices, transfer lists."""
        transfer_lists = {}
        for seller in self._content.sellers:
            self._sale_list(self._sellers[seller.code], prices[seller.code])
            if _is_resold(seller.kind, self._model):
                transfer_lists[seller.code] = self._list(
                    self._sellers[seller.code], "transfer", prices[seller.code]
                )
        listed = [
            (self._variants[item.sku], item.list_price_minor) for item in self._content.products
        ]
        self._list(self._manufacturer_id, "list", [Price(*row) for row in listed])
        if transfer_lists:
            resold = [Price(variant_id, resale_price_minor(price)) for variant_id, price in listed]
            self._sale_list(self._owner_id, resold)
        return transfer_lists

    def _sale_list(self, owner_id: uuid.UUID, prices: Iterable[Price]) -> None:
        self.rows.assignment(self._list(owner_id, "sale", prices))

    def _list(self, owner_id: uuid.UUID, purpose: str, prices: Iterable[Price]) -> uuid.UUID:
        return self.rows.price_list(
            owner_id=owner_id, name=f"Prices for {purpose}", currency=CURRENCY, purpose=purpose,
            prices=prices,
        )  # fmt: skip

    def _add_agreements(self, transfer_lists: Mapping[str, uuid.UUID]) -> None:
        for row in self._content.agreements:
            seller_id = self._sellers[row.seller]
            agreement_id, terms_id = self.rows.agreement(
                manufacturer_id=self._manufacturer_id,
                grantor_id=self._manufacturer_id,
                grantee_id=seller_id,
                terms=self._terms(row),
            )
            self._add_exclusivity(row, terms_id)
            if row.seller in transfer_lists:
                self.rows.agreement(
                    manufacturer_id=self._manufacturer_id,
                    grantor_id=seller_id,
                    grantee_id=self._owner_id,
                    parent_id=agreement_id,
                    terms=self._resale_terms(row, transfer_lists[row.seller]),
                )

    def _terms(self, row: AgreementRow) -> Terms:
        return Terms(
            currency=CURRENCY,
            territory_id=self._territory(row.states),
            category_ids=[self._categories[name] for name in row.categories],
            priority=row.priority,
            minimum_order_minor=row.minimum_order_minor,
            commission_bps=COMMISSION_BPS,
            royalty_bps=ROYALTY_BPS,
            platform_fee_bps=PLATFORM_FEE_BPS,
        )

    def _resale_terms(self, row: AgreementRow, transfer_list_id: uuid.UUID) -> Terms:
        return replace(
            self._terms(row), selling_model="resale", transfer_price_list_id=transfer_list_id,
            commission_bps=0,
        )  # fmt: skip

    def _add_exclusivity(self, row: AgreementRow, terms_id: uuid.UUID) -> None:
        if row.exclusive_state:
            self.rows.exclusivity(
                terms_id=terms_id,
                territory_id=self._territory((row.exclusive_state,)),
                category_id=self._categories[row.exclusive_category],
            )

    def _territory(self, states: tuple[str, ...]) -> uuid.UUID:
        if states not in self._territories:
            self._territories[states] = self.rows.territory(
                owner_id=self._manufacturer_id,
                name=" ".join(states),
                areas=[Area(COUNTRY, f"{COUNTRY}-{state}") for state in states],
            )
        return self._territories[states]

    def _add_stock(self) -> None:
        for row in self._content.stock:
            self.rows.stock(
                location_id=self._locations[row.location],
                variant_id=self._variants[row.sku],
                on_hand=row.on_hand,
            )

    def _add_buyers(self) -> None:
        for row in self._content.buyers:
            buyer_id = self.rows.organization(
                code=row.code, name=f"Buyer {row.code}", kinds=("buyer",), country=COUNTRY
            )
            self.rows.address(
                organization_id=buyer_id, label="delivery", recipient=f"Buyer {row.code}",
                street="", place=_place(*row[1:]),
            )  # fmt: skip
            self.rows.trading_account(
                seller_id=self._owner_id, buyer_id=buyer_id, currency=CURRENCY,
                credit_limit_minor=CREDIT_LIMIT_MINOR,
            )  # fmt: skip

    def _add_storefront(self) -> None:
        storefront_id = self.rows.storefront(
            owner_id=self._owner_id, slug=STOREFRONT, name=OWNER[1], country=COUNTRY,
            currency=CURRENCY, pool=self._sellers.values(), hold_days=HOLD_DAYS,
            # Demand of the past is answered in the past: today's sweep must not call it overdue.
            accept_within_s=2_000_000_000,
        )  # fmt: skip
        self.rows.policy(storefront_id)


def _place(city: str, state: str, postal_code: str, latitude: float, longitude: float) -> Place:
    return Place(city, f"{COUNTRY}-{state}", postal_code, COUNTRY, latitude, longitude)
