"""What systemd is told, through a real datagram socket."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.operations.watchdog import Watchdog


class Manager:
    """systemd's end of the socket."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.setblocking(False)

    def heard(self) -> list[str]:
        """What has come since the last time."""
        found = []
        try:
            while True:
                found.append(self.socket.recv(4096).decode())
        except BlockingIOError:
            return found


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Manager, str]]:
    name = f"wegweiser-test-{os.getpid()}-{time.monotonic_ns()}"
    path, address = (str(tmp_path / "notify"),) * 2 if request.param == "path" else (f"\0{name}", f"@{name}")
    found = Manager(path)
    yield found, address
    found.socket.close()


def test_ready_alive_and_stopping(manager: tuple[Manager, str]) -> None:
    systemd, address = manager
    alive = True

    async def run() -> None:
        nonlocal alive
        environment = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "60000", "WATCHDOG_PID": str(os.getpid())}
        watchdog = Watchdog(lambda: alive, environment)
        assert watchdog.every == 0.02
        watchdog.start()
        assert systemd.heard() == ["READY=1"]
        await _until(lambda: len(systemd.heard()) > 0)
        await asyncio.sleep(0.1)
        assert set(systemd.heard()) == {"WATCHDOG=1"}
        alive = False
        systemd.heard()
        await asyncio.sleep(0.2)
        assert systemd.heard() == [], "no sign while the loop is not well"
        alive = True
        await _until(lambda: systemd.heard() != [])
        systemd.heard()
        time.sleep(0.3)  # the fault: somebody blocks the loop
        assert systemd.heard() == []
        watchdog.stop()
        assert "STOPPING=1" in systemd.heard()

    asyncio.run(run())


async def _until(done) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, "it took too long"
        await asyncio.sleep(0.005)


def test_without_systemd_or_for_another_process_nothing_is_sent(manager: tuple[Manager, str]) -> None:
    systemd, address = manager

    async def run() -> None:
        Watchdog(lambda: True, {}).start()
        other = Watchdog(lambda: True, {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "30000", "WATCHDOG_PID": "1"})
        other.start()
        await asyncio.sleep(0.1)

    asyncio.run(run())
    assert systemd.heard() == ["READY=1"]


def test_a_manager_that_is_gone_does_no_harm(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        watchdog = Watchdog(lambda: True, {"NOTIFY_SOCKET": str(tmp_path / "gone"), "WATCHDOG_USEC": "30000"})
        watchdog.start()
        await asyncio.sleep(0.05)

    asyncio.run(run())
    assert "systemd cannot be told" in caplog.text
