"""``flask routing policies``: documents in files, versions in a list, refusals with their place."""

import json

import pytest

from app.cli.policies import policies
from app.kernel.ids import public_id
from app.routing.models import RoutingPolicy
from tests.factories.world import build_world


@pytest.fixture
def world(session, now):
    made = build_world(session, now)
    session.commit()
    return made


@pytest.fixture
def run(app, world):
    def invoke(*arguments):
        return app.test_cli_runner().invoke(policies, [str(each) for each in arguments])

    return invoke


@pytest.fixture
def file(tmp_path):
    def write(document):
        path = tmp_path / "policy.json"
        path.write_text(json.dumps(document))
        return path

    return write


class TestADocument:
    def test_is_drafted_activated_and_listed(self, run, file, session, world):
        shop = public_id("shop", world.storefront.id)
        drafted = run("draft", file({"terms": {"split_minor": 5}}), "--storefront", shop)
        policy = session.query(RoutingPolicy).filter_by(storefront_id=world.storefront.id).one()

        done = run("activate", public_id("policy", policy.id))

        assert drafted.exit_code == done.exit_code == 0, (drafted.output, done.output)
        assert f"Version 1 of storefront {shop} decides" in done.output.replace("\n", " ")
        assert "active" in run("list", "--storefront", shop).output

    def test_is_shown_whole(self, run, session):
        policy = session.query(RoutingPolicy).one()

        shown = json.loads(run("show", public_id("policy", policy.id)).output)

        assert shown["terms"]["goods_percent"] == 100

    def test_that_cannot_decide_is_told_with_the_place(self, run, file):
        unread = run("validate", file({"terms": {"split_minor": -1}}))
        senseless = run("validate", file({"strategy": "dice"}))

        assert (unread.exit_code, "split_minor" in unread.output) == (1, True)
        assert (senseless.exit_code, "/strategy" in senseless.output) == (1, True)
        assert run("validate", file({})).exit_code == 0

    def test_is_tried_on_the_last_orders(self, run, file, world, session, now):
        tap = world.add_variant()
        world.place((tap, 1), now=now)
        session.commit()

        tried = run("preview", file({"terms": {"goods_percent": 0}}))

        assert tried.exit_code == 0, tried.output
        assert "Consignments" in tried.output
        assert "1 orders, 0 of them otherwise" in tried.output

    def test_is_gone_back_to(self, run, file, session):
        first = session.query(RoutingPolicy).one()
        run("draft", file({}))

        done = run("rollback", public_id("policy", first.id))

        assert done.exit_code == 0, done.output
        assert "Version 3 of the network decides" in done.output

    def test_that_is_not_wanted_is_deleted(self, run, file, session):
        run("draft", file({}))
        draft = session.query(RoutingPolicy).filter_by(number=2).one()
        first = session.query(RoutingPolicy).filter_by(number=1).one()

        done = run("delete", public_id("policy", draft.id))
        refused = run("delete", public_id("policy", first.id))

        assert (done.exit_code, refused.exit_code) == (0, 1), done.output
        assert "Version 2 of the network is deleted." in done.output
        assert [policy.number for policy in session.query(RoutingPolicy)] == [1]
