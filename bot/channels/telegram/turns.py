"""Whose turn it is in each chat, when several processes answer the updates of one chat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.channels.telegram.intake import Elsewhere

# An update waits so long, at most, after the one before it was answered by another process.
POLL_SECONDS = 0.05
# A chat and its updates that wait here, the first one first; which may go and how often it was begun, None for none yet.
Ask = Callable[[str, list[int]], Awaitable["tuple[int, int] | None"]]


class _Line:
    """The updates of one chat that wait in this process, and the one that is being answered."""

    def __init__(self) -> None:
        self.waiting: dict[int, asyncio.Future[int]] = {}
        self.running: int | None = None
        self.free = asyncio.Event()
        self.changed = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


class Turns:
    """One update of a chat at a time. `ask` says which; it is asked again at once when one here is done, else every 50 ms."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._lines: dict[str, _Line] = {}

    async def turn(self, chat: str, update_id: int) -> int:
        """Wait for the turn of an update; how often it was begun before. Elsewhere when it is answered there."""
        line = self._lines.get(chat)
        if line is None:
            line = self._lines[chat] = _Line()
        future = line.waiting[update_id] = asyncio.get_running_loop().create_future()
        line.changed.set()
        if line.task is None:
            line.task = asyncio.create_task(self._lead(chat, line), name="telegram chat")
        try:
            return await future
        except asyncio.CancelledError:
            line.waiting.pop(update_id, None)
            self.passed(chat, update_id)
            raise

    def passed(self, chat: str, update_id: int) -> None:
        """An update is answered: the next one may go."""
        line = self._lines.get(chat)
        if line is not None and line.running == update_id:
            line.running = None
            line.free.set()

    def drop(self, chat: str, update_id: int) -> bool:
        """An update that waits is answered elsewhere; False when it does not wait."""
        line = self._lines.get(chat)
        future = line.waiting.pop(update_id, None) if line is not None else None
        if future is not None and not future.done():
            future.set_exception(Elsewhere())
        return future is not None

    def waiting(self, chat: str) -> list[int]:
        """The updates of a chat that wait here."""
        line = self._lines.get(chat)
        return list(line.waiting) if line is not None else []

    async def close(self) -> None:
        """Nobody's turn comes any more."""
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _lead(self, chat: str, line: _Line) -> None:
        try:
            while line.waiting:
                await self._next(chat, line)
        finally:
            del self._lines[chat]

    async def _next(self, chat: str, line: _Line) -> None:
        line.changed.clear()
        first = next(iter(line.waiting))
        try:
            turn = await self._ask(chat, list(line.waiting))
        except Exception as exc:
            # such as a full disk: this one fails, and the others of the chat do not wait for ever
            future = line.waiting.pop(first, None)
            if future is not None and not future.done():
                future.set_exception(exc)
            return
        future = line.waiting.pop(turn[0], None) if turn is not None else None
        if turn is None or future is None:
            if line.waiting:
                await _wait(line.changed, POLL_SECONDS)
            return
        if future.done():
            return
        line.running = turn[0]
        line.free.clear()
        future.set_result(turn[1])
        await line.free.wait()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except asyncio.TimeoutError:
        return
