"""Prices of all that is found are the same, joined, walked to along the lists, or one by one."""

import random
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.discovery import queries
from app.discovery.errors import BuyerNotNamed
from app.discovery.queries import Search, Viewer, shelved, walking
from app.discovery.queries.gridded import count_by_grid
from app.discovery.queries.paying import Places, places_of
from app.discovery.queries.walking import walk_by_price
from app.discovery.rules import NO_PRICE, Cursor, Filters, question_of
from app.storefronts.errors import StorefrontNotFound
from tests.domain.discovery.test_sight import Drawn
from tests.factories import network as net

# Prices for ten, breaks at two and five, entries that are over; and half of the sellers take the
# lowest of their lists.
DISTURB = """
UPDATE pricing_entries SET per_quantity = 7 WHERE pg_temp.chance(variant_id) % 3 = 0;
INSERT INTO pricing_entries (price_list_id, variant_id, from_quantity, amount_minor, valid_from)
SELECT price_list_id, variant_id, 2 + 3 * (amount_minor % 2), amount_minor / 3, valid_from
FROM pricing_entries WHERE amount_minor % 4 = 0 AND per_quantity = 1;
UPDATE pricing_entries SET valid_to = :now
WHERE pg_temp.chance(variant_id) % 7 = 0 AND valid_from < :now;
INSERT INTO pricing_settings (owner_id, strategy)
SELECT owner_id, 'lowest' FROM pricing_price_lists
WHERE pg_temp.chance(owner_id) % 2 = 0 GROUP BY owner_id
"""


def viewers(world: Drawn) -> list[Viewer]:
    """Every pair of eyes that may look."""
    found = []
    for shop in world.shops:
        for eye in [None, *world.buyers]:
            caller = net.caller_of(eye) if eye else None
            try:
                found.append(queries.look(world.session, caller=caller, storefront=shop.id))
            except (StorefrontNotFound, BuyerNotNamed):
                continue
    return found


def walked(world: Drawn, viewer: Viewer, asked: Search, places: Places) -> list[str]:
    """The ids of all pages of a walk."""
    ids: list[str] = []
    cursor = None
    while True:
        page = walk_by_price(world.session, viewer, asked, places, cursor, world.now)
        ids += [key for _, key in page.rows]
        if page.last is None:
            return ids
        cursor = Cursor("price", page.last[0], page.last[1])


@pytest.mark.parametrize("seed", range(3))
def test_every_way_to_the_price_finds_the_same(
    session: Session, now: datetime, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # so few at once that a page takes many steps, and some pages are cut short
    for name, few in (("AT_FIRST", 1), ("AT_MOST", 60), ("_FEWEST", 2), ("_FASTER", 2)):
        monkeypatch.setattr(walking, name, few)
    world = Drawn(session, random.Random(seed), now)
    world.draw()
    for statement in DISTURB.split(";"):
        session.execute(text(statement), {"now": now} if ":now" in statement else {})
    compared = 0
    for viewer in viewers(world):
        places = places_of(session, viewer=viewer, now=now)
        assert places.are_plain
        for filters in (Filters(), Filters(price_from=50, price_to=400, is_available=True)):
            for sort in ("-price", "price"):
                asked = Search(
                    question=question_of(""), locale="en", filters=filters, sort=sort, limit=100
                )
                joined = shelved.count(session, viewer, asked, places, None, now)
                grid = count_by_grid(session, viewer, asked, None, now)
                assert joined.page == grid.page
                assert joined.total == grid.total
                assert {(f.token, f.many) for f in joined.facets} == {
                    (f.token, f.many) for f in grid.facets
                }
                compared += joined.total
            few = Search(
                question=question_of(""), locale="en", filters=filters, sort="price", limit=3
            )
            priced = [key for number, key in grid.page.rows if number != NO_PRICE]
            assert walked(world, viewer, few, places) == priced
    assert compared
