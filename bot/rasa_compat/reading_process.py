"""Messages are read in a process of their own, so that two cores answer more than one.

Python lets one thread work at a time: understanding a message and answering another one would take turns. Rasa can ask
another server to read (`http_interpreter`); a pair of sockets costs a twentieth of HTTP, needs no port, and ends with
the process. What cannot be read there is read here: slower, and otherwise the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import subprocess
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)
# Longer than any parse data.
LONGEST = 4 * 1024 * 1024
PATIENCE = 10.0
START_SECONDS = 120.0
# Between two starts of a process that ended, doubled each time.
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
END_SECONDS = 5.0


class Unavailable(ConnectionError):
    """The process does not read this message."""


class ModelCopy:
    """A checked model as an open file without a name: it stays what it was, whatever lies at the model's place later."""

    def __init__(self, path: Path, sha256: str) -> None:
        self._file = path.open("rb")
        self.sha256 = sha256

    @property
    def descriptor(self) -> int:
        """Of the open file, which ends with this object."""
        return self._file.fileno()

    @property
    def path(self) -> Path:
        """Where this process, or another one with the same descriptor, can open it."""
        return path_of(self.descriptor)


def path_of(descriptor: int) -> Path:
    """The address of an open file of this process."""
    return Path(f"/proc/self/fd/{descriptor}")


class Child:
    """One reading process, started by a command with the descriptors of its socket and of its model behind it."""

    def __init__(self, command: Sequence[str], copy: ModelCopy) -> None:
        """OSError when it cannot be started."""
        self._ours, theirs = socket.socketpair()
        with theirs:
            given = (theirs.fileno(), copy.descriptor)
            self._process = subprocess.Popen([*command, *map(str, given)], pass_fds=given, stdin=subprocess.DEVNULL)
        self.sha256 = copy.sha256
        self.ready = False
        self._ids = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def open(self) -> None:
        """Talk to it in the running event loop."""
        self._changed = asyncio.Event()
        self.ended = asyncio.Event()
        # A copy: closing it at the end of this loop leaves the connection to the next one.
        stream, self._writer = await asyncio.open_unix_connection(sock=self._ours.dup(), limit=LONGEST)
        self._listening = asyncio.create_task(self._listen(stream))

    async def leave(self) -> None:
        """Stop talking to it in this event loop; it goes on."""
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
        if self._writer is not None:
            self._writer.close()
        self._listening = self._writer = None

    async def until_ready(self, seconds: float = START_SECONDS) -> bool:
        """Whether it is ready, waiting for that; False when it has ended or took longer."""
        with contextlib.suppress(asyncio.TimeoutError):
            while not self.ready and not self.ended.is_set():
                await asyncio.wait_for(self._changed.wait(), seconds)
                self._changed.clear()
        return self.ready and not self.ended.is_set()

    async def read(self, text: str, metadata: dict[str, Any], patience: float = PATIENCE) -> dict[str, Any]:
        """The parse data of a message; Unavailable when it does not come. A process that keeps silent is ended."""
        if self._writer is None or self.ended.is_set():
            raise Unavailable("the reading process has ended")
        self._ids += 1
        number = self._ids
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(json.dumps({"id": number, "text": text, "metadata": metadata}).encode() + b"\n")
            found = await asyncio.wait_for(future, patience)
        except asyncio.TimeoutError:
            logger.warning("the reading process does not answer and is ended")
            self._process.kill()
            raise Unavailable("the reading process does not answer") from None
        finally:
            self._waiting.pop(number, None)
        if "parsed" not in found:
            raise Unavailable(f"the reading process failed ({found.get('failed')})")
        return dict(found["parsed"])

    async def retire(self) -> None:
        """Let it finish what it has, then end it."""
        for _ in range(int(PATIENCE * 10)):
            if not self._waiting:
                break
            await asyncio.sleep(0.1)
        await self.leave()
        await asyncio.to_thread(self.end)

    def end(self) -> None:
        """It ends by itself once nobody talks to it, and is killed when it does not, or is still loading."""
        self._ours.close()
        if not self.ready:
            self._process.kill()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        try:
            while line := await stream.readline():
                content = json.loads(line)
                if content.get("ready"):
                    self.ready = True
                    self._changed.set()
                    continue
                future = self._waiting.pop(content["id"], None)
                if future is not None and not future.done():
                    future.set_result(content)
        except (OSError, ValueError) as exc:  # cut off in the middle of a line
            logger.warning("what the reading process says cannot be read (%s)", type(exc).__name__)
            self._process.kill()
        self.ready = False
        self.ended.set()
        self._changed.set()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(Unavailable("the reading process has ended"))


