"""Every offer of the wanted variants, with all facts, at every place: who could deliver what.

Three statements, however many lines: the offers with all that eligibility says of them, the
prices on the lists that may price them, and the stock. Each reads what it needs by the
wanted variants; they are put together here, because the planner, which cannot know how many rows
the parts of one large statement have, joined them by comparing every row with every other. Ids
that only join travel as text: they are hashed by the hundred, and a UUID hashes slowly.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from app.infra.db import DbSession, answering, array_of, tuples_of
from app.inventory import queries as inventory_queries
from app.inventory.rules.departures import Calendars
from app.kernel.ids import uuid_of
from app.kernel.money import UnitPrice
from app.offers.eligibility import MANY, STANDING_CTES
from app.pricing import queries as pricing_queries
from app.pricing.queries import PriceSource
from app.pricing.rules.bounds import Bounds
from app.routing.errors import UnknownVariant
from app.routing.queries.tariffs import Tables, tariff_tables
from app.routing.rules import Context, Offer, Place, RoutingRequest

# What is true of an offer, as bits of one number: eleven columns would be read one by one, by the
# database's and by the driver's code.
_TRUE = (
    "is_sold", "is_shown", "in_pool", "seller_active", "offer_active", "authorised", "intact",
    "covers_place", "covers_assortment", "exclusive_ok", "is_backorderable",
)  # fmt: skip
_BITS = " + ".join(f"{1 << bit} * CAST({fact} AS integer)" for bit, fact in enumerate(_TRUE))

# One row per line and offer: all but the prices, and the list that a transfer price comes from;
# a line that nobody offers has one without seller.
_OFFERS = answering(
    f"""
WITH RECURSIVE wanted AS (
    SELECT * FROM unnest(
        CAST(:line_nos AS integer[]), CAST(:variant_ids AS uuid[]), CAST(:quantities AS integer[])
    ) AS w (line_no, variant_id, quantity)
),
{STANDING_CTES},
freight AS MATERIALIZED (
    SELECT f.seller_id, CAST(f.rates_id AS text) AS rates_id FROM routing_freight_tables f
    WHERE f.seller_id = ANY (ARRAY(SELECT seller_id FROM pooled))
      AND f.currency = CAST(:currency AS char(3))
)
SELECT line_no, CAST(standing.seller_id AS text), model, CAST(price_list_ids[1] AS text),
       own.rates_id, CASE WHEN CAST(:bounded AS boolean) THEN CAST(manufacturer_id AS text) END,
       weight_g, {_BITS}, minimum_quantity, maximum_quantity, order_step, lead_time_days,
       CASE
           WHEN model = 'resale' THEN chain_terms_ids[cardinality(chain_terms_ids)]
           ELSE terms_id
       END,
       priority, minimum_order_minor, parties, chain_terms_ids, price_list_ids
