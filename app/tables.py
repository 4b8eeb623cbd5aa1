"""Imports every domain's tables once, for migrations and for metadata checks."""

from app.assortments import models as assortments
from app.backtest import models as backtest
from app.catalog import models as catalog
from app.discovery import models as discovery
from app.exchange import models as exchange
from app.fulfilment import models as fulfilment
from app.identity import models as identity
from app.infra import models as infra
from app.infra.db import Base
from app.inventory import models as inventory
from app.ledger import models as ledger
from app.network import models as network
from app.notifications import models as notifications
from app.offers import models as offers
from app.ordering import models as ordering
from app.payments import models as payments
from app.pricing import models as pricing
from app.routing import models as routing
from app.settlement import models as settlement
from app.storefronts import models as storefronts

metadata = Base.metadata

# What entries name is looked after by a trigger: whoever writes tables in order must know it, too.
for _named in (pricing.PriceList.__table__, catalog.Variant.__table__):
    pricing.PriceEntry.__table__.add_is_dependent_on(_named)  # type: ignore[attr-defined]

__all__ = [
    "assortments", "backtest", "catalog", "discovery", "exchange", "fulfilment", "identity",
    "infra", "inventory", "ledger",
    "metadata", "network", "notifications", "offers", "ordering", "payments", "pricing", "routing",
    "settlement", "storefronts",
]  # fmt: skip
