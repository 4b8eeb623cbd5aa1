"""How the embedded servers are tuned: one profile keeps every promise, one is only fast."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings of both servers, sized for a small machine of two cores."""

    name: str
    postgres: Mapping[str, str]
    valkey: Mapping[str, str]
    initdb: tuple[str, ...] = field(default=())


_POSTGRES = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
    "log_lock_waits": "on",
    "log_min_duration_statement": "1s",
    "logging_collector": "off",
}

_VALKEY = {
    "port": "0",
    "databases": "16",
    "save": "",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
}

DEMO = Profile(
    name="demo",
    postgres=MappingProxyType(_POSTGRES),
    valkey=MappingProxyType({**_VALKEY, "appendonly": "yes", "appendfsync": "everysec"}),
)

TEST = Profile(
    name="test",
    # A test run starts from nothing, so a crash may lose everything: that buys the speed.
    postgres=MappingProxyType(
        {
            **_POSTGRES,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
        }
    ),
    valkey=MappingProxyType({**_VALKEY, "appendonly": "no"}),
    initdb=("--no-sync",),
)

PROFILES = MappingProxyType({profile.name: profile for profile in (DEMO, TEST)})
