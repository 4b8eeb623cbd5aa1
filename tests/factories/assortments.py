"""The smallest assortments; what one selects is named by its story."""

from datetime import UTC, datetime

import factory
from factory.alchemy import SQLAlchemyModelFactory

from app.assortments.models import Assortment, AssortmentItem, AssortmentRule
from app.infra.db import db
from app.kernel.ids import new_id

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class _Factory(SQLAlchemyModelFactory):
    class Meta:
        abstract = True
        sqlalchemy_session_factory = lambda: db.session  # noqa: E731 - factory-boy wants a callable
        sqlalchemy_session_persistence = "flush"


class AssortmentFactory(_Factory):
    """Give it ``owner_id``; it selects nothing."""

    class Meta:
        model = Assortment

    id = factory.LazyFunction(new_id)
    name = factory.Sequence(lambda n: f"Assortment {n}")
    created_at = LONG_AGO
    changed_at = LONG_AGO
    version = 1


class AssortmentRuleFactory(_Factory):
    """Give it ``assortment_id``; without conditions it holds of everything."""

    class Meta:
        model = AssortmentRule

    position = factory.Sequence(lambda n: n)


class AssortmentItemFactory(_Factory):
    """Give it ``assortment_id`` and ``variant_id``."""

    class Meta:
        model = AssortmentItem

    included = True
