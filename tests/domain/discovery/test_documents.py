"""The documents of search: the database keeps them, whoever writes and however."""

from datetime import datetime

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.catalog.models import Category, Product, Variant
from app.discovery import operations
from app.discovery.models import Document, Waiting
from tests.factories import catalog as make
from tests.factories.world import World, build_world

FINDS = text("""
SELECT count(*) FROM discovery_documents
WHERE variant_id = :id AND text_en @@ discovery_query(
    'discovery_en', CAST(:words AS text[]), CAST(:codes AS text[]), :whole)
""")


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


def finds(world: World, variant, *words: str, code: str = "") -> bool:
    binds = {"id": variant, "words": list(words), "codes": [""] * len(words), "whole": code}
    return bool(world.session.scalar(FINDS, binds))


def tokens(world: World, variant) -> set[str]:
    found = world.session.scalar(select(Document.tokens).where(Document.variant_id == variant))
    return set(found or ())


class TestADocument:
    def test_is_there_when_the_variant_is(self, world: World) -> None:
        variant = world.add_variant()
        row = world.session.get(Variant, variant)
        assert row is not None

        assert finds(world, variant, "variants")  # stemmed
        assert finds(world, variant, code=row.sku.replace("-", "").lower())
        assert finds(world, variant, code=row.sku.replace("-", "").lower()[:-1])
        assert not finds(world, variant, "screwdriver")

    def test_follows_its_variant_its_product_and_leaves_with_it(self, world: World) -> None:
        variant = world.add_variant()
        product = world.session.get(Variant, variant).product_id
        world.session.execute(
            update(Variant).where(Variant.id == variant).values(
                name="Ceramic cartridge", attributes={"colour": "black", "depth": 12}
            )
        )  # fmt: skip
        world.session.execute(
            update(Product).where(Product.id == product).values(brand="Áqua", name="Monobloc mixer")
        )

        assert finds(world, variant, "cartridges", "mixers", "aqua")
        assert {"brand=Áqua", "a.colour=black", "a.depth=12"} <= tokens(world, variant)

        world.session.execute(
            update(Variant).where(Variant.id == variant).values(status="withdrawn")
        )
        assert not tokens(world, variant)

    def test_follows_its_category_after_the_queue(self, world: World, now: datetime) -> None:
        variant = world.add_variant()
        world.session.execute(
            update(Category).where(Category.id == world.category_id).values(name="Faucets")
        )
        assert not finds(world, variant, "faucet")

        operations.index_waiting(world.session, limit=100)

        assert finds(world, variant, "faucet")
        assert f"category={world.category_id}" in tokens(world, variant)

    def test_ignores_drafts_and_what_it_does_not_hold(self, world: World) -> None:
        variant = make.VariantFactory(manufacturer_id=world.mira.id, status="draft").id
        assert not tokens(world, variant)

        live = world.add_variant()
        before = world.session.scalar(
            text("SELECT CAST(ctid AS text) FROM discovery_documents WHERE variant_id = :id"),
            {"id": live},
        )
        world.session.execute(update(Variant).where(Variant.id == live).values(weight_g=7))
        assert before == world.session.scalar(
            text("SELECT CAST(ctid AS text) FROM discovery_documents WHERE variant_id = :id"),
            {"id": live},
        )


class TestManyChangesAtOnce:
    def test_wait_in_a_queue_that_says_since_when(self, world: World) -> None:
        variants = [world.add_variant() for _ in range(201)]
        world.session.execute(
            update(Variant).where(Variant.id.in_(variants)).values(name="Shower head")
        )
        assert world.session.scalar(select(func.count()).select_from(Waiting)) == 201
        assert not finds(world, variants[0], "shower")

        assert operations.index_all(world.session) == 201

        assert finds(world, variants[0], "shower")
        assert finds(world, variants[-1], "shower")
        assert world.session.scalar(select(func.count()).select_from(Waiting)) == 0
