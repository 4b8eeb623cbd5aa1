"""The network over HTTP, one module per subject."""

from app.network.routes import accounts, agreements, organizations, territories, units
from app.network.routes.blueprint import blueprint

__all__ = ["accounts", "agreements", "blueprint", "organizations", "territories", "units"]
