"""Search reads large tables through their indexes, never whole."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.discovery import queries
from app.discovery.queries import Search, gridded, ordered, packed, paying, suggestions, walking
from app.discovery.rules import Filters, question_of
from tests.factories.network import caller_of
from tests.factories.world import build_world

LARGE = (
    "discovery_documents", "catalog_variants", "catalog_products", "offers_offers",
    "inventory_stock", "pricing_entries", "discovery_shelves",
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
    places = paying.places_of(session, viewer=viewer, now=now)
    binds = walking.binds_of_walk(viewer, asked, places, now) | {"sources": [], "numbered": []}

    for statement in (
        packed.statement_of(asked.shape, sort, is_priced=False, is_later=False),
        packed.statement_of(asked.shape, "price", is_priced=True, is_later=False),
        gridded._pricing(asked.shape),
    ):
        plan = plan_of(session, statement, binds)
        assert f"ix_discovery_documents_{index}" in plan
        assert not [each for each in LARGE if f"Seq Scan on {each}" in plan], plan


@pytest.mark.parametrize("sort", ["name", "newest"])
def test_of_a_walk_reads_documents_in_order(session: Session, now: datetime, sort: str) -> None:
    world = build_world(session, now)
    world.add_variant()
    viewer = queries.look(session, caller=caller_of(world.berta), storefront=world.storefront.id)
    asked = Search(question=question_of(""), locale="en", filters=Filters(), sort=sort)
    statement = ordered._walking(asked.shape, sort, is_later=False)

    plan = plan_of(session, statement, ordered.binds_of(viewer, asked, None, now))
    page = ordered.walk(session, viewer, asked, None, now)

    assert f"ix_discovery_documents_{sort}" in plan
    assert not [each for each in LARGE if f"Seq Scan on {each}" in plan], plan
    assert len(page.rows) == 1


def test_of_a_walk_along_prices_reads_lists_in_their_order(session: Session, now: datetime) -> None:
    world = build_world(session, now)
    world.add_variant()
    viewer = queries.look(session, caller=caller_of(world.berta), storefront=world.storefront.id)
    asked = Search(question=question_of("tap"), locale="en", filters=Filters(), sort="price")
    places = paying.places_of(session, viewer=viewer, now=now)
    binds = walking.binds_of_walk(viewer, asked, places, now) | {
        "step": 8, "unit": "5.0", "after": viewer.owner_id,
    }  # fmt: skip

    plan = plan_of(session, walking._statement(asked.shape, is_later=True), binds)

    assert "ix_pricing_entries_by_price" in plan
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
