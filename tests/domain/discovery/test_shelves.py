"""Shelves make searches quick and never change an answer, whatever waits to be packed."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.discovery import operations, queries
from app.discovery.queries import Search, searching, shelved
from app.discovery.queries.gridded import count_by_grid
from app.discovery.queries.paying import places_of
from app.discovery.rules import SORTS, Filters, question_of
from tests.domain.discovery.test_paying import DISTURB, viewers
from tests.domain.discovery.test_sight import Drawn
from tests.factories.network import caller_of
from tests.factories.world import World, build_world

# Each with a share of the variants in :low to :high of a hundred.
SHARE = "pg_temp.chance(variant_id) % 100 BETWEEN :low AND :high"
CHANGES = (
    "UPDATE pricing_entries SET amount_minor = amount_minor / 2 WHERE SHARE",
    "DELETE FROM pricing_entries WHERE SHARE",
    """
    INSERT INTO pricing_entries (price_list_id, variant_id, from_quantity, amount_minor, valid_from)
    SELECT price_list_id, variant_id, 3, amount_minor - 1, valid_from FROM pricing_entries
    WHERE from_quantity = 1 AND per_quantity = 1 AND SHARE
    ON CONFLICT DO NOTHING
    """,
    "UPDATE pricing_entries SET valid_to = :soon WHERE valid_from < :soon AND SHARE",
    "UPDATE offers_offers SET status = 'paused' WHERE SHARE",
    "UPDATE offers_offers SET status = 'active', minimum_quantity = 7 WHERE SHARE",
    """
    UPDATE offers_offers SET valid_from = :soon, valid_to = :later WHERE SHARE
    """,
    "UPDATE offers_offers SET minimum_quantity = 150 WHERE SHARE",
    "DELETE FROM offers_offers WHERE SHARE",
    "UPDATE inventory_stock SET on_hand = on_hand + 2 WHERE SHARE",
    "UPDATE inventory_stock SET on_hand = reserved WHERE SHARE",
    "UPDATE inventory_stock SET on_hand = 160 WHERE SHARE",
    "UPDATE inventory_stock SET on_hand = 140 WHERE on_hand = 160 AND SHARE",
    (
        "UPDATE inventory_locations SET is_active = NOT is_active"
        " WHERE pg_temp.chance(id) % 100 BETWEEN :low AND :high"
    ),
    (
        "UPDATE catalog_products SET brand = 'Delta'"
        " WHERE pg_temp.chance(id) % 100 BETWEEN :low AND :high"
    ),
    (
        "UPDATE catalog_variants SET status = 'withdrawn'"
        " WHERE pg_temp.chance(id) % 100 BETWEEN :low AND :high"
    ),
)
LAST_CHANGE = """
UPDATE pricing_entries SET amount_minor = amount_minor + 1
WHERE variant_id = (SELECT variant_id FROM pricing_entries ORDER BY variant_id LIMIT 1)
"""
FILTERS = (
    Filters(),
    Filters(is_available=True),
    Filters(price_from=50, price_to=400),
    Filters(facets={"brand": ["Rivo"], "a.colour": ["red"]}, is_available=True),
)


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


def change(session: Session, dice: random.Random, now: datetime) -> None:
    """One random change of many rows."""
    low = dice.randint(0, 80)
    binds = {
        "low": low, "high": low + dice.randint(5, 30),
        "soon": now + timedelta(hours=1), "later": now + timedelta(hours=3),
    }  # fmt: skip
    statement = dice.choice(CHANGES).replace("SHARE", SHARE)
    session.execute(text(statement), {k: v for k, v in binds.items() if f":{k}" in statement})


def shelve(session: Session, now: datetime, limit: int = 1000) -> None:
    """Pack all that waits."""
    while operations.shelve_waiting(session, limit=limit, now=now):
        pass


def questions(seed: int) -> list[tuple[Filters, str, str]]:
    """Half of all that can be asked; the next seed asks the other half."""
    every = product(FILTERS, SORTS, ("", "basin"))
    return [asked for no, asked in enumerate(every) if (no // 2 + no + seed) % 2 == 0]


def answers(session: Session, viewer: queries.Viewer, now: datetime, seed: int):
    """All pages of what is asked."""
    for filters, sort, words in questions(seed):
        asked = Search(
            question=question_of(words), locale="en", filters=filters, sort=sort, limit=9
        )
        for _ in range(30):
            found = queries.search(session, viewer=viewer, search=asked, now=now)
            facets = sorted((each.token, each.many) for each in found.facets)
            told = [
                (each.row.id, each.price, each.availability, each.offers) for each in found.items
            ]
            yield sort, words, filters, told, found.total, found.is_exact, facets
            if found.next_cursor is None:
                break
            asked = replace(asked, cursor=found.next_cursor)


@pytest.mark.parametrize("seed", range(4))
def test_every_answer_is_the_one_without_any_shelf(
    session: Session, now: datetime, seed: int
) -> None:
    dice = random.Random(seed)
    world = Drawn(session, dice, now)
    world.draw()
    for statement in DISTURB.split(";"):
        session.execute(text(statement), {"now": now} if ":now" in statement else {})
    operations.index_all(session)
    shelve(session, now)
    for _ in range(5):
        change(session, dice, now)
        operations.shelve_waiting(session, limit=dice.choice([1, 2000]), now=now)
        change(session, dice, now)
    session.execute(text(LAST_CHANGE))
    waiting = session.scalar(text("SELECT count(*) FROM discovery_marks"))
    trusted = session.scalar(text("SELECT count(*) FROM discovery_shelves"))
    assert waiting
    assert trusted
    compared = 0
    eyes = viewers(world)
    for number, viewer in enumerate(dice.sample(eyes, min(2, len(eyes)))):
        for at in (now, now + timedelta(hours=2)):
            by_shelves = list(answers(session, viewer, at, seed + number))
            aside = session.begin_nested()
            session.execute(text("DELETE FROM discovery_shelves"))
            assert by_shelves == list(answers(session, viewer, at, seed + number))
            aside.rollback()
            places = places_of(session, viewer=viewer, now=at)
            for filters in FILTERS:
                asked = Search(
                    question=question_of(""), locale="en", filters=filters, sort="price", limit=99
                )
                quick = shelved.count(session, viewer, asked, places, None, at)
                grid = count_by_grid(session, viewer, asked, None, at)
                assert (quick.page, quick.total) == (grid.page, grid.total)
                compared += quick.total
    assert compared


# Two thirds of the lists derive from another one of the same currency, some through two.
DERIVE = """
UPDATE pricing_price_lists d SET base_list_id = b.id
FROM pricing_price_lists b
WHERE b.currency = d.currency AND d.purpose = 'sale' AND b.id = (
    SELECT id FROM pricing_price_lists o
    WHERE o.currency = d.currency AND o.id < d.id ORDER BY o.id OFFSET :step LIMIT 1
) AND pg_temp.chance(d.id) % 3 = :step
"""
GAPS = """
DELETE FROM pricing_entries WHERE pg_temp.chance(variant_id) % 4 = 0
AND price_list_id IN (SELECT id FROM pricing_price_lists WHERE base_list_id IS NOT NULL)
"""
FORMULAS = """
INSERT INTO pricing_formulas (id, price_list_id, position, factor_bps, add_minor, round_to_minor,
                              round_ending_minor, rounding)
