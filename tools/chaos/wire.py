"""A wire between clients and a server on loopback that loses, cuts, delays and ends early what passes over it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter

AT_ONCE = 64 * 1024
# lose: a request does not arrive. cut: an answer ends in its middle with a reset. early: it ends in its middle as if
# it were whole. delay: everything takes longer. silent: nothing passes. away: nobody listens.
# endless: instead of the server, gigabytes answer.
MODES = frozenset({"", "lose", "cut", "early", "delay", "silent", "away", "endless"})
GIGABYTES = 4 * 1024**3
DELAY = (0.2, 2.0)


class Broken(Exception):
    """The connection was ended on purpose."""


class Wire:
    """One port in front of another one. `mode` may be changed at any time; `share` of what passes is treated so.

    `done` counts what was done to connections, by mode.
    """

    def __init__(self, target: int, dice: random.Random) -> None:
        self.target, self.port, self.share = target, 0, 1.0
        self.done: Counter[str] = Counter()
        self._dice, self._mode = dice, ""
        self._changed = asyncio.Event()
        self._server: asyncio.AbstractServer | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where clients come."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def mode(self) -> str:
        """What is done to what passes, "" for nothing."""
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        if mode not in MODES:
            raise ValueError(f"no such mode: {mode}")
        self._mode = mode
        self._changed.set()
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more, and end what is open."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._connect(reader, writer)
        except (OSError, Broken, asyncio.CancelledError):
            pass  # whoever is at the other end finds out
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._treats("away"):
            return
        if self._treats("endless"):
            await self._endless(reader, writer)
            return
        there, to_there = await asyncio.open_connection("127.0.0.1", self.target)
        both = [
            asyncio.ensure_future(self._pass(reader, to_there, answers=False)),
            asyncio.ensure_future(self._pass(there, writer, answers=True)),
        ]
        try:
            # Who has said all may still listen: only when both have ended, or one has failed, it is over.
            done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            to_there.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: bool) -> None:
        while data := await reader.read(AT_ONCE):
            if self._treats("delay"):
                await asyncio.sleep(self._dice.uniform(*DELAY))
            while self._mode == "silent":
                await self._changed.wait()
            if self._mode in ("away", "endless") or (not answers and self._treats("lose")):
                raise Broken  # what was open before ends, too
            if answers and (self._treats("cut") or self._treats("early")):
                writer.write(data[: len(data) // 2])
                await writer.drain()
                if self._mode == "early" and writer.can_write_eof():
                    writer.write_eof()
                    await asyncio.sleep(0.2)  # an end, not a reset
                raise Broken
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            with contextlib.suppress(OSError):
                writer.write_eof()

    async def _endless(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Gigabytes of JSON, until the reader hangs up."""
        await reader.read(AT_ONCE)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {GIGABYTES}\r\n\r\n"
        writer.write(head.encode() + b"[")
        while self._mode == "endless":
            writer.write(b'"x",' * (AT_ONCE // 4))
            await writer.drain()

    def _treats(self, mode: str) -> bool:
        """Whether this is done now, to this one."""
        found = self._mode == mode and self._dice.random() < self.share
        self.done[mode] += found
        return found
