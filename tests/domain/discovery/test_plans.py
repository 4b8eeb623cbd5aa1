"""Search reads large tables through their indexes, never whole."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.discovery import queries
from app.discovery.queries import Search, searching, suggestions
from app.discovery.rules import Filters, question_of
from tests.factories.network import caller_of
from tests.factories.world import build_world

LARGE = (
    "discovery_documents", "catalog_variants", "catalog_products", "offers_offers",
    "inventory_stock", "pricing_entries",
)  # fmt: skip


def plan_of(session: Session, statement, binds) -> str:
    """The plan when whole tables are not worth reading, as they are when they are large."""
    session.execute(text("SET LOCAL enable_seqscan = off"))
    rows = session.execute(text(f"EXPLAIN {statement.text}"), binds)
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize(
    ("words", "sort", "filters", "index"),
    [
        ("tap", "relevance", Filters(), "text_en"),
        ("tap", "newest", Filters(is_available=True), "text_en"),
        ("", "name", Filters.of([("brand", "Rivo"), ("a.colour", "red")]), "tokens"),
    ],
)
def test_of_a_search_uses_indexes(
    session: Session, now: datetime, words: str, sort: str, filters: Filters, index: str
) -> None:
    world = build_world(session, now)
    world.add_variant()
    viewer = queries.look(session, caller=caller_of(world.berta), storefront=world.storefront.id)
    asked = Search(question=question_of(words), locale="en", filters=filters, sort=sort)
    binds = searching._binds(viewer, asked, None, now)

    for statement in (
        searching._statement(asked.shape, sort, is_later=False),
        searching._pricing(asked.shape),
    ):
        plan = plan_of(session, statement, binds)
        assert f"ix_discovery_documents_{index}" in plan
        assert not [each for each in LARGE if f"Seq Scan on {each}" in plan], plan


def test_of_suggestions_uses_the_index_of_words(session: Session, now: datetime) -> None:
    world = build_world(session, now)
    world.add_variant()
    viewer = queries.look(session, caller=caller_of(world.berta), storefront=world.storefront.id)
    binds = viewer.binds(now) | {
        "reach": list(viewer.reach), "words": [], "codes": [], "whole": "", "last": "ta",
        "locale": "en",
    }  # fmt: skip

    plan = plan_of(session, suggestions._statement("en"), binds)

    assert "ix_discovery_documents_text_en" in plan
    assert not [each for each in LARGE if f"Seq Scan on {each}" in plan], plan
