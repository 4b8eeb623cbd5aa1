"""The embedded servers in real life: started, shared, killed, found in bad company."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.infra import embedded
from app.infra.embedded.process import NOBODY
from tests.infra import lives


@contextmanager
def stranger(folder: Path | None = None) -> Iterator[subprocess.Popen]:
    """A process that has nothing to do with us."""
    with subprocess.Popen(("sleep", "600"), cwd=folder) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def zombie() -> Iterator[subprocess.Popen]:
    """A process that has ended and that nobody has asked about."""
    with subprocess.Popen((sys.executable, "-c", "pass"), stdout=subprocess.PIPE) as process:
        assert process.stdout.read() == b""
        stat = Path(f"/proc/{process.pid}/stat")
        assert lives.soon(lambda: stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")
        yield process


def leave_pid_files(var: Path, pid: int) -> None:
    """What a server that could not clean up leaves behind."""
    layout = embedded.layout_of(var)
    layout.prepare()
    lines = f"{pid}\n{layout.data}\n1700000000\n5432\n{layout.sockets}\n\n"
    (layout.data / "postmaster.pid").write_text(lines)
    socket_lock = layout.postgres_socket.with_name(f"{layout.postgres_socket.name}.lock")
    socket_lock.write_text(lines)


def is_alive(process: subprocess.Popen) -> bool:
    return process.poll() is None


class TestTheServers:
    def test_are_postgresql_18_and_a_redis_protocol_server(self, nothing: Path) -> None:
        with embedded.session(var=nothing, profile=embedded.TEST):
            with lives.connect(nothing) as session:
                assert session.info.server_version >= 180000
                assert session.execute("select lower('ÄÖ')").fetchone() == ("äö",)
            with lives.broker(nothing) as broker:
                assert broker.ping()
                assert broker.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}

    def test_keep_everything_over_a_stop(self, var: Path) -> None:
        with embedded.session(var=var), lives.broker(var) as broker:
            number = lives.remember(var)
            broker.set("number", number)
        with embedded.session(var=var), lives.broker(var) as broker:
            assert lives.remembers(var, number)
            assert broker.get("number") == str(number).encode()

    def test_live_under_a_long_path_with_spaces(self, nothing: Path, data: Path) -> None:
        var = nothing / ("deep " * 20) / "x, y"
        var.mkdir(parents=True)
        with lives.moved(data, var), embedded.session(var=var, profile=embedded.TEST):
            assert lives.remembers(var, lives.remember(var))
            assert len(str(embedded.layout_of(var).postgres_socket)) <= 107


class TestUsers:
    def test_share_one_server_until_the_last_one_leaves(self, var: Path) -> None:
        first = embedded.start(var=var, profile=embedded.TEST)
        second = embedded.start(var=var, profile=embedded.TEST)
        born = lives.started_at(var)
        first.stop()
        assert lives.started_at(var) == born
        second.stop()
        assert lives.processes(var) == []

    def test_that_start_at_once_get_one_server(self, var: Path) -> None:
        with lives.another_user(var) as one, lives.another_user(var) as other:
            lives.wait_until_using(one)
            lives.wait_until_using(other)
            assert len(lives.processes(var, "embedded.keeper")) == 1
            assert lives.remembers(var, lives.remember(var))

    def test_that_start_it_take_nothing_away_when_they_are_killed(self, var: Path) -> None:
        with lives.another_user(var) as starter:
            lives.wait_until_using(starter)
            born = lives.started_at(var)
            with embedded.session(var=var, profile=embedded.TEST):
                lives.kill(starter.pid)
                starter.wait()
                lives.remember(var)
                assert lives.started_at(var) == born
        assert lives.processes(var) == []

    def test_that_are_killed_leave_nothing_running(self, var: Path) -> None:
        with lives.another_user(var) as user:
            lives.wait_until_using(user)
            number = lives.remember(var)
            lives.kill(user.pid)
            assert lives.soon(lambda: not lives.processes(var))
        with embedded.session(var=var, profile=embedded.TEST):
            assert lives.remembers(var, number)


class TestAKill:
    def test_of_the_postmaster_is_answered_by_a_restart_with_all_rows(self, var: Path) -> None:
        with embedded.session(var=var):
            number = lives.remember(var)
            killed = lives.postmaster(var)
            lives.kill(killed)
            assert lives.soon(lambda: lives.remembers(var, number))
            assert lives.postmaster(var) != killed

    def test_of_the_broker_is_answered_by_a_restart_with_all_keys(self, var: Path) -> None:
        with embedded.session(var=var), lives.broker(var) as broker:
            broker.set("number", 7)
            lives.kill(broker.info("server")["process_id"])
            assert lives.soon(lambda: broker.get("number") == b"7")

    def test_of_the_keeper_ends_the_servers_and_the_next_user_starts_them(self, var: Path) -> None:
        user = embedded.start(var=var)
        number = lives.remember(var)
        lives.kill(lives.processes(var, "embedded.keeper")[0])
        assert lives.soon(lambda: not lives.processes(var))
        user.stop()
        with embedded.session(var=var):
            assert lives.remembers(var, number)

    def test_of_the_keeper_while_it_makes_the_database_costs_nothing(self, nothing: Path) -> None:
        unfinished = nothing / "postgresql" / "data.unfinished"
        with lives.another_user(nothing) as user:
            assert lives.soon((unfinished / "base").exists)
            lives.kill(lives.processes(nothing, "embedded.keeper")[0])
            assert user.wait(30) == 1
        with embedded.session(var=nothing, profile=embedded.TEST):
            assert lives.remembers(nothing, lives.remember(nothing))

    def test_of_the_keeper_while_others_start_costs_them_only_time(self, var: Path) -> None:
        """The next starter waits for the servers of the dead keeper instead of racing them."""
        user = embedded.start(var=var)
        numbers = []
        for _ in range(3):
            numbers.append(lives.remember(var))
            lives.kill(lives.processes(var, "embedded.keeper")[0])
            embedded.start(var=var).stop()
            user.stop()
            user = embedded.start(var=var)
        assert lives.remembers(var, *numbers)
        user.stop()


class TestAStalePidFile:
    def test_that_names_a_stranger_neither_stops_the_start_nor_hurts_him(self, var: Path) -> None:
        with stranger() as process:
            leave_pid_files(var, process.pid)
            with embedded.session(var=var, profile=embedded.TEST):
                assert lives.remembers(var, lives.remember(var))
            assert is_alive(process)

    def test_that_names_a_zombie_does_not_stop_the_start(self, var: Path) -> None:
        with zombie() as process:
            leave_pid_files(var, process.pid)
            with embedded.session(var=var, profile=embedded.TEST):
                assert lives.remembers(var, lives.remember(var))

    def test_that_names_a_server_started_by_hand_is_respected(self, var: Path) -> None:
        data = embedded.layout_of(var).data
        with stranger(data) as process:
            leave_pid_files(var, process.pid)
            with pytest.raises(embedded.EmbeddedServerError, match="started by hand"):
                embedded.start(var=var, profile=embedded.TEST)
            assert is_alive(process)
            (data / "postmaster.pid").unlink()  # it was left for its owner


class TestADataFolder:
    def test_that_was_half_made_is_made_anew(self, nothing: Path) -> None:
        unfinished = nothing / "postgresql" / "data.unfinished"
        (unfinished / "base").mkdir(parents=True)
        (unfinished / "PG_VERSION").write_text("18\n")
        with embedded.session(var=nothing, profile=embedded.TEST):
            lives.remember(nothing)
        assert not unfinished.exists()

    def test_that_is_incomplete_is_refused_and_left_alone(self, nothing: Path) -> None:
        data = nothing / "postgresql" / "data"
        data.mkdir(parents=True)
        (data / "PG_VERSION").write_text("18\n")
        with pytest.raises(embedded.EmbeddedServerError, match="not a complete PostgreSQL data"):
            embedded.start(var=nothing, profile=embedded.TEST)
        assert [path.name for path in data.iterdir()] == ["PG_VERSION"]

    def test_of_another_version_is_refused_with_both_numbers(self, var: Path) -> None:
        version = embedded.layout_of(var).data / "PG_VERSION"
        version.write_text("17\n")
        with pytest.raises(embedded.EmbeddedServerError, match=r"PostgreSQL 17; .* 18"):
            embedded.start(var=var, profile=embedded.TEST)
        version.write_text("18\n")

    def test_under_a_file_is_refused_by_name(self, nothing: Path) -> None:
        (nothing / "file").write_text("")
        with pytest.raises(embedded.EmbeddedServerError, match=r"Cannot write to .*file/var"):
            embedded.start(var=nothing / "file" / "var", profile=embedded.TEST)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
    def test_of_nobody_is_served_by_nobody(self, nothing: Path) -> None:
        """The way taken where user namespaces are forbidden."""
        data = nothing / "postgresql" / "data"
        data.mkdir(parents=True)
        os.chown(data, NOBODY, NOBODY)
        with embedded.session(var=nothing, profile=embedded.TEST):
            lives.remember(nothing)
            assert Path(f"/proc/{lives.postmaster(nothing)}").stat().st_uid == NOBODY
        assert data.stat().st_uid == NOBODY
