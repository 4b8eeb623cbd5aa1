"""What offers do in the transaction in which a suggestion is matched."""

from collections.abc import Sequence

from app.catalog.events import SuggestionsMatched
from app.infra.db import DbSession
from app.offers import operations


def make_offers(session: DbSession, events: Sequence[SuggestionsMatched]) -> None:
    """Offer each matched variant in the seller's name, unless it is offered already."""
    for each in events:
        operations.ensure_offers(
            session,
            seller_id=each.seller_id,
            wanted=list(zip(each.variant_ids, each.seller_skus, strict=True)),
            now=each.happened_at,
        )
