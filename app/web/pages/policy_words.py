"""What pages of policies say, in the language that their reader chose; refusals, too."""

from collections.abc import Mapping
from typing import Any

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
    InstantUnread: "not_an_instant",
    FormUnread: "unread",
}


def headline(error: AppError, words: Words) -> str:
    """A refusal's headline; what has no words of its own is told as it is."""
    code = _HEADLINES.get(type(error))
    if code is None and error.details.get("errors"):
        code = "unread"
    return error.detail if code is None else words[f"fault.{code}"]


def fault_told(fault: Mapping[str, str], words: Words) -> dict[str, str]:
    """What is wrong in one place."""
    template = words.get(f"fault.{fault.get('code', '')}")
    if template is None:
        return dict(fault)
    place = fault["pointer"].strip("/").replace("/", ".")
    label = words.get(f"label.{place}", place)
    return {
        "pointer": fault["pointer"],
        "message": template.format(label=label, text=fault.get("text", "")),
    }
