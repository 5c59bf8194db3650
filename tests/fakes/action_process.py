"""An action server as it is run: a process of its own on loopback, that can be ended and started again on its port."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
# What `wegweiser actions` does, and which modules the process has loaded when asked by a signal.
PROGRAM = """
import json, pathlib, signal, sys
from bot.action_server import serve
from bot.rasa_compat.quiet import configure_logging
from bot.settings import Settings
modules = pathlib.Path(sys.argv[2])
signal.signal(signal.SIGUSR1, lambda *_: modules.write_text(json.dumps(sorted(sys.modules)), encoding="utf-8"))
configure_logging("DEBUG")
serve(Settings.from_env(), port=int(sys.argv[1]))
"""


class ActionProcess:
    """One server; `url` is its address, `log` what it wrote."""

    def __init__(self, folder: Path, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._settings = {f"WEGWEISER_{name.upper()}": value for name, value in settings.items()}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return (self._folder / "log").read_text(encoding="utf-8")

    def start(self) -> None:
        """Start and wait until it answers."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WEGWEISER_")}
        environment = kept | {"PYTHONPATH": str(ROOT), "WEGWEISER_DATA_DIR": str(self._folder)} | self._settings
        command = [sys.executable, "-c", PROGRAM, str(self.port), str(self._folder / "modules")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self._process.poll() is None, self.log[-2000:]
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/health").status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError("the action server did not start")

    def send(self, number: signal.Signals) -> None:
        """A signal, as from who runs the process."""
        assert self._process is not None
        self._process.send_signal(number)

    def ended(self, seconds: float = 20) -> int:
        """Wait until it has ended; its exit code."""
        assert self._process is not None
        return self._process.wait(seconds)

    def kill(self) -> None:
        """As a machine that fails."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(20)

    def modules(self) -> list[str]:
        """Names of all modules that are loaded in it now."""
        path = self._folder / "modules"
        path.unlink(missing_ok=True)
        self.send(signal.SIGUSR1)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with contextlib.suppress(FileNotFoundError, ValueError):
                return list(json.loads(path.read_text(encoding="utf-8")))
            httpx.get(f"{self.url}/health")  # Python sees a signal when it runs
        raise AssertionError("the action server did not say what it has loaded")

    def memory(self) -> float:
        """Resident memory in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def call(self, name: str, timeout: float = 10, **tracker: Any) -> httpx.Response:
        """Ask it to run an action, as Rasa would."""
        state = {"sender_id": "", "slots": {}, "latest_message": {}, "events": []} | tracker
        body = {"next_action": name, "sender_id": "", "tracker": state, "version": "3.6.21"}
        return httpx.post(f"{self.url}/webhook", json=body, timeout=timeout)


@contextlib.contextmanager
def running(**settings: str) -> Iterator[ActionProcess]:
    """A running action server with these settings; it has ended when the block has."""
    with tempfile.TemporaryDirectory(prefix="wegweiser-actions-") as folder:
        server = ActionProcess(Path(folder), **settings)
        try:
            server.start()
            yield server
        finally:
            server.kill()
