"""The whole stack in one foreground process, as ``make demo`` runs it, with tiny programs."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.infra import embedded
from tests.infra import lives

STANDIN = Path(__file__).with_name("standin_stack.py")


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@contextmanager
def stack(
    var: Path, port: int, *, step: str = "", web: str = "", **more: str
) -> Iterator[subprocess.Popen]:
    environ = {"PATH": os.defpath, "PYTHONPATH": str(lives.PROJECT), "PORT": str(port), **more}
    with subprocess.Popen(
        (sys.executable, STANDIN, str(var), step, web),
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until_up(process: subprocess.Popen) -> str:
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C" in line:
            return said
    raise AssertionError(said)


def steps_taken(var: Path) -> int:
    with lives.connect(var) as session:
        return session.execute("select count(*) from steps").fetchone()[0]


def workers(var: Path) -> list[int]:
    log = embedded.layout_of(var).logs / "worker.log"
    said = log.read_text() if log.exists() else ""
    return [int(number) for number in re.findall(r"worker (\d+)", said)]


class TestTheStack:
    def test_takes_its_steps_serves_and_stops_when_asked(self, var: Path, port: int) -> None:
        with stack(var, port) as process:
            said = wait_until_up(process)
            assert f"http://127.0.0.1:{port}/" in said
            assert steps_taken(var) >= 1
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/")
            assert connection.getresponse().status == 200
            connection.close()
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        assert lives.processes(var) == []

    def test_begins_what_takes_long_beside_the_steps_and_leaves_nothing_of_it(
        self, var: Path, port: int
    ) -> None:
        began = var / "ahead-began"
        began.unlink(missing_ok=True)
        look = f"import os, time\nwhile not os.path.exists({str(began)!r}): time.sleep(0.05)"
        with stack(var, port, step=look) as process:
            wait_until_up(process)
            process.terminate()
            said, _ = process.communicate(timeout=30)
            assert process.returncode == 0, said
        assert lives.processes(var) == []

    @pytest.mark.parametrize("number", range(1, 5))
    def test_stops_when_asked_while_it_starts_a_process(
        self, var: Path, port: int, number: int
    ) -> None:
        with stack(var, port, STOP_AT_FORK=str(number)) as process:
            said, _ = process.communicate(timeout=30)
            assert process.returncode == 0, said
        assert "Stopping" in said
        assert lives.processes(var) == []

    def test_starts_a_program_again_that_was_killed(self, var: Path, port: int) -> None:
        with stack(var, port) as process:
            wait_until_up(process)
            assert lives.soon(lambda: workers(var))
            lives.kill(workers(var)[0])
            assert lives.soon(lambda: len(workers(var)) == 2)
            process.terminate()
            said, _ = process.communicate(timeout=30)
            assert process.returncode == 0
        assert "worker ended with -9; starting it again in 1 s" in said

    def test_leaves_nothing_behind_when_killed_and_starts_again(self, var: Path, port: int) -> None:
        taken = []
        for _ in range(2):
            with stack(var, port) as process:
                wait_until_up(process)
                taken.append(steps_taken(var))
                lives.kill(process.pid)
                assert lives.soon(lambda: not lives.processes(var))
        assert taken[1] == taken[0] + 1

    def test_lets_a_command_in_another_terminal_use_its_servers(self, var: Path, port: int) -> None:
        with stack(var, port) as process:
            wait_until_up(process)
            born = lives.started_at(var)
            with embedded.session(var=var):
                assert steps_taken(var) >= 1
            assert lives.started_at(var) == born
            process.terminate()
            assert process.wait(30) == 0


class TestTheRefusal:
    @staticmethod
    def of(process: subprocess.Popen) -> str:
        said, _ = process.communicate(timeout=30)
        assert process.returncode == 1
        assert "Traceback" not in said
        return said

    def test_of_a_taken_port_names_it_and_the_way_out(self, nothing: Path, port: int) -> None:
        with socket.create_server(("127.0.0.1", port)), stack(nothing, port) as process:
            said = self.of(process)
        assert f"Port {port} on 127.0.0.1 cannot be used: Address already in use" in said
        assert f"PORT={port + 1}" in said

    def test_of_a_second_copy_names_the_folder(self, var: Path, port: int) -> None:
        with stack(var, port) as first:
            wait_until_up(first)
            with stack(var, port + 1) as second:
                assert f"already runs on {var}" in self.of(second)
            first.terminate()
            assert first.wait(30) == 0

    def test_of_a_failed_step_names_it(self, var: Path, port: int) -> None:
        with stack(var, port, step="raise SystemExit(3)") as process:
            assert "Taking the step failed" in self.of(process)

    def test_of_a_web_server_that_does_not_start_shows_its_log(self, var: Path, port: int) -> None:
        with stack(var, port, web="raise SystemExit('no such application')") as process:
            said = self.of(process)
        assert "web did not start" in said
        assert "no such application" in said

    def test_of_a_broken_data_folder_says_what_to_do(self, nothing: Path, port: int) -> None:
        data = nothing / "postgresql" / "data"
        data.mkdir(parents=True)
        (data / "PG_VERSION").write_text("18\n")
        with stack(nothing, port) as process:
            assert "delete it and start again" in self.of(process)

    def test_of_a_wrong_setting_names_the_variable(self, nothing: Path) -> None:
        with stack(nothing, 0) as process:
            assert "PORT is '0'; use a whole number from 1 to 65535." in self.of(process)

    def test_of_production_without_servers_lists_every_gap(self, nothing: Path, port: int) -> None:
        with stack(nothing, port, DISTRIBUTARY_MODE="production") as process:
            said = self.of(process)
        for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
            assert f"{name} is not set" in said
