"""A folder of network files as the import's source."""

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from app.demo.ports import (
    AgreementRow,
    DemandContent,
    NetworkContent,
    OrderLineRow,
    OrderRow,
    ProductRow,
    Refusal,
    Told,
)
from connectors.network_files.reader import TableReader
from connectors.network_files.tables import AGREEMENTS, BUYERS, DEMAND, NETWORK, PRODUCTS, Table


class NetworkFolder:
    """Reads a network's files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read_network(self, told: Told) -> NetworkContent:
        """The master data."""
        rows, refusals = self._read(NETWORK, told)
        rows["agreements"], unsound = _sound_agreements(rows["agreements"], rows["products"])
        return NetworkContent(**rows, refusals=[*refusals, *unsound])

    def read_demand(self, told: Told) -> DemandContent:
        """The orders in time order; those of one minute in the order of the file."""
        rows, refusals = self._read((PRODUCTS, BUYERS, *DEMAND), told)
        orders: list[OrderRow] = sorted(rows["orders"], key=lambda order: order.ordered_at)
        lines: dict[str, list[OrderLineRow]] = defaultdict(list)
        for line in rows["order_lines"]:
            lines[line.order].append(line)
        wanted = [order for order in orders if order.number in lines]
        return DemandContent(wanted, [lines[order.number] for order in wanted], refusals)

    def _read(
        self, tables: Iterable[Table], told: Told
    ) -> tuple[dict[str, list[Any]], list[Refusal]]:
        rows: dict[str, list[Any]] = {}
        known: dict[str, set[str]] = {}
        refusals: list[Refusal] = []
        for table in tables:
            reader = TableReader(self._folder, table, known)
            rows[table.name] = list(reader.rows(partial(told, table.name)))
            known[table.name] = reader.keys
            refusals += reader.refusals
        return rows, refusals


def _sound_agreements(
    agreements: Iterable[AgreementRow], products: Iterable[ProductRow]
) -> tuple[list[AgreementRow], list[Refusal]]:
    """Agreements on categories that some product has: categories have no file of their own."""
    known = {product.category for product in products}
    good, refusals = [], []
    for agreement in agreements:
        refusal = _find_unsound(agreement, known)
        if refusal:
            refusals.append(refusal)
        else:
            good.append(agreement)
    return good, refusals


def _find_unsound(agreement: AgreementRow, known: set[str]) -> Refusal | None:
    whose = f"(agreement of {agreement.seller})"
    if bool(agreement.exclusive_state) != bool(agreement.exclusive_category):
        found = agreement.exclusive_state or agreement.exclusive_category
        reason = f"an exclusivity names both a state and a category {whose}"
        return Refusal(AGREEMENTS.file, 0, "exclusive_state", found, reason)
    named = [("categories", name) for name in agreement.categories]
    if agreement.exclusive_category:
        named.append(("exclusive_category", agreement.exclusive_category))
    for column, name in named:
        if name not in known:
            reason = f"is no product's category {whose}"
            return Refusal(AGREEMENTS.file, 0, column, name, reason)
    return None
