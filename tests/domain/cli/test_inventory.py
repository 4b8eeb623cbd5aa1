"""``flask inventory``: the log of a seller's stock, and the proof that stock is its sum."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.domain.inventory.shelf import Shelf


@pytest.fixture
def shelf(session: Session, now) -> Shelf:
    made = Shelf(session, now)
    made.count(12)
    made.adjust(-5)
    session.commit()
    return made


def run(app: Flask, *words: str):
    return app.test_cli_runner().invoke(args=["inventory", *words])


class TestVerify:
    def test_proves_that_stock_is_what_moved(self, app: Flask, shelf: Shelf) -> None:
        answer = run(app, "verify")
        assert answer.exit_code == 0, answer.output
        assert "All 3 invariants hold." in answer.output

    def test_fails_when_it_is_not(self, app: Flask, session: Session, shelf: Shelf) -> None:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE inventory_stock SET on_hand = on_hand + 1"))
        session.execute(text("SET LOCAL session_replication_role = origin"))
        answer = run(app, "verify")
        assert answer.exit_code == 1
        assert "what is on hand is the sum of its movements" in answer.output


class TestMovements:
    def test_prints_the_log(self, app: Flask, shelf: Shelf) -> None:
        answer = run(app, "movements", shelf.seller.code)
        assert answer.exit_code == 0, answer.output
        for told in ("+12", "-5", "loss", "damaged", "count"):
            assert told in answer.output
        assert "+12" not in run(app, "movements", shelf.seller.code, "--sku", "NONE").output

    def test_of_nobody_or_nowhere_is_no_empty_log(self, app: Flask, shelf: Shelf) -> None:
        nobody = run(app, "movements", "NOBODY")
        nowhere = run(app, "movements", shelf.seller.code, "--location", "NOWHERE")

        assert (nobody.exit_code, nowhere.exit_code) == (2, 2)
        assert "There is no organization with the code NOBODY." in nobody.output
        assert "has no location with the code NOWHERE." in nowhere.output
