"""What pricing can be asked."""

from app.pricing.queries.resolution import PRICE_CTES

__all__ = ["PRICE_CTES"]
