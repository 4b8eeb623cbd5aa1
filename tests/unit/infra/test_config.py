from pathlib import Path

import pytest

from app import config
from app.config import Mode, Settings, SettingsError, settings_from

PRODUCTION = {
    "DATABASE_URL": "postgres://shop:secret@db.internal:5432/shop",
    "REDIS_URL": "redis://queue.internal:6379/2",
    "SECRET_KEY": "k" * 40,
}


def changed(**variables: str) -> Settings:
    return settings_from({**PRODUCTION, **variables})


class TestSettings:
    def test_are_complete_with_three_variables(self) -> None:
        settings = settings_from(PRODUCTION)
        assert settings.mode is Mode.PRODUCTION
        assert (settings.host, settings.port) == ("127.0.0.1", 8080)
        assert settings.public_url == "http://127.0.0.1:8080"
        assert settings.database_url == "postgresql+psycopg://shop:secret@db.internal:5432/shop"

    def test_keep_secrets_out_of_their_repr(self) -> None:
        shown = repr(settings_from(PRODUCTION))
        assert "secret" not in shown
        assert PRODUCTION["SECRET_KEY"] not in shown

    def test_give_celery_and_rq_databases_of_their_own(self) -> None:
        settings = settings_from(PRODUCTION)
        assert settings.celery_broker_url == "redis://queue.internal:6379/2"
        assert settings.rq_redis_url == "redis://queue.internal:6379/3"

    def test_spell_a_socket_the_way_each_library_reads_it(self) -> None:
        settings = changed(REDIS_URL="unix:///run/valkey.sock?db=4")
        assert settings.celery_broker_url == "redis+socket:///run/valkey.sock?virtual_host=4"
        assert settings.rq_redis_url == "unix:///run/valkey.sock?db=5"

    def test_take_brokers_that_are_named_one_by_one(self) -> None:
        settings = changed(CELERY_BROKER_URL="amqp://rabbit", RQ_REDIS_URL="redis://other/0")
        assert settings.celery_broker_url == "amqp://rabbit"
        assert settings.rq_redis_url == "redis://other/0"

    def test_keep_var_beside_the_application_unless_told_otherwise(self) -> None:
        assert settings_from(PRODUCTION).var == config.PROJECT / "var"
        assert changed(DISTRIBUTARY_VAR="/srv/data").var == Path("/srv/data")

    def test_read_an_empty_variable_as_one_that_is_not_set(self) -> None:
        assert changed(PORT="", LOG_LEVEL="", DISTRIBUTARY_VAR="") == settings_from(PRODUCTION)

    @pytest.mark.parametrize(
        ("given", "mode"),
        [
            (PRODUCTION, Mode.PRODUCTION),
            ({}, Mode.DEMO),
            ({"DATABASE_URL": "postgresql://db/shop"}, Mode.DEMO),
            ({**PRODUCTION, "DISTRIBUTARY_MODE": "test"}, Mode.TEST),
        ],
    )
    def test_are_for_production_when_both_servers_are_given(
        self, given: dict[str, str], mode: Mode
    ) -> None:
        assert config.mode_from(given) is mode


class TestASettingsError:
    @pytest.mark.parametrize(
        ("variable", "value", "message"),
        [
            ("DATABASE_URL", "", "DATABASE_URL is not set"),
            ("DATABASE_URL", "mysql://db/shop", "not the address of a PostgreSQL database"),
            ("DATABASE_URL", "shop", "not the address of a PostgreSQL database"),
            ("REDIS_URL", "", "REDIS_URL is not set"),
            ("REDIS_URL", "http://queue", "not the address of a Redis or Valkey server"),
            ("SECRET_KEY", "", "SECRET_KEY is not set"),
            ("SECRET_KEY", "short", "SECRET_KEY is too short"),
            ("PORT", "http", "PORT is 'http'"),
            ("PORT", "65536", "PORT is '65536'"),
            ("PORT", "-1", "PORT is '-1'"),
            ("WEB_WORKERS", "0", "WEB_WORKERS is '0'"),
            ("LOG_LEVEL", "LOUD", "LOG_LEVEL is 'LOUD'"),
            ("DISTRIBUTARY_MODE", "prod", "DISTRIBUTARY_MODE is 'prod'"),
        ],
    )
    def test_names_the_variable(self, variable: str, value: str, message: str) -> None:
        with pytest.raises(SettingsError, match=message):
            changed(**{"DISTRIBUTARY_MODE": "production", variable: value})

    def test_lists_everything_that_is_wrong_at_once(self) -> None:
        with pytest.raises(SettingsError) as refused:
            settings_from({"DISTRIBUTARY_MODE": "production", "PORT": "x"})
        for variable in ("PORT", "DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
            assert variable in str(refused.value)

    def test_never_repeats_a_secret(self) -> None:
        with pytest.raises(SettingsError) as refused:
            changed(SECRET_KEY="hunter2", DATABASE_URL="mysql://root:hunter2@db/shop")
        assert "hunter2" not in str(refused.value)
