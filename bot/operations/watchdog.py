"""Tells systemd that the server is up, that it is alive, and that it ends: sd_notify(3), of which a datagram is enough."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)
ALIVE = "WATCHDOG=1"
PATIENCE_SECONDS = 1.0


class Watchdog:
    """Without NOTIFY_SOCKET, as outside of systemd, it does nothing.

    `alive` is asked before each sign of life. Signs are sent by the event loop itself, three times within WATCHDOG_USEC:
    one that stands still sends none, and systemd starts the service anew.
    """

    def __init__(self, alive: Callable[[], bool], environment: Mapping[str, str] | None = None) -> None:
        env = os.environ if environment is None else environment
        self._alive = alive
        self._address = env.get("NOTIFY_SOCKET", "")
        own = env.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        microseconds = env.get("WATCHDOG_USEC", "")
        self.every = int(microseconds) / 3e6 if own and microseconds.isdigit() else 0.0
        self._task: asyncio.Task[None] | None = None
        self._failed = False

    def start(self) -> None:
        """The port is open; from now on signs of life are sent. In the event loop."""
        self._tell("READY=1")
        if self._address and self.every:
            self._task = asyncio.get_running_loop().create_task(self._go_on())

    def stop(self) -> None:
        """The server ends; answers under way may take a while, and so signs of life go on."""
        self._tell("STOPPING=1")

    async def _go_on(self) -> None:
        while True:
            if self._alive():
                self._tell(ALIVE)
            await asyncio.sleep(self.every)

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                # A sign of life may be lost, the others may not: they wait for room in the socket.
                sender.settimeout(0.0 if message == ALIVE else PATIENCE_SECONDS)
                sender.sendto(message.encode(), address)
        except OSError as exc:
            if not self._failed:
                logger.warning("systemd cannot be told: %s", exc.strerror)
            self._failed = True
