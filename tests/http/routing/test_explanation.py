"""Why a seller delivers, and why not: what owner, seller, buyer and stranger are told."""

from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.infra.unit_of_work import transaction
from app.kernel.ids import public_id
from tests.factories import network as net
from tests.factories.world import World, build_world
from tests.http.api import Api


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    made = build_world(session, now)
    session.commit()
    return made


@pytest.fixture
def why(world: World, now: datetime) -> str:
    """Ten taps: Dieter charges 8.00, Wanda 10.00 and twice the freight; of the second only Wanda.

    Dieter has none of the second.
    """
    with transaction(world.session):
        order_id = world.place(
            (world.add_variant(wanda=1000), 10),
            (world.add_variant(stock=(0, 100)), 2),
            now=now,
        )
    return f"/orders/{public_id('order', order_id)}/routing/explanation"


def org(organization: Any) -> str:
    return public_id("org", organization.id)


def ask(client: FlaskClient, who: Any, path: str, **query: Any) -> Any:
    return Api(client, who).get(path, query_string=query)


class TestTheOwner:
    def test_sees_every_line_and_seller_with_a_verdict(
        self, client: FlaskClient, world: World, why: str
    ) -> None:
        told = ask(client, world.rosa, why).get_json()

        verdicts = [
            {row["seller_name"].split()[0]: row["verdict"] for row in line["sellers"]}
            for line in told["lines"]
        ]
        assert verdicts == [
            {"Dieter": "chosen", "Wanda": "eligible"},
            {"Dieter": "excluded", "Wanda": "chosen"},
        ]
        assert told["sentences"][1] == "No plan that serves as much costs less: that is proved."

    def test_learns_what_the_plan_would_cost_with_another(
        self, client: FlaskClient, world: World, why: str
    ) -> None:
        told = ask(client, world.rosa, why, line=1, seller=org(world.wanda)).get_json()

        [verdict] = told["lines"][0]["sellers"]
        # Twenty more for the goods; one parcel of 6 kg from Rio (40.00) instead of 9.00 + 10.00.
        assert verdict["difference"] == {
            "units": 0, "total_minor": 4100, "goods_minor": 2000, "freight_minor": 2100,
            "terms_minor": 0, "levels": [],
        }  # fmt: skip
        assert verdict["sentences"][0] == (
            "With 10 units of line 1 from Wanda Wholesale the plan costs R$41.00 more:"
            " R$21.00 freight, R$20.00 goods."
        )

    def test_learns_what_would_have_to_change(
        self, client: FlaskClient, world: World, why: str
    ) -> None:
        told = ask(client, world.rosa, why, line=1, seller=org(world.wanda)).get_json()

        [verdict] = told["lines"][0]["sellers"]
        # A tenth of 41.00 a piece, and a cent.
        assert verdict["changes"] == [
            {"kind": "price", "by": 411, "was": 1000, "becomes": 589, "per_quantity": 1}
        ]

    def test_reads_a_broken_rule_with_what_was_measured(
        self, client: FlaskClient, world: World, why: str
    ) -> None:
        told = ask(client, world.rosa, why, line=2, seller=org(world.dieter)).get_json()

        [rule] = told["lines"][0]["sellers"][0]["rules"]
        assert (rule["code"], rule["measured"], rule["required"]) == (
            "no_stock",
            {"available": 0},
            {"asked": 2},
        )
        assert rule["sentence"] == "stock 0 of 2"

    def test_learns_how_much_stock_a_seller_without_any_would_have_needed(
        self, client: FlaskClient, world: World, why: str
    ) -> None:
        told = ask(client, world.rosa, why, line=2, seller=org(world.dieter)).get_json()

        [verdict] = told["lines"][0]["sellers"]
        # One: it changes places with a tap of the first line, and both parcels weigh as before.
        assert verdict["changes"] == [
            {"kind": "stock", "by": 1, "was": 0, "becomes": 1, "per_quantity": 1}
        ]

    def test_reads_the_next_best_plans(self, client: FlaskClient, world: World, why: str) -> None:
        told = ask(client, world.rosa, why).get_json()

        kinds = {(each["kind"], each["difference"]["units"]) for each in told["alternatives"]}
        assert kinds == {("without", -2), ("without", 0), ("single", 0)}

    @pytest.mark.parametrize(
        ("language", "begins"),
        [
            ("en", "With 10 units of line 1"),
            ("es", "Con 10 unidades de la línea 1"),
            ("pt", "Com 10 unidades da linha 1"),
            ("de", "Mit 10 Stück der Position 1"),
        ],
    )
    def test_reads_it_in_a_language_of_its_choice(
        self, client: FlaskClient, world: World, why: str, language: str, begins: str
    ) -> None:
        query = {"line": 1, "seller": org(world.wanda), "lang": language}

        told = ask(client, world.rosa, why, **query).get_json()

        assert told["lines"][0]["sellers"][0]["sentences"][0].startswith(begins)

    def test_is_refused_a_line_that_there_is_not(
        self, client: FlaskClient, world: World, why: str
    ) -> None:
        assert ask(client, world.rosa, why, line=9).status_code == 404


class TestOthers:
    def test_the_operator_sees_what_the_owner_sees(
        self, client: FlaskClient, world: World, why: str
    ) -> None:
        told = ask(client, world.operator, why).get_json()

        assert told == ask(client, world.rosa, why).get_json()

    def test_a_seller_is_told_about_itself_alone_and_no_amounts(
        self, client: FlaskClient, world: World, why: str
    ) -> None:
        told = ask(client, world.wanda, why).get_json()

        assert [seller["name"] for seller in told["sellers"]] == ["Wanda Wholesale"]
        first, second = (line["sellers"][0] for line in told["lines"])
        assert (first["verdict"], first["difference"], first["changes"]) == ("eligible", None, [])
        assert second["verdict"] == "chosen"
        assert (told["alternatives"], told["sentences"]) == ([], [])

    def test_a_seller_is_not_told_about_another(
        self, client: FlaskClient, world: World, why: str
    ) -> None:
        answer = ask(client, world.wanda, why, seller=org(world.dieter))

        assert answer.status_code == 404

    def test_the_buyer_is_told_who_was_chosen_and_of_nobody_else(
        self, client: FlaskClient, world: World, why: str
    ) -> None:
        told = ask(client, world.berta, why).get_json()

        named = [[row["seller_name"] for row in line["sellers"]] for line in told["lines"]]
        assert named == [["Dieter Distribution"], ["Wanda Wholesale"]]
        assert "R$" not in str(told)

    def test_a_colleague_without_the_permission_is_refused(
        self, client: FlaskClient, world: World, why: str
    ) -> None:
        answer = Api(client, world.rosa, "catalog.read").get(why)

        assert answer.status_code == 403

    def test_a_stranger_finds_nothing(self, client: FlaskClient, world: World, why: str) -> None:
        assert ask(client, net.OrganizationFactory(reseller=True), why).status_code == 404
