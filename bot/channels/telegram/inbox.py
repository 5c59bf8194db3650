"""Order and limits of updates on their way in: a bounded inbox, one update at a time for each chat."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.channels.telegram.intake import Intake

# Updates taken in and not yet answered from which on text and cards go as one message.
BUSY = 5
# And from which on nobody is shown that an answer is being written.
CROWDED = 2
# So many emergencies are taken in when nothing else is.
RESERVE = 128


class Inbox(asyncio.Queue[object]):
    """The Application's update queue, bounded by updates that are taken in and not yet answered.

    While many wait it is noted which chats tell of an emergency, as `is_urgent` says: they go first, and are taken in when
    there is no room for others.

    python-telegram-bot takes updates out of its queue at once and keeps them as tasks, so a `maxsize`
    would never be reached. Its own stop signal is put past the limit, so stopping works when full.
    """

    def __init__(self, size: int = 512) -> None:
        super().__init__()
        self.size = size
        self.waiting = 0
        self.is_urgent: Callable[[Update], bool] = lambda update: False
        self._urgent: dict[int, int] = {}  # updates and their chats
        self._hurried: Counter[int] = Counter()
        self._room = asyncio.Event()

    def put_nowait(self, item: object) -> None:
        """Add without looking at the limit; `asyncio.Queue.put` ends here too."""
        super().put_nowait(item)
        self.waiting += 1
        if self.crowded and isinstance(item, Update):
            self._look_at(item)

    def _look_at(self, update: Update) -> None:
        chat = update.effective_chat
        if chat is not None and update.update_id not in self._urgent and self.is_urgent(update):
            self._urgent[update.update_id] = chat.id
            self._hurried[chat.id] += 1

    def task_done(self) -> None:
        """One update is answered."""
        super().task_done()
        self.waiting -= 1
        self._room.set()

    def answered(self, update: Update) -> None:
        """An update is answered, or somewhere else."""
        chat = self._urgent.pop(update.update_id, None)
        if chat is not None:
            self._hurried[chat] -= 1
            if not self._hurried[chat]:
                del self._hurried[chat]

    def hurried(self, chat: int) -> bool:
        """True when an emergency waits in a chat: what comes before it there goes first, too."""
        return chat in self._hurried

    @property
    def overfull(self) -> bool:
        """True when no more updates are taken in, except emergencies."""
        return self.waiting >= self.size

    def takes(self, update: Update | None) -> bool:
        """Whether an update is taken in now."""
        if not self.overfull:
            return True
        return update is not None and self.waiting < self.size + RESERVE and self.is_urgent(update)

    @property
    def busy(self) -> bool:
        """True when so many wait that answers should be as few messages as possible."""
        return self.waiting > BUSY

    @property
    def crowded(self) -> bool:
        """True when an answer is sooner there without a sign that it is coming."""
        return self.waiting > CROWDED

    async def room(self, update: Update | None = None) -> None:
        """Wait until there is room for an update."""
        while not self.takes(update):
            self._room.clear()
            await self._room.wait()


class SerialPerChat(BaseUpdateProcessor):
    """Updates of one chat one after another in the order they came, different chats side by side."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._last: dict[int, asyncio.Event] = {}

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the update of the same chat that came just before, then run this one."""
        chat = update.effective_chat if isinstance(update, Update) else None
        if chat is None:
            await coroutine
            return
        before, mine = self._last.get(chat.id), asyncio.Event()
        self._last[chat.id] = mine
        try:
            if before is not None:
                await before.wait()
            await coroutine
        finally:
            mine.set()
            if self._last.get(chat.id) is mine:
                del self._last[chat.id]


class SideBySide(BaseUpdateProcessor):
    """Every update at once: the intake of several processes says whose turn it is in a chat.

    There is no limit here: one that is taken over and comes first in its chat must not stand behind those that wait for it.
    """

    def __init__(self, intake: Intake) -> None:
        super().__init__(1_000_000)
        self._intake = intake

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Run, and see to it that the next one of the chat may go, whatever became of this one."""
        await coroutine
        if isinstance(update, Update):
            await self._intake.done(update.update_id)
