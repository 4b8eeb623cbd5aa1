"""Many publish and edit one catalog at once: versions without gaps, and nothing is lost."""

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlalchemy import select

from app.catalog import operations
from app.catalog.errors import NothingToPublish
from app.catalog.models import Publication, Variant
from app.infra.auth import Caller
from app.infra.db import db
from app.infra.unit_of_work import transaction
from tests.factories.catalog import VariantFactory
from tests.factories.network import OrganizationFactory, caller_of

ROUNDS = 6


@dataclass
class Office:
    """A maker's people, each in a session of their own."""

    caller: Caller
    sessions: Callable
    now: datetime
    failures: list[Exception] = field(default_factory=list)

    def edit(self, variant_id: uuid.UUID) -> None:
        """Whoever publishes counts the version up: hold the catalog, then read it."""
        for weight in range(1, ROUNDS + 1):
            with self.sessions() as session, transaction(session):
                operations.hold(session, manufacturer_id=self.caller.organization_id)
                version = session.scalar(select(Variant.version).where(Variant.id == variant_id))
                operations.update_variant(
                    session, caller=self.caller, variant_id=variant_id, expected_version=version,
                    changes={"weight_g": weight},
                )  # fmt: skip

    def publish(self, times: int = ROUNDS) -> None:
        for _ in range(times):
            try:
                with self.sessions() as session, transaction(session):
                    operations.publish(session, caller=self.caller, note="", now=self.now)
            except NothingToPublish:
                continue

    def at_once(self, tasks: Sequence[Callable[[], None]]) -> None:
        threads = [threading.Thread(target=self._run, args=(task,)) for task in tasks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)

    def _run(self, task: Callable[[], None]) -> None:
        try:
            task()
        except Exception as error:  # noqa: BLE001 - told at the end
            self.failures.append(error)


@pytest.fixture
def office(committed, sessions, now) -> Office:
    return Office(caller_of(OrganizationFactory(manufacturer=True)), sessions, now)


def test_edits_and_publications_at_once_lose_nothing(office):
    maker_id = office.caller.organization_id
    variants = [VariantFactory(manufacturer_id=maker_id).id for _ in range(4)]
    db.session.commit()

    editors = [lambda variant_id=each: office.edit(variant_id) for each in variants]
    office.at_once([*editors, office.publish, office.publish])
    office.publish(times=1)

    assert office.failures == []
    with office.sessions() as session:
        numbers = session.scalars(select(Publication.number).order_by(Publication.number)).all()
        assert numbers == list(range(len(numbers)))
        assert set(session.scalars(select(Variant.weight_g))) == {ROUNDS}
        assert set(session.scalars(select(Variant.draft))) == {None}
