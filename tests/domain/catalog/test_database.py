"""What the database itself refuses, whoever asks."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.catalog import operations
from app.catalog.models import PublishedVersion
from app.infra.unit_of_work import transaction
from tests.factories.catalog import CategoryFactory, VariantFactory
from tests.factories.network import OrganizationFactory, caller_of


@pytest.fixture
def maker(session):
    return OrganizationFactory(manufacturer=True)


@pytest.fixture
def versions(session, maker, now):
    """A variant's two versions: from 0 to 1, from 1 on."""
    variant = VariantFactory(manufacturer_id=maker.id)
    caller = caller_of(maker)
    operations.update_variant(
        session, caller=caller, variant_id=variant.id, expected_version=1, changes={"weight_g": 1}
    )
    operations.publish(session, caller=caller, note="", now=now)
    return session.query(PublishedVersion).order_by(PublishedVersion.from_number).all()


class TestAPublishedVersion:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE catalog_versions SET content = '{}'",
            "UPDATE catalog_versions SET to_number = 7 WHERE to_number = 1",
            "UPDATE catalog_versions SET to_number = NULL",
            "UPDATE catalog_versions SET to_number = 5 WHERE to_number IS NULL",
            "DELETE FROM catalog_versions",
            "TRUNCATE catalog_versions",
        ],
    )
    def test_is_never_changed_or_ended_by_nothing(self, session, versions, statement):
        assert [(each.from_number, each.to_number) for each in versions] == [(0, 1), (1, None)]
        with pytest.raises(IntegrityError):
            session.execute(text(statement))

    def test_never_overlaps_another(self, session, versions):
        with pytest.raises(IntegrityError):
            session.execute(
                text("""
                    INSERT INTO catalog_publications
                        (id, manufacturer_id, number, counts, published_at, actor_id)
                    SELECT gen_random_uuid(), manufacturer_id, 2, '{}', published_at, actor_id
                    FROM catalog_publications WHERE number = 1;
                    INSERT INTO catalog_versions
                    SELECT subject_kind, subject_id, manufacturer_id, 2, to_number, change, fields,
                           content
                    FROM catalog_versions WHERE from_number = 1
                """)
            )


class TestACategoryTree:
    def test_has_paths_that_are_true(self, session, maker):
        root = CategoryFactory(manufacturer_id=maker.id)
        with pytest.raises(IntegrityError, match="path of a category"):
            CategoryFactory(manufacturer_id=maker.id, parent_id=root.id)

    def test_is_one_manufacturer_s(self, session, maker):
        root = CategoryFactory(manufacturer_id=OrganizationFactory(manufacturer=True).id)
        other = CategoryFactory.build(manufacturer_id=maker.id, parent_id=root.id)
        other.path = [root.id, other.id]
        session.add(other)
        with pytest.raises(IntegrityError, match="path of a category"):
            session.flush()


def test_an_event_tells_at_most_500_changes(session, maker, now):
    variant = VariantFactory(manufacturer_id=maker.id)
    session.execute(
        text("""
            INSERT INTO catalog_variants (id, product_id, manufacturer_id, category_id, sku, name,
                                          weight_g, status, draft, created_at)
            SELECT gen_random_uuid(), product_id, manufacturer_id, category_id, 'N-' || n, name, 1,
                   'draft', jsonb_build_object('status', 'active'), created_at
            FROM catalog_variants, generate_series(1, 1001) n WHERE id = :id
        """),
        {"id": variant.id},
    )
    with transaction(session):
        operations.publish(session, caller=caller_of(maker), note="", now=now)
    told = session.execute(
        text("""
            SELECT payload->>'part', payload->>'parts', jsonb_array_length(payload->'changes')
            FROM infra_outbox WHERE name = 'catalog.changed' ORDER BY payload->>'part'
        """)
    ).all()
    assert [tuple(row) for row in told] == [("1", "3", 500), ("2", "3", 500), ("3", "3", 1)]
