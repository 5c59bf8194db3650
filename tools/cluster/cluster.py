"""Several serving processes and action servers behind nginx, on a real Redis and a real PostgreSQL, on this machine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from deploy.nginx.render import render  # noqa: E402
from tests.fakes import postgres, redis_server  # noqa: E402
from tools.bench.processes import free_port  # noqa: E402

# The first start reads the model from the disk, on two cores that others use, too.
START_SECONDS = 180.0
STOP_SECONDS = 40.0
SECRET = "a secret of a cluster on one machine"


class ClusterError(RuntimeError):
    """The cluster cannot be started; the message says what is missing or which process ended."""


class Member:
    """One process: started, asked whether it is ready, ended in order or killed, and started again on its port."""

    def __init__(self, name: str, command: list[str], port: int, environment: dict[str, str], folder: Path) -> None:
        self.name, self.port = name, port
        # May be changed: it holds from the next start on.
        self.command, self.environment, self.log = command, environment, folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """`host:port`, as nginx is told."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process id; 0 when it does not run."""
        return self.process.pid if self.process is not None else 0

    def start(self) -> None:
        """Start it; whether it is ready is asked by `wait`."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Until it answers; ClusterError with the end of its log when it has ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                raise ClusterError(f"{self.name} ended:\n{self.tail()}")
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"http://{self.address}/health", timeout=2, trust_env=False).status_code == 200:
                    return
            time.sleep(0.05)
        raise ClusterError(f"{self.name} was not ready within {seconds:.0f} s:\n{self.tail()}")

    def stop(self) -> int | None:
        """Ask it to end and wait; its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a machine that fails: kill -9."""
        self._end(signal.SIGKILL)

    def tail(self, lines: int = 20) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:]) if self.log.exists() else ""

    def _end(self, how: signal.Signals) -> int | None:
        if self.process is None:
            return None
        self.process.send_signal(how)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            print(f"{self.name} did not end within {STOP_SECONDS:.0f} s:\n{self.tail()}", file=sys.stderr)
            self.process.kill()
            return self.process.wait(STOP_SECONDS)
        finally:
            self.process = None


class Cluster:
    """`serve` serving processes and `actions` action servers; `url` is nginx. `more` are settings of all processes."""

    def __init__(self, folder: Path, serve: int, actions: int, port: int, more: dict[str, str]) -> None:
        self.folder, self.url = folder, f"http://127.0.0.1:{port}"
        self.redis, self.database = _redis(folder), _postgres()
        actions_port = free_port()
        clean = {key: value for key, value in os.environ.items() if not key.startswith("WEGWEISER_")}
        shared = {
            "SECRET": SECRET, "REDIS_URL": self.redis.url, "DATABASE_URL": self.database.url, "PER_ADDRESS": "0",
            "TRUSTED_PROXIES": "127.0.0.1", "ACTIONS_URL": f"http://127.0.0.1:{actions_port}" if actions else "",
            "LOG_LEVEL": "WARNING", **more,
        }  # fmt: skip
        self.serving = [self._member("serve", number, clean, shared) for number in range(serve)]
        self.acting = [self._member("actions", number, clean, shared) for number in range(actions)]
        text = render(
            f"127.0.0.1:{port}",
            [member.address for member in self.serving],
            f"127.0.0.1:{actions_port}",
            [member.address for member in self.acting] or [self.serving[0].address],
            self._nginx_folder(),
        )
        if os.geteuid() == 0:
            text = "user root;\n" + text  # its workers write into our folder
        configuration = folder / "nginx.conf"
        configuration.write_text(text, encoding="utf-8")
        self.nginx = Member(
            "nginx", [_program("nginx"), "-c", str(configuration), "-p", str(folder)], port, clean, folder
        )

    def start(self) -> None:
        """Start everything and wait until every process answers, also through nginx."""
        self.redis.start()
        self.database.start()
        members = [*self.acting, *self.serving]
        for member in members:
            member.start()
        for member in members:
            member.wait()
        self.nginx.start()
        self.nginx.wait()

    def stop(self) -> None:
        """End everything, nginx first so that nobody meets a process that is going."""
        for member in [self.nginx, *self.serving, *self.acting]:
            if member.process is not None:
                member.process.send_signal(signal.SIGTERM)
        for member in [self.nginx, *self.serving, *self.acting]:
            member.stop()
        self.redis.stop()
        with contextlib.suppress(AssertionError):
            self.database.stop()

    def roll(self, told: Callable[[str], None] = lambda text: None) -> None:
        """Restart one process after the other, each when the one before is back: a new release, a new model."""
        for member in [*self.acting, *self.serving]:
            told(f"{member.name} restarts")
            member.stop()
            member.start()
            member.wait()

    def _member(self, kind: str, number: int, clean: dict[str, str], shared: dict[str, str]) -> Member:
        port, data = free_port(), self.folder / f"{kind}-{number}"
        data.mkdir()
        own = {"PORT": str(port), "DATA_DIR": str(data)}
        environment = clean | {f"WEGWEISER_{key}": value for key, value in (shared | own).items() if value}
        command = [sys.executable, "-m", "bot.cli", kind]
        if kind == "actions":
            environment.pop("WEGWEISER_ACTIONS_URL", None)
            command += ["--port", str(port)]
        return Member(f"{kind}-{number}", command, port, environment, self.folder)

    def _nginx_folder(self) -> Path:
        made = self.folder / "nginx"
        made.mkdir()
        return made


@contextlib.contextmanager
def running(serve: int = 2, actions: int = 1, port: int = 0, more: dict[str, str] | None = None) -> Iterator[Cluster]:
    """A cluster until the block ends; ClusterError when a program of Debian's is missing."""
    missing = [name for name, found in programs().items() if not found]
    if missing:
        raise ClusterError(f"not installed: {', '.join(missing)} (run `make system` as root)")
    with tempfile.TemporaryDirectory(prefix="wegweiser-cluster-", ignore_cleanup_errors=True) as name:
        cluster = Cluster(Path(name), serve, actions, port or free_port(), more or {})
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
            cluster.database.remove()


def programs() -> dict[str, str]:
    """The programs a cluster needs and where they are, "" for missing."""
    return {
        "redis-server": str(redis_server.programs() or ""),
        "postgresql": str(postgres.programs() or ""),
        "nginx": _program("nginx"),
    }


def _program(name: str) -> str:
    import shutil

    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin") or ""


def _redis(folder: Path) -> redis_server.RedisServer:
    program = redis_server.programs()
    assert program is not None
    own = folder / "redis"
    own.mkdir()
    return redis_server.RedisServer(own, program)


def _postgres() -> postgres.Postgres:
    return postgres.create()