SELECT gen_random_uuid(), id, 1, 8000 + pg_temp.chance(id) % 4000,
       pg_temp.chance(id) % 300 - 150, 100, 95,
       (ARRAY['nearest', 'up', 'down'])[1 + pg_temp.chance(id) % 3]
FROM pricing_price_lists WHERE base_list_id IS NOT NULL
  AND pg_temp.chance(id) % 7 > 0
"""


@pytest.mark.parametrize("seed", range(5))
def test_lists_that_derive_are_priced_in_columns_as_one_by_one(
    session: Session, now: datetime, seed: int
) -> None:
    world = Drawn(session, random.Random(seed), now)
    world.draw()
    for statement in DISTURB.split(";"):
        session.execute(text(statement), {"now": now} if ":now" in statement else {})
    for step in (0, 1):
        session.execute(text(DERIVE), {"step": step})
    session.execute(text(GAPS))
    session.execute(text(FORMULAS))
    shelve(session, now)
    derived = 0
    for viewer in viewers(world):
        places = places_of(session, viewer=viewer, now=now)
        assert places.rungs is not None
        derived += not places.are_plain
        for filters in FILTERS:
            asked = Search(
                question=question_of(""), locale="en", filters=filters, sort="price", limit=99
            )
            quick = shelved.count(session, viewer, asked, places, None, now)
            grid = count_by_grid(session, viewer, asked, None, now)
            assert (quick.page, quick.total) == (grid.page, grid.total)
    assert derived


class TestAShelf:
    def _found(self, world: World, now: datetime) -> int:
        viewer = queries.look(
            world.session, caller=caller_of(world.berta), storefront=world.storefront.id
        )
        asked = Search(question=question_of(""), locale="en", filters=Filters())
        return searching.search(world.session, viewer=viewer, search=asked, now=now).total

    def _spoil(self, world: World) -> None:
        """Shelves that say that nobody offers anything."""
        world.session.execute(text("UPDATE discovery_shelves SET offers = substr(offers, 1, 9)"))

    def test_is_read_while_nothing_it_repeats_changes(self, world: World, now: datetime) -> None:
        world.add_variant()
        shelve(world.session, now)
        assert self._found(world, now) == 1
        self._spoil(world)
        assert self._found(world, now) == 0

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE offers_offers SET minimum_quantity = 2",
            "UPDATE inventory_stock SET on_hand = reserved",
            "UPDATE inventory_locations SET is_active = false",
        ],
    )
    def test_is_not_read_once_something_has_changed(
        self, world: World, now: datetime, statement: str
    ) -> None:
        world.add_variant(stock=(5, 5))
        shelve(world.session, now)
        self._spoil(world)
        world.session.execute(text(statement))
        assert self._found(world, now) == 1

    def test_is_read_again_when_it_is_packed_again(self, world: World, now: datetime) -> None:
        world.add_variant()
        shelve(world.session, now)
        world.session.execute(text("UPDATE offers_offers SET minimum_quantity = 2"))
        shelve(world.session, now)
        assert self._found(world, now) == 1
        self._spoil(world)
        assert self._found(world, now) == 0

    def test_is_good_between_the_instants_at_which_something_begins_or_ends(
        self, world: World, now: datetime
    ) -> None:
        world.add_variant()
        soon = now + timedelta(hours=1)
        world.session.execute(text("UPDATE offers_offers SET valid_to = :soon"), {"soon": soon})
        shelve(world.session, now)
        assert self._found(world, now) == 1
        assert self._found(world, soon) == 0

        shelve(world.session, soon)

        assert self._found(world, soon) == 0
        assert self._found(world, now) == 1
        self._spoil(world)
        assert self._found(world, now) == 1


class TestMarks:
    def _marks(self, session: Session) -> list[int]:
        """How many variants each mark names."""
        return list(session.scalars(text("SELECT many FROM discovery_marks ORDER BY seq")))

    def test_are_few_however_many_rows_change(self, world: World, now: datetime) -> None:
        for _ in range(12):
            world.add_variant()
        shelve(world.session, now)
        world.session.execute(text("UPDATE pricing_entries SET amount_minor = amount_minor + 1"))
        assert self._marks(world.session) == [12]

    @pytest.mark.parametrize(
        ("before", "after", "is_marked"),
        [(500, 499, False), (500, 101, False), (100, 99, True), (3, 400, True), (7, 7, False)],
    )
    def test_of_stock_are_left_only_where_little_is_there(
        self, world: World, now: datetime, before: int, after: int, *, is_marked: bool
    ) -> None:
        world.add_variant(stock=(before, 0))
        shelve(world.session, now)
        world.session.execute(
            text("UPDATE inventory_stock SET on_hand = :after WHERE on_hand = :before"),
            {"before": before, "after": after},
        )
        assert bool(self._marks(world.session)) is is_marked

    def test_of_what_a_buyer_is_not_told_are_not_left(self, world: World, now: datetime) -> None:
        world.add_variant()
        shelve(world.session, now)
        world.session.execute(text("UPDATE offers_offers SET note = 'fragile', lead_time_days = 9"))
        assert self._marks(world.session) == []
