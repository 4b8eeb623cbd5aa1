"""Time zones by their names in the IANA database, each looked up once."""

from datetime import UTC, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=1024)
def zone_named(name: str) -> tzinfo:
    """The zone of a name that was checked when it was kept."""
    return UTC if name == "UTC" else ZoneInfo(name)
