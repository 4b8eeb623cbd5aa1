"""What search does when a manufacturer has published."""

from collections.abc import Sequence

from app.discovery import operations
from app.infra.db import DbSession
from app.kernel.events import Event

# More than this would make the publication wait; the rest follows within a sweep or two.
AT_ONCE = 4000


def index_published(session: DbSession, _events: Sequence[Event]) -> None:
    """Let a publication of usual size be found by the next search: no lag at all."""
    operations.index_waiting(session, limit=AT_ONCE)