class Reading:
    """Keeps one reading process going: begins it anew when it ends, and exchanges it for a new model.

    `when_ready` is called each time a process is ready: what this process loaded to read itself may go.
    """

    def __init__(self, command: Sequence[str], copy: ModelCopy, when_ready: Callable[[], object] | None = None) -> None:
        """Starts the first process, which gets ready while this one loads its own part; OSError when it cannot."""
        self._command = tuple(command)
        self.copy = copy
        self._when_ready = when_ready
        self._spares: weakref.WeakSet[ModelReading] = weakref.WeakSet()
        self.child = Child(self._command, copy)
        self._watching: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None

    def of(self, copy: ModelCopy) -> ModelReading:
        """What reads messages with this model."""
        found = ModelReading(self, copy)
        self._spares.add(found)
        return found

    def forget_spares(self) -> None:
        """Give the memory of what was read here back, once there is a process that reads."""
        if self.child.ready:
            for spare in self._spares:
                spare.forget()
            if self._when_ready is not None:
                self._when_ready()

    async def open(self) -> bool:
        """Talk to the process in the running event loop, and wait until it is ready; whether it is."""
        await self.child.open()
        ready = await self.child.until_ready()
        if not ready:
            logger.warning("the reading process does not start: messages are read in this one, which is slower")
        return ready

    async def leave(self) -> None:
        """The event loop ends; the process goes on."""
        await self.child.leave()

    async def watch(self) -> None:
        """Talk to it in the running event loop from now on, and begin it anew whenever it ends."""
        await self.child.open()
        self._watching = asyncio.create_task(self._watch())

    def renew(self, copy: ModelCopy) -> None:
        """Another model was taken over: a process that reads with it takes the place of this one once it is ready."""
        self.copy = copy
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())

    async def close(self) -> None:
        """End the process."""
        for task in (self._watching, self._renewing):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        self._watching = self._renewing = None
        await self.child.leave()
        await asyncio.to_thread(self.child.end)

    async def _watch(self) -> None:
        wait = FIRST_WAIT
        while True:
            child = self.child
            if await child.until_ready():
                self.forget_spares()
                wait = FIRST_WAIT
            await child.ended.wait()
            if self.child is not child:  # exchanged
                continue
            logger.warning("the reading process has ended: messages are read in this one until the next is ready")
            await child.leave()
            await asyncio.to_thread(child.end)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
            await self._begin()

    async def _begin(self) -> None:
        while True:
            try:
                fresh = await asyncio.to_thread(Child, self._command, self.copy)
                break
            except OSError as exc:  # no memory, too many processes
                logger.warning("the reading process cannot be started (%s)", type(exc).__name__)
                await asyncio.sleep(LONGEST_WAIT)
        await fresh.open()
        self.child = fresh

    async def _renew(self) -> None:
        while self.child.sha256 != self.copy.sha256:
            try:
                fresh = await asyncio.to_thread(Child, self._command, self.copy)
            except OSError:
                break
            await fresh.open()
            if not await fresh.until_ready():
                await fresh.retire()
                break
            old, self.child = self.child, fresh
            self.forget_spares()
            await old.retire()
            old.ended.set()
        else:
            return
        logger.warning("there is no reading process for the new model: messages are read in this one, which is slower")


class ModelReading:
    """Reads messages with one model: in the other process while that one has this model, otherwise here."""

    def __init__(self, reading: Reading, copy: ModelCopy) -> None:
        from bot.rasa_compat.nlu_only import Spare

        self._reading, self.copy = reading, copy
        self._spare = Spare(copy)

    async def read(self, text: str, metadata: dict[str, Any]) -> dict[str, Any]:
        """The parse data of a message."""
        child = self._reading.child
        if child.ready and child.sha256 == self.copy.sha256:
            with contextlib.suppress(Unavailable):
                return await child.read(text, metadata)
        from bot.nlu.reader import read

        return await read(partial(self._spare.parse, text, metadata))

    def forget(self) -> None:
        """What was loaded to read here is not needed for now."""
        self._spare.forget()
