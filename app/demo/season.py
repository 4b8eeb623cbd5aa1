"""What the built-in maker Velmora did with its catalog: one publication, and the next one begun.

Told through the operations that the API uses, so that versions, events and the impact are real.
"""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.catalog import operations as catalog_operations
from app.catalog import queries as catalog_queries
from app.demo.replay.atlas import acting_for
from app.demo.vocabulary import names
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.tables import catalog, network

MAKER = "VELMORA"
NOTE = "Spring range: the small junction box is followed by the larger one"
OLD_BOX, NEW_BOX = "JB-60MM-SURFACE", "JB-85MM-SURFACE"
WITHDRAWN, REPACKED = "CO-40MM-FLEXIBLE", "CT-100MM-NATURAL"
_SMART = {"en": "Lina smart switch", "es": "Interruptor inteligente Lina",
          "pt": "Interruptor inteligente Lina", "de": "Smarter Schalter Lina"}  # fmt: skip


def keep(session: DbSession, *, now: datetime) -> None:
    """Publish Velmora's spring range and collect what comes after it; the caller commits."""
    session.flush()
    maker_id = session.scalars(
        select(network.Organization.id).where(network.Organization.code == MAKER)
    ).one()
    caller = replace(acting_for(maker_id), kinds=frozenset({"manufacturer"}))
    _change(
        session, caller, OLD_BOX, status="phase_out", successor_id=_id(session, caller, NEW_BOX)
    )
    catalog_operations.publish(session, caller=caller, note=NOTE, now=now)
    _change(session, caller, WITHDRAWN, status="withdrawn")
    _change(session, caller, REPACKED, pack_quantity=250, packs=[])
    _add_product(session, caller, now)


def _id(session: DbSession, caller: Caller, sku: str) -> uuid.UUID:
    query = select(catalog.Variant.id).where(
        catalog.Variant.manufacturer_id == caller.organization_id, catalog.Variant.sku == sku
    )
    return session.scalars(query).one()


def _change(session: DbSession, caller: Caller, sku: str, **changes: Any) -> None:  # noqa: ANN401 - columns by name
    variant_id = _id(session, caller, sku)
    found = catalog_queries.get_variant(session, caller=caller, variant_id=variant_id)
    catalog_operations.update_variant(
        session, caller=caller, variant_id=variant_id, expected_version=found.version,
        changes=changes,
    )  # fmt: skip


def _add_product(session: DbSession, caller: Caller, now: datetime) -> None:
    wiring_id = session.scalars(
        select(catalog.Category.id).where(
            catalog.Category.manufacturer_id == caller.organization_id,
            catalog.Category.code == "wiring",
        )
    ).one()
    category = catalog_operations.create_category(
        session, caller=caller,
        facts={"code": "smart", "name": "Smart home", "parent_id": wiring_id,
               "translations": names("Smart home")},
    )  # fmt: skip
    translations = {locale: {"name": name} for locale, name in _SMART.items()}
    product = catalog_operations.create_product(
        session, caller=caller, category_id=category.id, now=now,
        facts={"code": "SM", "name": _SMART["en"], "brand": "Velmora",
               "translations": translations},
    )  # fmt: skip
    for colour in ("white", "anthracite"):
        catalog_operations.create_variant(
            session, caller=caller, product_id=product.id, now=now,
            facts={"sku": f"SM-{colour.upper()}", "name": f"{_SMART['en']} {colour}",
                   "weight_g": 96, "customs_code": "853650", "attributes": {"colour": colour}},
        )  # fmt: skip
