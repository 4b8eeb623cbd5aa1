"""Balances: what an organization has, owes and is owed."""

from typing import Any

from flask_smorest import Blueprint

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.ledger import queries
from app.ledger.schemas import BalancesSchema

blueprint = Blueprint("ledger", __name__, description="Whose every cent is")


@blueprint.route("/balances")
@blueprint.response(200, BalancesSchema)
@requires("ledger.read")
def show_balances() -> dict[str, Any]:
    """Show what the caller's organization has, owes and is owed."""
    organization_id = current_caller().organization_id
    return {
        "organization_id": organization_id,
        "balances": queries.balances_of(db.session, organization_id=organization_id),
    }
