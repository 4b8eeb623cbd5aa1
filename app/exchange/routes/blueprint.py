"""The blueprint of the exchange."""

from flask_smorest import Blueprint

blueprint = Blueprint("exchange", __name__, description="Bulk in and out, by files")
