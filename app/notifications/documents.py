"""An event as a sentence in a reader's language."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal

from app.kernel.money import exponent_of
from app.notifications.queries import FeedEvent
from app.notifications.texts import SENTENCES

_TURNS = ("outcome", "reason", "trigger")
_INSTANTS = frozenset({"accept_by", "expires_at", "valid_from", "valid_to"})
_PLAIN = frozenset({"order", "number"})


def sentence(event: FeedEvent, *, language: str) -> str | None:
    """What happened, in a sentence; none where nobody waits for one."""
    said = SENTENCES[language]
    turn = next((event.data[name] for name in _TURNS if event.data.get(name)), None)
    template = said.get(f"{event.name}.{turn}") or said.get(event.name)
    return None if template is None else template.format_map(_Facts(event, language))


class _Facts(dict[str, str]):
    """An event's facts as people of a language write them, each when it is asked for."""

    def __init__(self, event: FeedEvent, language: str) -> None:
        super().__init__()
        self._event, self._language = event, language

    def __missing__(self, name: str) -> str:
        data: Mapping[str, Any] = self._event.data
        if name == "order":
            return str(self._event.order_number or "?")
        if name == "amount":
            return self._money(data["amount_minor"])
        if name == "count":
            return self._number(len(data["order_ids"]))
        if name in _INSTANTS:
            return _instant(data[name], self._language)
        return str(data[name]) if name in _PLAIN else self._number(data[name])

    def _money(self, amount_minor: int) -> str:
        currency = self._event.currency or "XXX"
        major = Decimal(amount_minor).scaleb(-exponent_of(currency))
        return str(format_currency(major, currency, locale=self._language))

    def _number(self, value: int) -> str:
        return str(format_decimal(value, locale=self._language))


def _instant(text: str, language: str) -> str:
    at = datetime.fromisoformat(text)
    return f"{format_datetime(at, 'd MMM yyyy, HH:mm', locale=language)} UTC"
