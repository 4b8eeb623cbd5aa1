"""Imports as jobs on a database of their own: progress, death, resumption, cancellation."""

import pytest
from sqlalchemy import func, select, text

from app.exchange import operations, tasks
from app.exchange.models import Import
from app.exchange.operations import Confirmation, merging
from app.infra import jobs
from app.infra.db import db
from app.infra.models import Job
from app.infra.unit_of_work import transaction
from app.pricing.models import PriceEntry
from tests.conftest import NOW
from tests.domain.exchange.desk import Desk
from tests.factories import catalog as make
from tests.factories import network as net

ROWS = 3000


class DiedHere(Exception):
    """A worker's process is gone."""


@pytest.fixture
def dieter(committed):
    people = net.make_network()
    product = make.ProductFactory(manufacturer_id=people.mira.id)
    db.session.flush()
    db.session.execute(
        text("""
        INSERT INTO catalog_variants (id, product_id, manufacturer_id, category_id, sku, name,
                                      weight_g, created_at)
        SELECT uuidv7(), p.id, p.manufacturer_id, p.category_id, 'T-' || n, 'Tap', 1, now()
        FROM catalog_products p, generate_series(0, :rows) n WHERE p.id = :product_id
        """),
        {"rows": ROWS, "product_id": product.id},
    )
    db.session.commit()
    return Desk(people.dieter)


@pytest.fixture
def import_id(dieter):
    """A file of prices that waits for its job."""
    price_list = make.PriceListFactory(owner_id=dieter.organization.id)
    db.session.commit()
    file = "sku,price\n" + "".join(f"T-{n},{n}.50\n" for n in range(ROWS))
    with transaction(db.session):
        found = dieter.hand_in(file, "prices", price_list_id=price_list.id)
        operations.confirm(
            db.session, caller=dieter.caller, import_id=found.id, now=NOW,
            confirmation=Confirmation(),
        )  # fmt: skip
        return found.id


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(merging, "PART_PAGES", 4)


def run(import_id, function=tasks.work_on_import):
    job_id = db.session.get_one(Import, import_id).job_id
    db.session.commit()
    jobs.run(
        db.session(), job_id=job_id, clock=db.session.info.get("clock") or _Clock(),
        functions={operations.KIND: function},
    )  # fmt: skip
    db.session.expire_all()
    return db.session.get_one(Import, import_id), db.session.get_one(Job, job_id)


class _Clock:
    def now(self):
        return NOW


def entries():
    return db.session.scalar(select(func.count()).select_from(PriceEntry))


class TestAnImportAsAJob:
    def test_is_done_and_leaves_its_report_with_the_job(self, import_id):
        found, job = run(import_id)
        assert (found.status, job.status) == ("done", "done")
        assert job.result["inserted"] == ROWS == entries()
        assert (job.done, job.total) == (ROWS, ROWS)
        staged = "SELECT count(*) FROM pg_tables WHERE schemaname = 'exchange_staging'"
        assert db.session.scalar(text(staged)) == 0

    def test_goes_on_where_its_dead_worker_was_and_doubles_nothing(
        self, import_id, small_parts, monkeypatch
    ):
        merge = merging.RESOURCES["prices"].merge
        parts, kept = [], []

        def die_in_the_third(session, scope, first, last):
            parts.append(first)
            if len(parts) == 3:
                raise DiedHere
            merged = merge(session, scope, first, last)
            kept.append(first)
            return merged

        resource = merging.RESOURCES["prices"]
        monkeypatch.setattr(type(resource), "merge", staticmethod(die_in_the_third))
        with pytest.raises(DiedHere):
            self.die(import_id)
        landed, kept_then = entries(), list(kept)
        assert 0 < landed < ROWS
        found = db.session.get_one(Import, import_id)
        assert found.report["inserted"] == landed
        db.session.commit()
        found, job = run(import_id)
        assert (found.status, job.status, entries()) == ("done", "done", ROWS)
        assert found.report["inserted"] == ROWS
        # Two hands are at work: where one dies the other keeps what it has begun, and no more.
        assert parts[2] not in kept_then
        assert len(kept_then) <= 3
        assert len(kept) == len(set(kept)) == len(parts) - 1

    def test_reads_its_file_again_when_what_was_staged_is_lost(
        self, import_id, small_parts, monkeypatch
    ):
        found = db.session.get_one(Import, import_id)
        found.phase, found.merged_pages, found.status = "merging", [8], "running"
        db.session.commit()
        found, _ = run(import_id)
        assert (found.status, entries()) == ("done", ROWS)

    def test_that_is_cancelled_keeps_what_was_merged_and_says_how_much(
        self, import_id, small_parts
    ):
        def cancel_soon(session, job, progress):
            def told(*, done, total=None):
                if 0 < done < ROWS and total and session.get_one(Import, import_id).merged_pages:
                    with db.engine.begin() as other:
                        other.execute(text("UPDATE infra_jobs SET status = 'cancelling'"))
                progress(done=done, total=total)

            return tasks.work_on_import(session, job, told)

        found, job = run(import_id, cancel_soon)
        assert (found.status, job.status) == ("cancelled", "cancelled")
        assert 0 < found.report["inserted"] == entries() < ROWS

    def test_that_is_refused_whole_fails_in_words(self, dieter, committed):
        price_list = make.PriceListFactory(owner_id=dieter.organization.id)
        db.session.commit()
        with transaction(db.session):
            found = dieter.hand_in("sku,price\nT-1,1\nT-2,x\n", "prices",
                                   policy="all_or_nothing",
                                   price_list_id=price_list.id)  # fmt: skip
            operations.confirm(
                db.session, caller=dieter.caller, import_id=found.id, now=NOW,
                confirmation=Confirmation(),
            )  # fmt: skip
            import_id = found.id
        found, job = run(import_id)
        assert (found.status, job.status, entries()) == ("failed", "failed", 0)
        assert "1 rows were refused" in found.error

    def die(self, import_id):
        """A worker that dies leaves its job running: nothing of it is told."""
        with transaction(db.session):
            tasks.work(db.session, import_id=import_id, told=lambda **_: None, now=NOW)


class TestTheSweep:
    def test_removes_files_after_their_time(self, import_id, dieter):
        later = NOW + operations.receiving.KEPT * 2
        with transaction(db.session):
            assert operations.sweep_files(
                db.session, folder=tasks.folder(), now=later, limit=10
            ) == 1  # fmt: skip
        assert not (tasks.folder() / import_id.hex).exists()
        found = db.session.get_one(Import, import_id)
        assert found.file_removed_at == later
