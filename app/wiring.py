"""The only place that knows everybody: settings, connectors, blueprints, reactions to events.

Reading ``TOGETHER`` and ``LATER`` is reading the reactions of the whole product.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from flask import Flask, current_app
from flask_migrate import Migrate

import app.tables  # noqa: F401 - every table must be known to the metadata
from app import cli
from app.backtest import tasks as backtest_tasks
from app.catalog import handlers as catalog_handlers
from app.catalog.events import CatalogPublished, SuggestionsMatched
from app.config import PROJECT, Settings, environment, settings_from, var_folder
from app.discovery import handlers as discovery_handlers
from app.exchange import tasks as exchange_tasks
from app.fulfilment.events import ShipmentDelivered, ShipmentDispatched
from app.identity import operations as identity_operations
from app.infra import docs, embedded, jobs, logs, outbox, unit_of_work, web
from app.infra.auth import Caller
from app.infra.db import DbSession, db
from app.infra.http import PublicIdConverter, register_error_handlers
from app.infra.jobs import JobFunction, JobQueue
from app.infra.openapi import RestApi
from app.infra.outbox import HandlerLater, HandlerOfAll, Told
from app.infra.sweeps import Sweep
from app.kernel.clock import Clock
from app.kernel.events import Event
from app.notifications import handlers as notifications_handlers
from app.offers import handlers as offers_handlers
from app.ordering.events import OrderPlaced, UnitsCancelled
from app.payments import handlers as payments_handlers
from app.payments.events import InvoicePaid
from app.settlement import handlers as settlement_handlers
from app.settlement import tasks as settlement_tasks
from app.web import routes as pages


def _job_queue() -> JobQueue:
    queue: JobQueue = current_app.extensions["job_queue"]
    return queue


def _push_job(_session: DbSession, told: Told) -> None:
    _job_queue().push(UUID(told.payload["job_id"]))


# Domains with routes, in the order in which the API documents them.
BLUEPRINTS: tuple[str, ...] = (
    "identity",
    "network",
    "storefronts",
    "catalog",
    "assortments",
    "offers",
    "pricing",
    "inventory",
    "discovery",
    "exchange",
    "routing",
    "ordering",
    "backtest",
    "fulfilment",
    "payments",
    "settlement",
    "ledger",
    "notifications",
    "infra",
)

# Handlers that commit together with the event that they answer.
TOGETHER: Mapping[type[Event], Sequence[Callable[..., None]]] = {
    OrderPlaced: (payments_handlers.reserve_credit,),
    UnitsCancelled: (payments_handlers.give_up,),
    ShipmentDispatched: (settlement_handlers.book_shipments,),
    ShipmentDelivered: (settlement_handlers.note_deliveries,),
    InvoicePaid: (settlement_handlers.note_payments,),
    CatalogPublished: (discovery_handlers.index_published, catalog_handlers.settle_suggestions),
    SuggestionsMatched: (offers_handlers.make_offers,),
}

# Handlers that learn of an event from the outbox, soon after the commit.
LATER: Mapping[str, Sequence[HandlerLater]] = {
    "job.queued": (_push_job,),
}

# Handlers that hear every event, batch by batch.
OF_ALL: Sequence[HandlerOfAll] = (notifications_handlers.fan_out,)

# What a person may start and watch: kind of job -> the function that does it.
JOBS: Mapping[str, JobFunction] = {
    "backtest.run": backtest_tasks.work_on_backtest,
    "close_statements": settlement_tasks.close_statements,
    "exchange.import": exchange_tasks.work_on_import,
}

# What is due is looked for every so often, by any worker.
SWEEPS: tuple[Sweep, ...] = (
    # One a transaction: a re-routing holds its order and stock while it looks for other sellers.
    Sweep(
        "expire_seller_orders", "app.ordering.operations:expire_seller_orders", every_s=5, limit=1
    ),
    Sweep("expire_choices", "app.ordering.operations:expire_choices", every_s=60, limit=1),
    Sweep("reoptimize", "app.ordering.operations:reoptimize", every_s=900, limit=5),
    Sweep(
        "reroute_broken_promises",
        "app.ordering.operations:reroute_broken_promises",
        every_s=60,
        limit=1,
    ),
    Sweep("retry_waiting", "app.ordering.operations:retry_waiting", every_s=60, limit=1),
    Sweep("expire_holds", "app.inventory.operations:expire_holds", every_s=5, limit=500),
    Sweep("tell_scarcity", "app.inventory.operations:tell_scarcity", every_s=5, limit=500),
    Sweep("fill_promises", "app.inventory.operations:fill_promises", every_s=60, limit=200),
    Sweep("expire_lots", "app.inventory.operations:expire_lots", every_s=3600, limit=200),
    Sweep(
        "purge_feed_messages",
        "app.inventory.operations:purge_feed_messages",
        every_s=3600,
        limit=1000,
    ),
    Sweep("release_due", "app.settlement.operations:release_due", every_s=60, limit=500),
    Sweep("index_waiting", "app.discovery.operations:index_waiting", every_s=1, limit=2000),
    Sweep("shelve_waiting", "app.discovery.operations:shelve_waiting", every_s=1, limit=2000),
    Sweep("relay_outbox", "app.wiring:relay_outbox", every_s=1),
    Sweep("revive_jobs", "app.wiring:revive_jobs", every_s=5),
    Sweep("sweep_files", "app.exchange.tasks:sweep_files", every_s=3600, limit=100),
    Sweep("purge_answers", "app.infra.idempotency:purge", every_s=3600, limit=1000),
)

# Ports -> connectors, by name: connectors lie above everything that is imported here.
JOB_QUEUE = "connectors.rq.queue"

OPENAPI: dict[str, Any] = {
    "API_TITLE": "Distributary",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/",
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": {
        "info": {"description": "The order, price and money backbone of a distribution network."},
        "components": {"securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}}},
        "security": [{"apiKey": []}],
    },
}


def create_app(settings: Settings, *, clock: Clock | None = None) -> Flask:
    """Build the application from its settings."""
    flask_app = Flask("distributary", root_path=str(PROJECT / "app" / "web"))
    flask_app.config.update(
        OPENAPI,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
    )
    flask_app.extensions["settings"] = settings
    logs.configure(settings.log_level)
    db.init_app(flask_app)
    Migrate(flask_app, db, directory=str(PROJECT / "migrations"))
    web.install(flask_app, clock)
    register_error_handlers(flask_app)
    flask_app.extensions["authenticator"] = _authenticate
    flask_app.extensions["job_functions"] = JOBS
    queue = import_module(JOB_QUEUE).RqJobQueue(settings.rq_redis_url)
    flask_app.extensions.update(job_queue=queue, broker_ping=queue.ping)
    flask_app.url_map.converters["pid"] = PublicIdConverter
    _register_routes(flask_app)
    pages.install(flask_app)
    cli.register(flask_app)
    # By name: connectors lie above everything else that is imported here.
    flask_app.extensions["spreadsheets"] = import_module("connectors.spreadsheets").Spreadsheets()
    flask_app.extensions["network_folder"] = import_module("connectors.network_files").NetworkFolder
    unit_of_work.run_together(TOGETHER)
    return flask_app


def create_app_from_environment() -> Flask:
    """The application of this process: production settings, or the running embedded servers."""
    environ = environment()
    return create_app(settings_from(embedded.completed(environ, var=var_folder(environ))))


def relay_outbox(session: DbSession, *, now: datetime, limit: int) -> int:
    """Tell a batch of waiting events to the handlers of ``LATER``."""
    return outbox.relay(session, handlers=LATER, of_all=OF_ALL, now=now, limit=limit)


def revive_jobs(session: DbSession, *, now: datetime, limit: int) -> int:
    """Bring jobs again whose worker died."""
    return jobs.revive(session, queue=_job_queue(), now=now, limit=limit)


def _authenticate(token: str) -> Caller | None:
    return identity_operations.authenticate(db.session, token=token, now=web.now())


def _register_routes(flask_app: Flask) -> None:
    flask_app.register_blueprint(docs.pages)
    api = RestApi(flask_app)
    for name in BLUEPRINTS:
        api.register_blueprint(import_module(f"app.{name}.routes").blueprint, url_prefix="/v1")
