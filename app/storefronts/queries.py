"""What storefronts can be asked."""

import uuid

from app.infra.db import DbSession
from app.storefronts.errors import StorefrontNotFound
from app.storefronts.models import Storefront


def get_storefront(session: DbSession, *, storefront_id: uuid.UUID) -> Storefront:
    """An active storefront.

    Raises:
        StorefrontNotFound: there is none.
    """
    storefront = session.get(Storefront, storefront_id)
    if storefront is None or not storefront.is_active:
        raise StorefrontNotFound
    return storefront
