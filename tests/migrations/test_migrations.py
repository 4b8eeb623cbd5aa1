"""The migrations build exactly the tables that the models declare."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.infra.db import db


def test_leave_no_difference_to_the_models(session: Session) -> None:
    context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
    assert compare_metadata(context, db.metadata) == []


@pytest.mark.parametrize(
    ("gtin", "valid"),
    [("4006381333931", True), ("4006381333932", False), ("96385074", True), ("40063813339", False)],
)
def test_teach_the_database_gtin_check_digits(session: Session, gtin: str, *, valid: bool) -> None:
    assert session.scalar(text("SELECT catalog_gtin_is_valid(:gtin)"), {"gtin": gtin}) is valid
