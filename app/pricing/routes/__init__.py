"""Prices over HTTP: lists and entries, formulas, and what a price is."""

from app.pricing.routes import formulas, lists, prices
from app.pricing.routes.blueprint import blueprint

__all__ = ["blueprint", "formulas", "lists", "prices"]