FROM standing
LEFT JOIN (SELECT f.* FROM freight f {MANY}) own ON own.seller_id = standing.seller_id
ORDER BY line_no, standing.seller_id
""",  # noqa: S608 - composed of constants only
    *("line_no", "seller_id", "model", "transfer_list_id", "rates_id", "maker_id", "weight_g"),
    *("facts", "minimum_quantity", "maximum_quantity", "order_step", "lead_time_days"),
    *("terms_id", "priority", "minimum_order_minor", "parties", "chain_terms_ids"),
    "price_list_ids",
)

MAKER, LEAD_TIME = 5, 11
Row = Sequence[Any]
Price = tuple[int, int]
Asked = tuple[int | None, int | None, int | None, int | None]
Stock = Mapping[tuple[int, str], Sequence[tuple[Place, int]]]


def list_offers(
    session: DbSession,
    *,
    request: RoutingRequest,
    context: Context,
    now: datetime,
    standing_at: datetime | None = None,
) -> tuple[list[Offer], Tables]:
    """The offers by line and seller, each with its places; and their sellers' freight tables.

    ``standing_at``: the instant of whose agreements and offers is asked; prices are those of now.

    Raises:
        UnknownVariant: a wanted variant does not exist.
    """
    offered = _offered(session, request, context, standing_at or now)
    prices = _prices(session, offered, request, context, now)
    bounds = _bounds(session, request, context, now) if context.prices_bounded else {}
    longest = max((row[LEAD_TIME] for row in offered), default=0)
    stock = _stock(session, request, Calendars(now, longest))
    variants = [line.variant_id for line in request.lines]
    offers = [
        _offer(row, variants[row[0]], prices.of(*row[:4]), stock.get((row[0], row[1]), ()))
        for row in offered
    ]
    if bounds:
        owner = str(context.owner_id)
        offers = [
            offer._replace(
                price_allowed=_is_allowed(bounds.get(request.lines[row[0]]), offer, row, owner)
            )
            for offer, row in zip(offers, offered, strict=True)
        ]
    rates = _rates(offered, context)
    return offers, tariff_tables(session, rates=rates, currency=context.currency)


def _offer(
    row: Row, variant_id: uuid.UUID, asked: Asked, lying: Sequence[tuple[Place, int]]
) -> Offer:
    """An offer as it is told; the order of the fields is that of the columns."""
    line_no, seller, model, _, _, _, weight_g, bits = row[:8]
    of_seller, of_rights, waits = _facts(bits)
    return Offer._make(
        (
            line_no,
            uuid_of(seller),
            variant_id,
            model,
            weight_g,
            *of_seller,
            *row[8:12],
            *of_rights,
            *row[12:],
            waits,
            *asked,
            True,
            lying,
        )
    )


@cache
def _facts(bits: int) -> tuple[tuple[bool, ...], tuple[bool, ...], bool]:
    """What is true of goods and seller, of its rights, and of waiting, by the bits that say so."""
    facts = tuple(bool(bits >> bit & 1) for bit in range(len(_TRUE)))
    return facts[:5], facts[5:10], facts[10]


def _rates(offered: Sequence[Row], context: Context) -> dict[uuid.UUID | None, str]:
    """What rates each seller has of its own, and what all others have."""
    rates: dict[uuid.UUID | None, str] = {
        uuid_of(row[1]): row[4] for row in offered if row[4] is not None
    }
    if offered and context.general_rates is not None:
        rates[None] = context.general_rates
    return rates


def _offered(
    session: DbSession, request: RoutingRequest, context: Context, now: datetime
) -> list[Row]:
    lines = request.lines
    rows = tuples_of(
        session,
        _OFFERS,
        {
            "line_nos": array_of(range(len(lines))),
            "variant_ids": array_of(line.variant_id for line in lines),
            "quantities": array_of(line.quantity for line in lines),
            "storefront_id": request.storefront_id,
            "buyer_id": request.buyer_id,
            "country": request.ship_to.country,
            "subdivision": request.ship_to.subdivision,
            "postal_code": request.ship_to.postal_code,
            "latitude": request.ship_to.latitude,
            "longitude": request.ship_to.longitude,
            "currency": context.currency,
            "bounded": context.prices_bounded,
            "now": now,
        },
    )
    missing = set(range(len(lines))) - {row[0] for row in rows}
    if missing:
        raise UnknownVariant(positions=sorted(missing))
    return [row for row in rows if row[1] is not None]


@dataclass(frozen=True, slots=True)
class _Prices:
    """What each seller charges, by seller and transfer list, and what the owner asks; by line."""

    sellers: Mapping[tuple[str, str | None], Mapping[int, Price]]
    owners: Mapping[int, Price]

    def of(self, line_no: int, seller: str, model: str | None, transfer_list: str | None) -> Asked:
        """What the seller charges and what the buyer pays, which in agency are the same."""
        if model is None:
            return (*_NO_PRICE, *_NO_PRICE)
        if model == "agency":
            charged = self.sellers[seller, None].get(line_no, _NO_PRICE)
            return (*charged, *charged)
        paid = self.owners.get(line_no, _NO_PRICE)
        if model == "own":
            return (*paid, *paid)
        charged = self.sellers[seller, transfer_list].get(line_no, _NO_PRICE)
        return (*charged, *paid)


_NO_PRICE = (None, None)


def _prices(
    session: DbSession,
    offered: Sequence[Row],
    request: RoutingRequest,
    context: Context,
    now: datetime,
) -> _Prices:
    owners = PriceSource(str(context.owner_id), "sale")
    sources: dict[tuple[str, str | None], PriceSource] = {}
    for row in offered:
        seller, model, transfer_list = row[1], row[2], row[3]
        if model == "agency" and (seller, None) not in sources:
            sources[seller, None] = PriceSource(seller, "sale")
        elif model == "resale" and (seller, transfer_list) not in sources:
            sources[seller, transfer_list] = PriceSource(seller, "transfer", transfer_list)
    grid = pricing_queries.price_lines(
        session,
        sources={*sources.values(), owners},
        lines=request.lines,
        context={
            "storefront_id": request.storefront_id,
            "buyer_id": request.buyer_id,
            "unit_id": request.unit_id,
            "customer_group": context.customer_group,
            "country": request.ship_to.country,
            "subdivision": request.ship_to.subdivision,
            "postal_code": request.ship_to.postal_code,
            "latitude": request.ship_to.latitude,
            "longitude": request.ship_to.longitude,
            "currency": context.currency,
        },
        now=now,
    )
    columns = {key: grid.column(source) for key, source in sources.items()}
    return _Prices(columns, grid.column(owners))


def _bounds(
    session: DbSession, request: RoutingRequest, context: Context, now: datetime
) -> Mapping[tuple[uuid.UUID, int], Bounds]:
    """What manufacturers allow to be asked for the wanted lines."""
    return pricing_queries.bounds_of(
        session, wanted=request.lines, currency=context.currency, now=now
    )


def _is_allowed(bounds: Bounds | None, offer: Offer, row: Row, owner: str) -> bool:
    """Whether the buyer's price is within bounds; nobody is bound for its own products."""
    price, per = offer.buyer_price_minor, offer.buyer_price_per
    asked = offer.seller_price_minor, offer.seller_price_per
    asks = row[1] if asked == (price, per) else owner
    if bounds is None or price is None or per is None or row[MAKER] in {asks, owner}:
        return True
    return bounds.breach(UnitPrice(price, per)) is None


def _stock(session: DbSession, request: RoutingRequest, calendars: Calendars) -> Stock:
    """Where the wanted variants lie, by line and seller."""
    found: dict[tuple[int, str], list[tuple[Place, int]]] = {}
    places: dict[str, Place] = {}
    variants = [line.variant_id for line in request.lines]
    rows = inventory_queries.list_available(session, variant_ids=variants, cart_id=request.cart_id)
    for line_no, seller, location, latitude, longitude, available, calendar in rows:
        place = places.get(location)
        if place is None:
            leaving = calendars.departures(calendar)
            place = Place(len(places), uuid_of(location), latitude, longitude, leaving)
            places[location] = place
        found.setdefault((line_no, seller), []).append((place, available))
    return found
