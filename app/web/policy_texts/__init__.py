"""The words of pages about routing policies, in the languages that people of the network read.

``label.`` and ``help.`` are of a form's field by its place in the document, ``choice.`` of what a
field may be, ``fault.`` of what may be wrong, ``wi.`` of the page "what if". Every language has
every text with the same placeholders.
"""

from collections.abc import Mapping

from app.web.policy_texts.fields import FIELDS
from app.web.policy_texts.pages import CHOICES, FAULTS, GROUPS, PAGES
from app.web.policy_texts.what_if import WHAT_IF, WHAT_IF_FAULTS

LANGUAGES = ("en", "es", "pt", "de")


def _catalog(rows: tuple[tuple[str, ...], ...]) -> Mapping[str, Mapping[str, str]]:
    return {
        language: {row[0]: row[1 + number] for row in rows}
        for number, language in enumerate(LANGUAGES)
    }


TEXTS = _catalog((*FIELDS, *GROUPS, *CHOICES, *FAULTS, *PAGES, *WHAT_IF, *WHAT_IF_FAULTS))
