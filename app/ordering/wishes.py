"""What a buyer wishes of an order: routing's own words, which ordering keeps and asks with."""

from app.routing.rules.wishes import NO_WISHES, Wishes

__all__ = ["NO_WISHES", "Wishes"]
