"""Journals (each organization sees its own lines), splits, statements and their runs."""

import uuid
from typing import Any

from flask_smorest import Blueprint

from app.infra import jobs
from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.web import now
from app.ledger import queries as ledger_queries
from app.settlement import operations, queries
from app.settlement.models import Statement
from app.settlement.schemas import (
    JournalSchema,
    SplitQuery,
    SplitSchema,
    StartedRunSchema,
    StatementLineSchema,
    StatementRunSchema,
    StatementSchema,
)

blueprint = Blueprint(
    "settlement", __name__, description="Who earns what, when it is free, and statements"
)


@blueprint.route("/orders/<pid('order'):order_id>/journals")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(JournalSchema))
@requires("ledger.read")
def list_order_journals(query: dict[str, Any], order_id: uuid.UUID) -> dict[str, Any]:
    """List what was booked for an order, with the lines that concern the caller."""
    page = queries.list_order_journals(
        db.session, caller=current_caller(), order_id=order_id, page=page_request(query)
    )
    return page_body(page)


@blueprint.route("/journals")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(JournalSchema))
@requires("ledger.read")
def list_journals(query: dict[str, Any]) -> dict[str, Any]:
    """List journals, oldest first, with the lines that concern the caller."""
    page = ledger_queries.list_journals(
        db.session, caller=current_caller(), page=page_request(query)
    )
    return page_body(page)


@blueprint.route("/splits")
@blueprint.arguments(SplitQuery, location="query")
@blueprint.response(200, page_schema(SplitSchema))
@requires("statements.read")
def list_splits(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's own parts of shipped order lines, oldest first."""
    page = queries.list_splits(
        db.session,
        caller=current_caller(),
        page=page_request(query),
        order_id=query["order_id"],
    )
    return page_body(page)


@blueprint.route("/statements")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(StatementSchema))
@requires("statements.read")
def list_statements(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's statements, the newest first."""
    page = queries.list_statements(db.session, caller=current_caller(), page=page_request(query))
    return page_body(page)


@blueprint.route("/statements/<pid('stmt'):statement_id>")
@blueprint.response(200, StatementSchema)
@requires("statements.read")
def show_statement(statement_id: uuid.UUID) -> Statement:
    """Show a statement."""
    return queries.get_statement(db.session, caller=current_caller(), statement_id=statement_id)


@blueprint.route("/statements/<pid('stmt'):statement_id>/lines")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(StatementLineSchema))
@requires("statements.read")
def list_statement_lines(query: dict[str, Any], statement_id: uuid.UUID) -> dict[str, Any]:
    """List a statement's lines, oldest first; they sum to its movement."""
    page = queries.list_statement_lines(
        db.session, caller=current_caller(), statement_id=statement_id, page=page_request(query)
    )
    return page_body(page)


@blueprint.route("/statement-runs", methods=["POST"])
@writes
@blueprint.arguments(StatementRunSchema)
@blueprint.response(202, StartedRunSchema)
@requires("statements.write")
def start_statement_run(payload: dict[str, Any]) -> dict[str, Any]:
    """Close a period (the operator): every organization gets its statement."""
    caller = current_caller()
    caller.require_one_of(None)
    operations.require_period(**payload, now=now())
    job_id = jobs.enqueue(
        db.session,
        caller=caller,
        kind="close_statements",
        arguments={name: instant.isoformat() for name, instant in payload.items()},
        now=now(),
    )
    return {"job_id": job_id}
