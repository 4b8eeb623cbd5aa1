"""The one blueprint of routing."""

from flask_smorest import Blueprint

blueprint = Blueprint("routing", __name__, description="Routing decisions, policies and freight")
