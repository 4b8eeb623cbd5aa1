"""What every process does first: complete the environment, check it, check the servers.

The one way from an environment to ``Settings``. Production never falls back to embedded servers:
a missing address is an error there, not a new empty database.
"""

import psycopg
import redis

from app import config
from app.config import Settings, SettingsError
from app.infra import embedded

OLDEST_POSTGRES = 180_000


def load_settings() -> Settings:
    """The checked settings of this process."""
    environ = config.environment()
    return config.settings_from(embedded.completed(environ, var=config.var_folder(environ)))


def require_servers(settings: Settings) -> None:
    """Refuse to start on a server that is away or too old, in one sentence each."""
    _require_postgres(settings.database_url)
    _require_redis(settings.redis_url)


def _require_postgres(database_url: str) -> None:
    try:
        with psycopg.connect(
            database_url.replace("postgresql+psycopg://", "postgresql://", 1), connect_timeout=10
        ) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        raise SettingsError(f"PostgreSQL at DATABASE_URL does not answer: {error}") from error
    if version < OLDEST_POSTGRES:
        raise SettingsError(
            f"PostgreSQL at DATABASE_URL is version {version // 10_000}; 18 or newer is needed."
        )


def _require_redis(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url, socket_connect_timeout=10)
    try:
        client.ping()
    except redis.RedisError as error:
        raise SettingsError(f"Redis at REDIS_URL does not answer: {error}") from error
    finally:
        client.close()
