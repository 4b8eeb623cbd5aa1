"""What is asked often finds its rows by an index, however large the tables become."""

import pytest
from sqlalchemy import event, text

from app.catalog import operations, queries
from app.kernel.ids import new_id
from app.kernel.paging import PageRequest
from tests.factories.catalog import AttributeFactory, VariantFactory
from tests.factories.network import OrganizationFactory, caller_of

PAGE = PageRequest(limit=10)


@pytest.fixture
def maker(session, now):
    """With a variant that was published twice and is being changed, and an attribute."""
    maker = OrganizationFactory(manufacturer=True)
    AttributeFactory(manufacturer_id=maker.id)
    variant = VariantFactory(manufacturer_id=maker.id)
    for weight in (1, 2, 3):
        operations.update_variant(
            session, caller=caller_of(maker), variant_id=variant.id,
            expected_version=variant.version, changes={"weight_g": weight},
        )  # fmt: skip
        if weight < 3:
            operations.publish(session, caller=caller_of(maker), note="", now=now)
    return maker


def plans_of(session, asking):
    """The plans of what ``asking`` asks, when nothing is read from one end to the other."""
    asked = []

    def note(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    asking()
    event.remove(connection, "before_cursor_execute", note)
    session.execute(text("SET LOCAL enable_seqscan = off"))
    plans = [
        "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))
        for statement, parameters in asked
    ]
    session.execute(text("SET LOCAL enable_seqscan = on"))
    return "\n".join(plans)


@pytest.mark.parametrize(
    ("ask", "indexes"),
    [
        (
            lambda s, maker: queries.list_changes(s, caller=caller_of(maker), page=PAGE),
            ["ix_catalog_variants_drafts", "ix_catalog_attributes_drafts"],
        ),
        (
            lambda s, _maker: queries.get_as_of(s, kind="variant", subject_id=new_id(), number=1),
            ["pk_catalog_variants", "catalog_versions"],
        ),
        (
            lambda s, maker: queries.list_as_of(
                s, kind="product", manufacturer_id=maker.id, number=1, page=PAGE, filters={}
            ),
            ["catalog_versions"],
        ),
        (
            lambda s, maker: queries.list_published_changes(
                s, manufacturer_id=maker.id, number=1, page=PAGE
            ),
            ["ix_catalog_versions_publication"],
        ),
        (
            lambda s, maker: queries.impact_of_changes(s, caller=caller_of(maker)),
            ["ix_catalog_variants_drafts", "ix_offers_offers_variant"],
        ),
    ],
    ids=["changes", "one as of then", "list as of then", "published changes", "impact"],
)
def test_no_table_is_read_from_one_end_to_the_other(session, maker, ask, indexes):
    plans = plans_of(session, lambda: ask(session, maker))

    assert "Seq Scan" not in plans
    for index in indexes:
        assert index in plans, plans
