"""A seller's stock on pages: what is where, what moves it, what is to come, when parcels leave."""

from app.web.pages.stock import calendar, feeds, goods, shelves

__all__ = ["calendar", "feeds", "goods", "shelves"]
