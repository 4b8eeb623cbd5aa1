"""What the catalog does in the transaction of a publication."""

from collections.abc import Sequence

from app.catalog import operations
from app.catalog.events import CatalogPublished
from app.infra.db import DbSession


def settle_suggestions(session: DbSession, events: Sequence[CatalogPublished]) -> None:
    """Match the suggestions that were taken up and are live with these publications."""
    manufacturers = [each.manufacturer_id for each in events]
    operations.settle_published(session, manufacturer_ids=manufacturers, now=events[-1].happened_at)
