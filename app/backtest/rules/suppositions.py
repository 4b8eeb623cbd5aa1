"""What is supposed of one order, and the facts as they would be then; pure."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from app.backtest.rules.books import Key
from app.routing.rules import Offer, Place

Places = Sequence[tuple[uuid.UUID, Place]]
"""Sellers' places that stock is supposed at: goods may lie there that lie there in no row now."""
BPS, MOST_BPS = 10_000, 90_000
_TWO_SIDED = "resale"


def bps_of(text: str) -> int:
    """A percentage as people write it (``-5``, ``-5 %``, ``2,5%``), in ten-thousandths.

    Raises:
        ValueError: it is none, is finer, or is below -100 %.
    """
    try:
        bps = Decimal(text.strip().removesuffix("%").strip().replace(",", ".")) * 100
    except InvalidOperation as error:
        raise ValueError(f"{text} is no percentage") from error
    if not bps.is_finite() or bps != int(bps) or not -BPS <= bps <= MOST_BPS:
        raise ValueError(f"{text} is no percentage from -100 to 900, by hundredths")
    return int(bps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppositions:
    """What is supposed of one order; what is left out is as it is.

    Attributes:
        policy_id: this version decides, a draft too.
        document: this policy decides, which nobody has kept.
        strategy: what solves, whatever the policy names.
        stock: what is available by location and variant.
        stock_changes: how much more or less is available there.
        prices_bps: by how many ten-thousandths a seller asks more or less for everything.
        without_sellers: who cannot deliver.
        only_sellers: nobody else can; empty: everybody.
        line_sellers: by line, from whom alone it may come.
    """

    policy_id: uuid.UUID | None = None
    document: Mapping[str, Any] | None = None
    strategy: str | None = None
    stock: Mapping[Key, int] = field(default_factory=dict)
    stock_changes: Mapping[Key, int] = field(default_factory=dict)
    prices_bps: Mapping[uuid.UUID, int] = field(default_factory=dict)
    without_sellers: frozenset[uuid.UUID] = frozenset()
    only_sellers: frozenset[uuid.UUID] = frozenset()
    line_sellers: Mapping[int, uuid.UUID] = field(default_factory=dict)

    @property
    def stocked(self) -> set[Key]:
        """Where something is supposed of stock."""
        return {*self.stock, *self.stock_changes}

    def as_if(self, offers: Sequence[Offer], places: Places) -> list[Offer]:
        """The offers of those that are left, with supposed stock and prices."""
        kept = [offer for offer in offers if self._may_deliver(offer)]
        if self.stocked:
            kept = [self._stocked(offer, places) for offer in kept]
        return [self._priced(offer) for offer in kept] if self.prices_bps else kept

    def _may_deliver(self, offer: Offer) -> bool:
        seller = offer.seller_id
        return (
            seller not in self.without_sellers
            and (not self.only_sellers or seller in self.only_sellers)
            and self.line_sellers.get(offer.line_no, seller) == seller
        )

    def _stocked(self, offer: Offer, places: Places) -> Offer:
        lying = {place.location_id: (place, units) for place, units in offer.lying}
        for seller, place in places:
            key = place.location_id, offer.variant_id
            if seller == offer.seller_id and key in self.stocked:
                lying.setdefault(place.location_id, (place, 0))
        found = [
            (place, self._available((location, offer.variant_id), units))
            for location, (place, units) in lying.items()
        ]
        return offer._replace(lying=found)

    def _available(self, key: Key, units: int) -> int:
        return max(0, self.stock.get(key, units) + self.stock_changes.get(key, 0))

    def _priced(self, offer: Offer) -> Offer:
        """The offer at other prices, exactly: the price of as many units as it takes.

        What the buyer pays is another price only where goods are resold.
        """
        bps = self.prices_bps.get(offer.seller_id, 0)
        if not bps or offer.seller_price_minor is None:
            return offer
        asked = offer.seller_price_minor * (BPS + bps)
        per = (offer.seller_price_per or 1) * BPS
        priced = offer._replace(seller_price_minor=asked, seller_price_per=per)
        if offer.selling_model == _TWO_SIDED:
            return priced
        return priced._replace(buyer_price_minor=asked, buyer_price_per=per)
