"""Strategies that decide a routing problem; `OptimalStrategy` is the default."""

from app.routing.strategies.optimal import OptimalStrategy

__all__ = ["OptimalStrategy"]
