"""Embedded PostgreSQL 18 and Valkey: the same engines as in production, without installing any.

``start`` returns when both answer; the servers live until their last user is gone.

    with embedded.session(var=Path("var")) as endpoints:
        engine = create_engine(endpoints.database_url)
"""

from app.infra.embedded.client import Session, completed, endpoints, session, start
from app.infra.embedded.errors import EmbeddedServerError
from app.infra.embedded.layout import Endpoints, Layout, layout_of
from app.infra.embedded.profiles import DEMO, TEST, Profile

__all__ = [
    "DEMO",
    "TEST",
    "EmbeddedServerError",
    "Endpoints",
    "Layout",
    "Profile",
    "Session",
    "completed",
    "endpoints",
    "layout_of",
    "session",
    "start",
]
