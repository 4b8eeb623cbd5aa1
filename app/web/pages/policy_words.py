"""What pages of policies say, in the language that their reader chose; refusals, too."""

from collections.abc import Mapping
from typing import Any

from app.backtest.errors import ScenarioInvalid
from app.kernel.errors import AppError, Malformed
from app.routing.errors import PolicyInvalid
from app.web.languages import language_asked
from app.web.policy_texts import LANGUAGES, TEXTS
from app.web.texts import LANGUAGES as NAMES

Words = Mapping[str, str]


class FormUnread(Malformed):
    """A form's text says nothing that a document may say."""

    title = "Something in the form cannot be read"


class InstantUnread(Malformed):
    """A form's text is no instant."""

    title = "Write the instant as 2026-12-24 08:00"


def words_asked() -> Words:
    """The texts of the language that the reader chose."""
    return TEXTS[language_asked(LANGUAGES)]


def language_of(words: Words) -> dict[str, Any]:
    """What templates know of it."""
    code = next(code for code, texts in TEXTS.items() if texts is words)
    return {"t": words, "locale": code, "languages": NAMES}


_HEADLINES: Mapping[type[AppError], str] = {
    PolicyInvalid: "cannot_decide",
    ScenarioInvalid: "cannot_suppose",
    InstantUnread: "not_an_instant",
    FormUnread: "unread",
}


def headline(error: AppError, words: Words) -> str:
    """A refusal's headline; what has no words of its own is told as it is."""
    code = _HEADLINES.get(type(error))
    if code is None and error.details.get("errors"):
        code = "unread"
    return error.detail if code is None else words[f"fault.{code}"]


def fault_told(fault: Mapping[str, Any], words: Words) -> dict[str, str]:
    """What is wrong in one place."""
    template = words.get(f"fault.{fault.get('code', '')}")
    if template is None:
        return dict(fault)
    return {
        "pointer": fault["pointer"],
        "message": template.format(**{"text": "", **fault, "label": _label(fault, words)}),
    }


def _label(fault: Mapping[str, Any], words: Words) -> str:
    """What the field is called: the nearest part of the document that has a name."""
    path = fault["pointer"].strip("/").split("/")
    for end in range(len(path), 0, -1):
        place = ".".join(path[:end])
        named = words.get("label.levels" if path[0] == "levels" else f"label.{place}")
        if named is not None:
            return named.format(number=int(path[-1]) + 1 if path[-1].isdecimal() else "")
    return ".".join(path)
