"""What the pages of a catalog share: who may see them, and how a change is told."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

from flask.typing import ResponseReturnValue

from app.catalog.queries import Change
from app.web.blueprint import me, signed_in

P = ParamSpec("P")
LANGUAGES = {"en": "English", "es": "Español", "pt": "Português", "de": "Deutsch"}


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a difference: what, from, to."""

    what: str
    old: str
    new: str


def makers(
    permission: str,
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Page decorator: for whom the permission was granted."""

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        @signed_in
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            me().require(permission)
            return view(*args, **kwargs)

        return guarded

    return decorate


def lines_of(change: Change) -> list[Told]:
    """A change line by line; texts by locale and values by attribute each get their own."""
    return [line for each in change.fields for line in _lines(each.field, each.old, each.new)]


def _lines(what: str, old: Any, new: Any) -> list[Told]:  # noqa: ANN401 - any JSON value
    if isinstance(new, dict) or isinstance(old, dict):
        before: Mapping[str, Any] = old if isinstance(old, dict) else {}
        after: Mapping[str, Any] = new if isinstance(new, dict) else {}
        return [
            line
            for key in sorted({*before, *after})
            if before.get(key) != after.get(key)
            for line in _lines(f"{what} / {key}", before.get(key), after.get(key))
        ]
    return [Told(what.replace("_", " "), _plain(old), _plain(new))]


def _plain(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(_entry(each) for each in value)
    return str(value)


def _entry(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if not isinstance(value, dict):
        return str(value)
    said: Sequence[str] = [
        f"{key} {each if isinstance(each, str | int) else json.dumps(each)}"
        for key, each in value.items()
        if each not in (None, "", {}, [])
    ]
    return ", ".join(said)
