"""Backtests and single orders as they are told."""

from app.backtest.documents.reports import (
    WORDS,
    backtest_document,
    contenders_of,
    order_file,
    plots_of,
    sellers_of,
    shown,
    summary,
)
from app.backtest.documents.what_if import TERM_WORDS, what_if_document

__all__ = [
    "TERM_WORDS", "WORDS", "backtest_document", "contenders_of", "order_file", "plots_of",
    "sellers_of", "shown", "summary", "what_if_document",
]  # fmt: skip
