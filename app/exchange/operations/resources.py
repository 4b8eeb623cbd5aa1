"""How each resource is judged and merged by the domain that owns it: one shape for all four."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from app.catalog.operations import merging as catalog_merging
from app.exchange.rules import fields as f
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.inventory.operations import merging as inventory_merging
from app.offers.operations import merging as offers_merging
from app.pricing.operations import merging as pricing_merging


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Who imports what, how, into what, and the staging tables."""

    resource: str
    caller: Caller
    mode: str
    checked: str
    judged: str
    now: datetime
    price_list_id: uuid.UUID | None = None

    @property
    def list_id(self) -> uuid.UUID:
        """The price list of an import of prices."""
        assert self.price_list_id is not None, "an import of prices names its list"
        return self.price_list_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What became of a part of the rows; ``late`` are rows refused only now, ``late_as`` how."""

    inserted: int = 0
    updated: int = 0
    removed: int = 0
    late: Sequence[int] = field(default=())
    late_as: str = ""


class Resource(Protocol):
    """What the engine asks of a resource."""

    def judge(self, session: DbSession, scope: Scope) -> None:
        """Write a verdict for each checked row."""
        ...

    def begin(self, session: DbSession, scope: Scope) -> None:
        """What is merged once, before the parts."""
        ...

    def merge(self, session: DbSession, scope: Scope, first: str, last: str) -> Merged:
        """Merge a part."""
        ...

    def count_absent(self, session: DbSession, scope: Scope) -> int:
        """How much of the scope the file does not name."""
        ...

    def end_absent(self, session: DbSession, scope: Scope) -> int:
        """Withdraw or end it."""
        ...


class _Products:
    def judge(self, session: DbSession, scope: Scope) -> None:
        catalog_merging.judge_products(
            session,
            caller=scope.caller,
            mode=scope.mode,
            checked=scope.checked,
            judged=scope.judged,
        )

    def begin(self, session: DbSession, scope: Scope) -> None:
        catalog_merging.merge_products(
            session,
            manufacturer_id=scope.caller.organization_id,
            judged=scope.judged,
            now=scope.now,
        )

    def merge(self, session: DbSession, scope: Scope, first: str, last: str) -> Merged:
        row = catalog_merging.merge_variants(
            session,
            manufacturer_id=scope.caller.organization_id,
            judged=scope.judged,
            first=first,
            last=last,
            now=scope.now,
        )
        return Merged(inserted=row.inserted, updated=row.updated, removed=row.removed)

    def count_absent(self, session: DbSession, scope: Scope) -> int:
        return catalog_merging.count_absent_variants(
            session, manufacturer_id=scope.caller.organization_id, judged=scope.judged
        )

    def end_absent(self, session: DbSession, scope: Scope) -> int:
        return catalog_merging.withdraw_absent_variants(
            session, manufacturer_id=scope.caller.organization_id, judged=scope.judged
        )


class _Offers:
    def judge(self, session: DbSession, scope: Scope) -> None:
        offers_merging.judge_offers(
            session,
            caller=scope.caller,
            mode=scope.mode,
            checked=scope.checked,
            judged=scope.judged,
        )

    def begin(self, session: DbSession, scope: Scope) -> None:
        """Nothing."""

    def merge(self, session: DbSession, scope: Scope, first: str, last: str) -> Merged:
        row = offers_merging.merge_offers(
            session,
            caller=scope.caller,
            judged=scope.judged,
            first=first,
            last=last,
            now=scope.now,
        )
        return Merged(inserted=len(row.made), updated=len(row.edited), removed=len(row.withdrawn))

    def count_absent(self, session: DbSession, scope: Scope) -> int:
        return offers_merging.count_absent_offers(session, caller=scope.caller, judged=scope.judged)

    def end_absent(self, session: DbSession, scope: Scope) -> int:
        return offers_merging.withdraw_absent_offers(
            session, caller=scope.caller, judged=scope.judged, now=scope.now
        )


class _Prices:
    def judge(self, session: DbSession, scope: Scope) -> None:
        pricing_merging.judge_prices(
            session,
            caller=scope.caller,
            price_list_id=scope.list_id,
            mode=scope.mode,
            checked=scope.checked,
            judged=scope.judged,
            now=scope.now,
        )

    def begin(self, session: DbSession, scope: Scope) -> None:
        pricing_merging.begin_merging_prices(
            session, caller=scope.caller, price_list_id=scope.list_id
        )

    def merge(self, session: DbSession, scope: Scope, first: str, last: str) -> Merged:
        row = pricing_merging.merge_prices(
            session,
            caller=scope.caller,
            price_list_id=scope.list_id,
            judged=scope.judged,
            first=first,
            last=last,
        )
        return Merged(inserted=row.inserted, updated=row.updated, removed=row.removed)

    def count_absent(self, session: DbSession, scope: Scope) -> int:
        return pricing_merging.count_absent_prices(
            session, price_list_id=scope.list_id, judged=scope.judged, now=scope.now
        )

    def end_absent(self, session: DbSession, scope: Scope) -> int:
        return pricing_merging.end_absent_prices(
            session,
            caller=scope.caller,
            price_list_id=scope.list_id,
            judged=scope.judged,
            now=scope.now,
        )


class _Stock:
    def judge(self, session: DbSession, scope: Scope) -> None:
        inventory_merging.judge_stock(
            session,
            caller=scope.caller,
            mode=scope.mode,
            checked=scope.checked,
            judged=scope.judged,
        )

    def begin(self, session: DbSession, scope: Scope) -> None:
        """Nothing."""

    def merge(self, session: DbSession, scope: Scope, first: str, last: str) -> Merged:
        row = inventory_merging.merge_stock(
            session,
            caller=scope.caller,
            judged=scope.judged,
            first=first,
            last=last,
            now=scope.now,
        )
        return Merged(
            inserted=row.inserted,
            updated=row.updated,
            removed=row.removed,
            late=row.late_rows or (),
            late_as="on_hand:below_reserved",
        )

    def count_absent(self, session: DbSession, scope: Scope) -> int:
        return inventory_merging.count_absent_stock(session, judged=scope.judged)

    def end_absent(self, session: DbSession, scope: Scope) -> int:
        return inventory_merging.empty_absent_stock(
            session, caller=scope.caller, judged=scope.judged, now=scope.now
        )


RESOURCES: Mapping[str, Resource] = MappingProxyType(
    {f.PRODUCTS: _Products(), f.OFFERS: _Offers(), f.PRICES: _Prices(), f.STOCK: _Stock()}
)
