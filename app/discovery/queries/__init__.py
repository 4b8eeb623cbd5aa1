"""What discovery can be asked."""

from app.discovery.queries.details import Offered, Shown
from app.discovery.queries.feed import FeedPage, read_feed
from app.discovery.queries.product import ProductPage, product
from app.discovery.queries.searching import PAGE, Facet, Found, Search, search
from app.discovery.queries.suggestions import Suggestion, suggest
from app.discovery.queries.viewer import NOWHERE, Place, Viewer, look

__all__ = [
    "NOWHERE",
    "PAGE",
    "Facet",
    "FeedPage",
    "Found",
    "Offered",
    "Place",
    "ProductPage",
    "Search",
    "Shown",
    "Suggestion",
    "Viewer",
    "look",
    "product",
    "read_feed",
    "search",
    "suggest",
]
