"""How money, dates and ids look on pages."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from markupsafe import Markup, escape

from app.kernel.money import exponent_of

LOCALE = "en"


def money(amount_minor: int | None, currency: str, locale: str = LOCALE) -> str:
    """An amount with its currency, as a person writes it."""
    if amount_minor is None:
        return "–"
    major = amount_minor / 10 ** exponent_of(currency)  # for display only, never computed with
    return format_currency(major, currency, locale=locale)


def number(value: int, locale: str = LOCALE) -> str:
    """A whole number with grouped digits."""
    return format_decimal(value, locale=locale)


def _pattern(own: str, locale: str) -> str:
    """How a day is written: in English with its month in letters, elsewhere as is usual there."""
    return own if locale == LOCALE else "medium"


def moment(value: datetime | None, locale: str = LOCALE) -> Markup | str:
    """An instant, readable, with its exact form for machines."""
    if value is None:
        return "–"
    shown = format_datetime(value, _pattern("d MMM yyyy, HH:mm", locale), locale=locale)
    return Markup('<time datetime="{}">{} UTC</time>').format(value.isoformat(), escape(shown))


def day(value: date | str | None, locale: str = LOCALE) -> Markup | str:
    """A day, readable, with its exact form for machines."""
    if value is None:
        return "–"
    if isinstance(value, str):
        value = date.fromisoformat(value)
    shown = format_date(value, _pattern("d MMM yyyy", locale), locale=locale)
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), escape(shown))


def words(code: str) -> str:
    """A code such as ``partly_shipped`` in words."""
    return code.replace("_", " ")
