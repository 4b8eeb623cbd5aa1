"""The blueprint that the routes of inventory share."""

from flask_smorest import Blueprint

blueprint = Blueprint("inventory", __name__, description="Locations and what is there")
