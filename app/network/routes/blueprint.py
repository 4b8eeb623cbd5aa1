"""The blueprint that all routes of the network share."""

from flask_smorest import Blueprint

blueprint = Blueprint(
    "network",
    __name__,
    description="Organizations, members, territories, agreements, trading accounts",
)
