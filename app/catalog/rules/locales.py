"""In which language a text is read: what was asked for, its language, English, the base.

A locale is a language with, perhaps, a region (BCP 47: ``pt`` or ``pt-BR``). The base is what
stands in the columns themselves, in whatever language the manufacturer keeps its catalog.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
LAST_RESORT = "en"


def locale_is_valid(locale: str) -> bool:
    """Whether it has the form of a locale."""
    return _LOCALE.fullmatch(locale) is not None


def canonical(locale: str) -> str | None:
    """A locale as it is written here (``PT_br`` is ``pt-BR``); None for what is none."""
    language, _, region = locale.replace("_", "-").partition("-")
    written = language.lower() + (f"-{region.upper()}" if region else "")
    return written if locale_is_valid(written) else None


def fallbacks(wanted: Iterable[str]) -> tuple[str, ...]:
    """Where to look for a text, best first; nothing wanted means the base alone."""
    found: dict[str, None] = {}
    for locale in wanted:
        written = canonical(locale)
        if written:
            found |= {written: None, written.partition("-")[0]: None}
    return (*found, *(() if LAST_RESORT in found else (LAST_RESORT,))) if found else ()


def localized(
    translations: Mapping[str, Mapping[str, Any]], field: str, base: str, locales: Sequence[str]
) -> tuple[str, str | None]:
    """A text in the best language there is, and which that was (None for the base)."""
    for locale in locales:
        text = translations.get(locale, {}).get(field)
        if text:
            return text, locale
    return base, None
