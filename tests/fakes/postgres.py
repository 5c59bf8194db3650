"""A real PostgreSQL on loopback, in a directory of its own, as a user of its own; gone when the test is."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


def programs() -> Path | None:
    """Where Debian puts the newest initdb, None when PostgreSQL is not on this machine."""
    return max((path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")), default=None)


def _user() -> str | None:
    """PostgreSQL refuses to run as root: then the user that its package made."""
    return "postgres" if os.geteuid() == 0 else None


class Postgres:
    """One server; `url` is its database for SQLAlchemy."""

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self._data, self._bin = folder / "data", bin_folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"postgresql://wegweiser@127.0.0.1:{self._port}/postgres"
        self._run("initdb", "-U", "wegweiser", "-A", "trust", "--no-sync", "-E", "UTF8", "--no-locale")

    def start(self) -> None:
        """Start and wait until it answers."""
        options = f"-c listen_addresses=127.0.0.1 -p {self._port} -c unix_socket_directories= -c fsync=off"
        self._run("pg_ctl", "-w", "-l", str(self._data / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop at once, as a machine that fails."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def remove(self) -> None:
        """Delete its folder."""
        shutil.rmtree(self._data.parent, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), "-D", str(self._data), *arguments]
        done = subprocess.run(
            command, user=_user(), cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()


def create() -> Postgres:
    """A server that does not run yet, in a new folder; `programs()` must have found one."""
    found = programs()
    assert found is not None
    folder = Path(tempfile.mkdtemp(prefix="wegweiser-postgres-"))
    if _user():
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    return Postgres(folder, found)


@contextlib.contextmanager
def running() -> Iterator[Postgres]:
    """A running server; `programs()` must have found one."""
    server = create()
    server.start()
    try:
        yield server
    finally:
        with contextlib.suppress(AssertionError):
            server.stop()
        server.remove()
