"""What changes the network; every change leaves an audit note."""

from app.network.operations.accounts import (
    approve_account,
    edit_account,
    move_account,
    request_account,
)
from app.network.operations.agreements import (
    create_agreement,
    move_agreement,
    supposing_none,
)
from app.network.operations.organizations import (
    add_address,
    add_member,
    change_role,
    create_organization,
    edit_organization,
    remove_member,
)
from app.network.operations.terms import add_terms
from app.network.operations.territories import create_territory, redraw_territory
from app.network.operations.units import create_unit, rename_unit

__all__ = [
    "add_address",
    "add_member",
    "add_terms",
    "approve_account",
    "change_role",
    "create_agreement",
    "create_organization",
    "create_territory",
    "create_unit",
    "edit_account",
    "edit_organization",
    "move_account",
    "move_agreement",
    "redraw_territory",
    "remove_member",
    "rename_unit",
    "request_account",
    "supposing_none",
]
