"""Starts processes again when they end, as their systemd units say, and knows how to stop, freeze and change them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tools.cluster.cluster import Member

PAUSE = 2.0  # RestartSec of deploy/systemd
STOP_SECONDS = 60.0  # TimeoutStopSec
LOOK = 0.1
# Python then writes at SIGABRT where its threads stand: names of functions, nothing of what they work on.
ENVIRONMENT = {"PYTHONFAULTHANDLER": "1"}


class Kept:
    """A process that is started again when it ends. `died` is told of every end that nobody asked for."""

    def __init__(self, member: Member, died: Callable[[Kept, int], None] = lambda kept, code: None) -> None:
        self.member, self.starts, self._died = member, 0, died
        self._wanted = False
        self._task: asyncio.Task[None] | None = None
        self._expected = False
        self._plain = (list(member.command), dict(member.environment))

    @property
    def name(self) -> str:
        """As in logs."""
        return self.member.name

    @property
    def pid(self) -> int:
        """0 when it does not run."""
        process = self.member.process
        return process.pid if process is not None and process.poll() is None else 0

    def keep(self) -> None:
        """From now on it shall run; a member that runs already is taken over."""
        self._wanted = True
        if self.member.process is None:
            self.start()
        self._task = asyncio.get_running_loop().create_task(self._watch(), name=f"keeper of {self.name}")

    def start(self) -> None:
        """Start it now."""
        if not self.pid:
            self.member.start()
            self.starts += 1

    def changed(self, **environment: str) -> None:
        """Other settings from the next start on; without any those it had at first."""
        command, plain = self._plain
        self.member.command, self.member.environment = list(command), plain | environment

    def signal(self, number: signal.Signals) -> bool:
        """Send a signal; False when it does not run."""
        return send(self.pid, number)

    def kill(self) -> bool:
        """kill -9, by us; False when it does not run."""
        self._expected = self.pid > 0
        return self.signal(signal.SIGKILL)

    async def end(self) -> int | None:
        """Have it end in order and stay away; killed when that takes too long. Its exit status."""
        self._wanted = False
        process = self.member.process
        if process is None:
            return None
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while process.poll() is None and time.monotonic() < until:
            await asyncio.sleep(LOOK)
        if process.poll() is None:
            await self._say_where()
            self.signal(signal.SIGKILL)
            await asyncio.to_thread(process.wait, STOP_SECONDS)
        self.member.process = None
        return process.returncode

    def again(self) -> None:
        """After `end`: it shall run again, from now on."""
        self._wanted = True
        self.start()

    async def close(self) -> None:
        """End it for good."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.end()

    async def healthy(self, seconds: float, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Wait until it says that it is ready; False when it does not within so many seconds."""
        return await healthy(f"http://{self.member.address}", seconds, stopped)

    def few_files(self, more: int) -> Callable[[], None]:
        """It may open only so many files more than it has; a call that takes this back."""
        pid = self.pid
        if not pid:
            return lambda: None
        with contextlib.suppress(OSError):
            before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            now = len(os.listdir(f"/proc/{pid}/fd"))
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(now + more, before[0]), before[1]))

            def back() -> None:
                with contextlib.suppress(OSError):
                    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)

            return back
        return lambda: None

    async def _say_where(self) -> None:
        """Have a process that does not end write into its log where its threads stand; that ends it."""
        self.signal(signal.SIGABRT)
        await asyncio.sleep(1.0)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            process = self.member.process
            if not self._wanted or process is None or process.poll() is None:
                continue
            expected, self._expected = self._expected, False
            if not expected:
                self._died(self, process.returncode)
            self.member.process = None
            await asyncio.sleep(PAUSE)
            if self._wanted:
                self.start()


async def healthy(url: str, seconds: float, stopped: Callable[[], bool] = lambda: False) -> bool:
    """Wait until /health says 200."""
    until = time.monotonic() + seconds
    async with httpx.AsyncClient(trust_env=False, timeout=3) as http:
        while time.monotonic() < until and not stopped():
            with contextlib.suppress(httpx.HTTPError):
                if (await http.get(f"{url}/health")).status_code == 200:
                    return True
            await asyncio.sleep(0.2)
    return False


def send(pid: int, number: signal.Signals) -> bool:
    """Send a signal to a process; False when there is none."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def children(pid: int) -> list[int]:
    """The processes that a process has started and that are there."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            if int(stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found
