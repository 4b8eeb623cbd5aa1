"""The feed and the jobs over HTTP: the owner, a colleague who may do less, and Theo."""

import pytest

from app.infra import jobs
from app.infra.models import Job
from app.infra.unit_of_work import transaction
from app.kernel.ids import public_id
from app.wiring import relay_outbox
from tests.factories.network import OrganizationFactory, caller_of
from tests.http.api import Api


class SilentQueue:
    """A queue that remembers what was brought."""

    def __init__(self):
        self.pushed = []

    def push(self, job_id):
        self.pushed.append(job_id)


@pytest.fixture
def queue(app):
    kept, app.extensions["job_queue"] = app.extensions["job_queue"], SilentQueue()
    yield app.extensions["job_queue"]
    app.extensions["job_queue"] = kept


@pytest.fixture
def rosa_org(app):
    return OrganizationFactory(reseller=True)


@pytest.fixture
def rosa(client, rosa_org):
    return Api(client, rosa_org)


@pytest.fixture
def colleague(client, rosa_org):
    return Api(client, rosa_org, "orders.read")


@pytest.fixture
def theo(client):
    return Api(client, OrganizationFactory())


@pytest.fixture
def job_id(session, rosa_org, now):
    with transaction(session):
        return jobs.enqueue(
            session, caller=caller_of(rosa_org), kind="count", arguments={"to": 3}, now=now
        )


def relay(session, now):
    with transaction(session):
        relay_outbox(session, now=now, limit=100)


class TestAJob:
    def test_is_brought_to_its_queue_after_the_commit(self, session, queue, job_id, now):
        assert queue.pushed == []
        relay(session, now)
        assert queue.pushed == [job_id]

    def test_is_watched_by_its_organization(self, rosa, colleague, theo, job_id):
        path = f"/jobs/{public_id('job', job_id)}"
        shown = rosa.get(path).json
        assert (shown["kind"], shown["status"], shown["done"]) == ("count", "queued", 0)
        assert [each["id"] for each in rosa.get("/jobs").json["items"]] == [shown["id"]]
        assert colleague.get(path).status_code == 403
        assert theo.get(path).status_code == 404
        assert theo.get("/jobs").json["items"] == []
        assert theo.post(f"{path}/cancellation").status_code == 404

    def test_that_waits_is_cancelled_at_once(self, rosa, job_id, session):
        path = f"/jobs/{public_id('job', job_id)}"
        cancelled = rosa.post(f"{path}/cancellation")
        assert (cancelled.status_code, cancelled.json["status"]) == (202, "cancelled")
        assert session.get(Job, job_id).finished_at is not None
        again = rosa.post(f"{path}/cancellation")
        assert (again.status_code, again.json["state"]) == (409, "cancelled")

    def test_that_runs_is_asked_to_stop(self, rosa, job_id, session):
        session.get(Job, job_id).status = "running"
        path = f"/jobs/{public_id('job', job_id)}"
        assert rosa.post(f"{path}/cancellation").json["status"] == "cancelling"


class TestTheFeed:
    def test_tells_what_happened_to_those_entitled(
        self, rosa, colleague, theo, session, queue, job_id, now
    ):
        relay(session, now)
        feed = rosa.get("/events").json
        assert [(event["name"], event["data"]) for event in feed["items"]] == [
            ("job.queued", {"job_id": public_id("job", job_id), "kind": "count"})
        ]
        assert colleague.get("/events").status_code == 403
        assert theo.get("/events").json == {"items": [], "next_cursor": None}

    def test_goes_on_after_any_event(self, rosa, session, queue, job_id, now):
        rosa.post(f"/jobs/{public_id('job', job_id)}/cancellation")
        relay(session, now)
        first = rosa.get("/events", query_string={"limit": 1}).json
        rest = rosa.get("/events", query_string={"cursor": first["next_cursor"]}).json
        assert [event["name"] for event in rest["items"]] == ["job.ended"]
        assert rest["items"][0]["data"]["status"] == "cancelled"
        last = {"cursor": rest["items"][0]["cursor"]}
        assert rosa.get("/events", query_string=last).json["items"] == []

    def test_refuses_a_cursor_that_it_never_gave(self, rosa):
        refused = rosa.get("/events", query_string={"cursor": "nonsense!"})
        assert (refused.status_code, refused.json["code"]) == (422, "http.malformed")
