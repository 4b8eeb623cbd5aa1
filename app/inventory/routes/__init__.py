"""Locations, their calendars, their stock, what moves it, and the feeds that tell of it."""

from app.inventory.routes import calendars, feeds, goods, stock
from app.inventory.routes.blueprint import blueprint

__all__ = ["blueprint", "calendars", "feeds", "goods", "stock"]
