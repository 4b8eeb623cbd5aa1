"""Time zones by their names in the IANA database, each looked up once."""

from datetime import UTC, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

# The machine's own setting is no name: it means another zone on another machine, and none to the
# database.
_NAMES = frozenset(available_timezones()) - {"localtime"}


def is_zone(name: str) -> bool:
    """Whether a zone is called so, here and in the database."""
    return name in _NAMES


@lru_cache(maxsize=1024)
def zone_named(name: str) -> tzinfo:
    """The zone of a name that was checked when it was kept."""
    return UTC if name == "UTC" else ZoneInfo(name)
