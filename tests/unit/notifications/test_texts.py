"""Sentences about events: the same in every language, about events that there are."""

import string
from dataclasses import fields

import pytest

import app.storefronts.events
import app.wiring  # noqa: F401 - every event must be known
from app.kernel.events import Event
from app.notifications.texts import LABELS, LANGUAGES, SENTENCES

DERIVED = {"order": "order_id", "amount": "amount_minor", "count": "order_ids"}


def placeholders(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def events(of=Event):
    """Facts by the product's events; other tests define some of their own."""
    found = {}
    for each in of.__subclasses__():
        if each.__module__.startswith("app."):
            found |= {each.name: {field.name for field in fields(each)}}
        found |= events(each)
    return found


class TestSentences:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("catalog", [SENTENCES, LABELS])
    def test_say_the_same_in_every_language(self, catalog, language):
        for name, template in catalog["en"].items():
            assert placeholders(catalog[language][name]) == placeholders(template), name

    def test_are_about_events_and_their_facts(self):
        known = events()
        for name, template in SENTENCES["en"].items():
            event = next(each for each in (name, name.rpartition(".")[0]) if each in known)
            facts = {DERIVED.get(each, each) for each in placeholders(template)}
            assert facts <= known[event], name

    def test_tell_every_event(self):
        said = {".".join(name.split(".")[:2]) for name in SENTENCES["en"]}
        assert set(events()) - {"", "job.queued"} <= said  # of no kind, for workers
