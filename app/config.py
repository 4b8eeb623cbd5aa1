"""The settings of one process, read once from the environment and checked before anything starts.

``settings_from`` is pure: a mapping goes in, a complete ``Settings`` or one ``SettingsError`` that
names every wrong variable comes out. Nothing else in the product reads the environment. In a demo
the mapping is first completed with the addresses of the embedded servers (``environment``).
"""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

PROJECT = Path(__file__).resolve().parents[1]
SHORTEST_SECRET = 32
HIGHEST_PORT = 65535
_DATABASE_SCHEMES = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_REDIS_SCHEMES = ("redis", "rediss", "unix")


class SettingsError(Exception):
    """The environment cannot be used; the message names each variable and how to mend it."""


class Mode(Enum):
    """What the process is run for."""

    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ between two installations; secrets stay out of its repr."""

    mode: Mode
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    celery_broker_url: str = field(repr=False)
    rq_redis_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    var: Path
    host: str
    port: int
    public_url: str
    web_workers: int
    web_threads: int
    celery_concurrency: int
    log_level: str
    upload_mib: int

    @property
    def uploads(self) -> Path:
        """Where files that were sent lie until they are worked off."""
        return self.var / "uploads"

    @property
    def upload_bytes(self) -> int:
        """The largest file that is taken."""
        return self.upload_mib * 1024 * 1024


def var_folder(environ: Mapping[str, str]) -> Path:
    """Where the installation keeps what it writes: DISTRIBUTARY_VAR, else ``var`` beside app."""
    return Path(environ.get("DISTRIBUTARY_VAR") or PROJECT / "var").resolve()


def mode_from(environ: Mapping[str, str]) -> Mode:
    """DISTRIBUTARY_MODE; by default production when both server addresses are given."""
    complete = environ.get("DATABASE_URL") and environ.get("REDIS_URL")
    given = environ.get("DISTRIBUTARY_MODE") or ("production" if complete else "demo")
    try:
        return Mode(given)
    except ValueError:
        known = ", ".join(mode.value for mode in Mode)
        raise SettingsError(f"DISTRIBUTARY_MODE is {given!r}; use one of {known}.") from None


def address_from(environ: Mapping[str, str]) -> tuple[str, int]:
    """Where the web server will listen; known before any server is started."""
    reader = _Reader(environ)
    address = reader.address()
    reader.raise_problems()
    return address


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Read and check all settings; SettingsError lists every problem at once."""
    reader = _Reader(environ)
    mode = mode_from(environ)
    host, port = reader.address()
    redis_url = reader.redis_url()
    settings = Settings(
        mode=mode,
        database_url=reader.database_url(),
        redis_url=redis_url,
        celery_broker_url=reader.text("CELERY_BROKER_URL", default=celery_url(redis_url)),
        rq_redis_url=reader.text("RQ_REDIS_URL", default=next_database(redis_url)),
        secret_key=reader.secret(),
        var=var_folder(environ),
        host=host,
        port=port,
        public_url=reader.text("PUBLIC_URL", default=f"http://{host}:{port}").rstrip("/"),
        web_workers=reader.number("WEB_WORKERS", default=2, highest=256),
        web_threads=reader.number("WEB_THREADS", default=2, highest=256),
        celery_concurrency=reader.number("CELERY_CONCURRENCY", default=1, highest=256),
        log_level=reader.log_level(),
        upload_mib=reader.number("UPLOAD_MIB", default=512, highest=65_536),
    )
    reader.raise_problems()
    return settings


def environment() -> Mapping[str, str]:
    """The environment of this process: the one place where it is read."""
    return os.environ


def celery_url(redis_url: str) -> str:
    """The same server in the spelling of Celery's transport."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    return f"redis+socket://{parts.path}?virtual_host={_database(redis_url)}"


def next_database(redis_url: str) -> str:
    """The same server, one database further: Celery and RQ never share one."""
    if not redis_url:
        return redis_url
    parts = urlsplit(redis_url)
    number = _database(redis_url) + 1
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))


def _database(redis_url: str) -> int:
    parts = urlsplit(redis_url)
    digits = parts.query.removeprefix("db=") if parts.scheme == "unix" else parts.path.strip("/")
    return int(digits) if digits.isdigit() else 0


class _Reader:
    """Reads one variable at a time and gathers what is wrong."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: list[str] = []

    def text(self, name: str, *, default: str) -> str:
        return self._environ.get(name) or default

    def number(self, name: str, *, default: int, highest: int) -> int:
        given = self._environ.get(name) or str(default)
        if given.isascii() and given.isdigit() and 1 <= int(given) <= highest:
            return int(given)
        self._problems.append(f"{name} is {given!r}; use a whole number from 1 to {highest}.")
        return default

    def address(self) -> tuple[str, int]:
        port = self.number("PORT", default=8080, highest=HIGHEST_PORT)
        return self.text("HOST", default="127.0.0.1"), port

    def database_url(self) -> str:
        given = self._environ.get("DATABASE_URL", "")
        scheme, separator, rest = given.partition("://")
        if separator and scheme in _DATABASE_SCHEMES:
            return f"{_DATABASE_SCHEMES[scheme]}://{rest}"
        self._problems.append(
            "DATABASE_URL is not the address of a PostgreSQL database; "
            "use postgresql://user:password@host:5432/name."
            if given
            else "DATABASE_URL is not set; use postgresql://user:password@host:5432/name "
            "(PostgreSQL 18 or newer)."
        )
        return ""

    def redis_url(self) -> str:
        given = self._environ.get("REDIS_URL", "")
        if given and urlsplit(given).scheme in _REDIS_SCHEMES:
            return given
        found = "is not the address of a Redis or Valkey server" if given else "is not set"
        self._problems.append(f"REDIS_URL {found}; use redis://host:6379/0.")
        return ""

    def secret(self) -> str:
        given = self._environ.get("SECRET_KEY", "")
        if len(given) < SHORTEST_SECRET:
            found = "is too short" if given else "is not set"
            self._problems.append(
                f"SECRET_KEY {found}; keep {SHORTEST_SECRET} characters or more, made once by "
                "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'."
            )
        return given

    def log_level(self) -> str:
        given = self._environ.get("LOG_LEVEL") or "INFO"
        if given.upper() in logging.getLevelNamesMapping():
            return given.upper()
        self._problems.append(f"LOG_LEVEL is {given!r}; use DEBUG, INFO, WARNING or ERROR.")
        return "INFO"

    def raise_problems(self) -> None:
        if self._problems:
            raise SettingsError("\n".join(self._problems))
