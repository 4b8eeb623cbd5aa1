"""The blueprint of all routes about prices."""

from flask_smorest import Blueprint

blueprint = Blueprint("pricing", __name__, description="Prices, and which one holds")
