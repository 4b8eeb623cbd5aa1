"""``flask routing why`` and ``reoptimize``: reasons and gains at a terminal."""

import json
import uuid
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.unit_of_work import transaction
from app.ordering.models import Order
from tests.factories.world import World, build_world


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    with transaction(session):
        return build_world(session, now)


@pytest.fixture
def number(world: World, now: datetime) -> str:
    with transaction(world.session):
        order_id: uuid.UUID = world.place((world.add_variant(wanda=1000), 10), now=now)
    return str(world.session.scalar(select(Order.number).where(Order.id == order_id)))


def run(app: Flask, *words: str) -> str:
    answer = app.test_cli_runner().invoke(args=["routing", *words])
    assert answer.exit_code == 0, answer.output
    return answer.output


class TestSolveInstance:
    def test_tells_objective_bound_and_proof_also_for_programmes(
        self, app: Flask, tmp_path: Path
    ) -> None:
        file = tmp_path / "made"
        file.write_text("2 2\n9 7\n9 1\n4 5\n2 3\n4 8\n")

        told = json.loads(run(app, "solve-instance", str(file), "--json"))
        assert (told["objective"], told["bound"], told["proof"]) == (12, 12, "optimal")
        assert (told["problem"], told["customers"], told["used"]) == ("single-source", 2, 1)
        assert "objective  12.0000" in run(app, "solve-instance", str(file))

    def test_puts_the_published_optimum_beside_ours(self, app: Flask, tmp_path: Path) -> None:
        """For each capacity that one is published for, where the file leaves it to its reader."""
        file = tmp_path / "made"
        file.write_text("2 2\ncapacity 7.\n capacity 1.\n4\n2. 4.\n5\n3. 8.\n")
        (tmp_path / "optima.csv").write_text(
            "instance,problem,file,optimum,capacity\n"
            "wide,capacitated (demand may be split),made,12,9\n"
            "tight,capacitated (demand may be split),made,13.5,5\n"
        )

        tight, wide = json.loads(run(app, "solve-instance", str(file), "--json"))
        assert (wide["instance"], wide["published"], wide["agrees"]) == ("wide", 12, True)
        assert (tight["capacity"], tight["published"], tight["agrees"]) == (5, 13.5, False)
        told = run(app, "solve-instance", str(file), "--capacity", "9")
        assert "published  12.0000 (the same)" in told

    def test_does_without_a_table_that_cannot_be_read(self, app: Flask, tmp_path: Path) -> None:
        file = tmp_path / "made"
        file.write_text("2 2\n9 7\n9 1\n4 5\n2 3\n4 8\n")
        (tmp_path / "optima.csv").write_text("instance,problem,file,optimum\np,single,made,low\n")

        answer = app.test_cli_runner().invoke(args=["routing", "solve-instance", str(file)])
        assert answer.exit_code == 0
        assert "optima.csv, line 2 cannot be read" in answer.stderr
        assert "published" not in answer.stdout

    def test_says_where_a_file_is_wrong(self, app: Flask, tmp_path: Path) -> None:
        file = tmp_path / "made"
        file.write_text("2 2\n9 seven\n")

        answer = app.test_cli_runner().invoke(args=["routing", "solve-instance", str(file)])
        assert answer.exit_code == 2
        assert "line 2 holds words" in answer.output


class TestWhy:
    def test_tells_of_every_line_and_seller(self, app: Flask, number: str) -> None:
        told = run(app, "why", number)

        assert "that is proved" in told
        assert "chosen: 10" in told

    def test_tells_of_one_seller_in_german(self, app: Flask, world: World, number: str) -> None:
        told = run(app, "why", number, "--seller", world.wanda.code, "--lang", "de")

        assert "Mit 10 Stück der Position 1 von Wanda Wholesale" in told

    def test_of_a_seller_that_is_none_fails_in_words(self, app: Flask, number: str) -> None:
        answer = app.test_cli_runner().invoke(args=["routing", "why", number, "--seller", "NIX"])

        assert answer.exit_code == 1


class TestReoptimize:
    def test_tells_that_nothing_is_to_be_saved(self, app: Flask, number: str) -> None:
        assert "1 group of orders" in run(app, "reoptimize", "--dry-run")
