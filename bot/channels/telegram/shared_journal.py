"""The journal of several processes, in Redis: each update is answered once, by one of them, in the order of its chat.

An update belongs to the process that took it. When that one dies, or stops without having finished, another one takes
over what it left. Contents are encrypted, and deleted when they are answered; the bare number stays for a day.

While Redis is away, a process goes on alone with its own journal on disk, and hands in later what it did. Then an update
can be answered twice, once an outage: one that Telegram sends again to another process, or one whose process dies before
it could hand in. So can the one that a process was answering when it was killed, or stood still alone for longer than its lease;
nothing tells whether its answer had gone out. A chat keeps its order within a process. A Redis that comes back empty costs nothing that a living
process holds; only numbers of updates answered before are gone, which Telegram does not send again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from bot.channels.telegram import lease
from bot.channels.telegram.cluster import Cluster
from bot.channels.telegram.inbox import Inbox
from bot.channels.telegram.intake import Elsewhere, TakeUp, chat_in
from bot.channels.telegram.journal import KEPT_SECONDS, Journal
from bot.channels.telegram.scripts import DONE, TAKE, TURN
from bot.channels.telegram.turns import Turns
from bot.memory.shared import Away

logger = logging.getLogger(__name__)
KEPT = int(KEPT_SECONDS)
MOST_REMEMBERED = 10_000
LOCKS = 64
# Updates of one chat whose state is asked for at once.
LOOKED_AT = 32
TAKEN = 1


@dataclass
class _Held:
    """An update that this process answers; `alone` says that it is in the journal on disk, `shared` in Redis for sure.

    While it is `new`, nobody has been told that it is taken.
    """

    row: dict[str, Any]
    chat: str
    tries: int = 0
    new: bool = False
    shared: bool = False
    alone: bool = False


class SharedJournal:
    """The Intake of one of several processes; `local` is its own journal for while Redis is away."""

    def __init__(self, cluster: Cluster, local: Journal, inbox: Inbox) -> None:
        self._cluster = cluster
        self._local = local
        self._held: dict[int, _Held] = {}
        # Answered while Redis was away, with their chats: to be handed in.
        self._owed: OrderedDict[int, str] = OrderedDict()
        self._known: OrderedDict[int, None] = OrderedDict()
        self._turns = Turns(self._next)
        self._lease = lease.Lease(cluster, lambda: inbox.size - inbox.waiting, self._renewed, self._unsure)
        # What arrives for one chat is taken one after another, also while Redis does not answer.
        self._locks = [asyncio.Lock() for _ in range(LOCKS)]
        self._take_up: TakeUp = lambda row: False

    async def open(self, take_up: TakeUp) -> None:
        """Begin; what an earlier run took while Redis was away comes first."""
        self._take_up = take_up
        rows = self._local.pending()
        for row in rows:
            number = int(row["update_id"])
            await self._start(number, _Held(row, self._chat(row), self._local.tries(number), alone=True))
        if rows:
            logger.info("%d Telegram updates of the last run are answered now", len(rows))
        self._lease.start()

    async def take(self, row: dict[str, Any]) -> bool:
        """Take an update in, in Redis or else on disk; False when a process took it before."""
        number, held = int(row["update_id"]), _Held(row, self._chat(row), new=True)
        async with self._locks[hash(held.chat) % LOCKS]:
            if number in self._held or number in self._known:
                return False
            # before Redis is asked: it must not look like an update of a process that died
            self._held[number] = held
            fresh = False
            try:
                try:
                    await self._hand_in(self._turns.waiting(held.chat))
                    fresh = await self._share(number, held) == TAKEN
                except Away:
                    self._unsure()
                    fresh = held.alone = self._local.take(row)
            finally:
                if fresh:
                    held.new = False
                    self._remember(number)
                else:
                    del self._held[number]
            return fresh

    async def begin(self, update_id: int) -> int:
        """Wait for its turn; how often it was begun before. Elsewhere when another process has it."""
        held = self._held.get(update_id)
        if held is None:
            raise Elsewhere
        return await self._turns.turn(held.chat, update_id)

    async def done(self, update_id: int) -> None:
        """Forget what was in an update; nothing when that has happened."""
        held = self._held.get(update_id)
        if held is None:
            return
        try:
            try:
                await self._cluster.script(DONE, update_id, held.chat, KEPT)
            except Away:
                self._owed[update_id] = held.chat
                if len(self._owed) > MOST_REMEMBERED:
                    self._owed.popitem(last=False)
            if held.alone:
                self._local.done(update_id)
        finally:
            self._held.pop(update_id, None)
            self._turns.passed(held.chat, update_id)

    def drain(self) -> None:
        """Take nothing over any more."""
        self._lease.draining = True

    async def close(self) -> None:
        """End; what is not answered is left to the others at once."""
        await self._lease.stop()
        await self._turns.close()
        try:
            await self._pay()
            await self._lease.leave()
        except Away:
            logger.warning("Redis is away: what this process did not answer is taken over when its lease has ended")

    def _chat(self, row: dict[str, Any]) -> str:
        """The chat of an update as Redis knows it; an update without one stands in a line of its own."""
        chat = chat_in(row)
        return self._cluster.alias(f"chat:{chat}" if chat is not None else f"update:{row['update_id']}")

    def _remember(self, number: int) -> None:
        self._known[number] = None
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)

    async def _start(self, number: int, held: _Held) -> None:
        """Answer an update that was taken earlier; one that this version cannot read is forgotten."""
        self._held[number] = held
        self._remember(number)
        if not self._take_up(held.row):
            await self.done(number)

    async def _share(self, number: int, held: _Held) -> int:
        """Write an update into Redis: TAKEN, 2 when it was there for this process, 0 when another one took it."""
        content, milliseconds = self._local.close_up(held.row), int(lease.SECONDS * 1000)
        values = (number, held.chat, self._cluster.process, content, held.tries, milliseconds, KEPT)
        state = int(await self._cluster.script(TAKE, *values))
        held.shared = state > 0
        return state

    async def _hand_in(self, numbers: list[int]) -> None:
        """Bring what is not in Redis there; what waits and another process took is dropped."""
        for number in numbers:
            held = self._held.get(number)
            if held is not None and not held.shared and not held.new and await self._share(number, held) == 0:
                self._drop(number)

    def _unsure(self) -> None:
        """Redis is away: it may come back empty."""
        for held in self._held.values():
            held.shared = False

    def _drop(self, number: int) -> None:
        held = self._held.get(number)
        if held is not None and self._turns.drop(held.chat, number):
            del self._held[number]
            if held.alone:
                self._local.done(number)

    async def _next(self, chat: str, numbers: list[int]) -> tuple[int, int] | None:
        """Whose turn it is in a chat; while Redis is away, the one that has waited here for longest."""
        over = int(self._lease.may_take_over)
        try:
            await self._hand_in(numbers)
            answer = await self._cluster.script(TURN, self._cluster.process, chat, over, LOOKED_AT, *numbers)
            what, head, tries, gone, lost = answer
            if what == b"ours":
                await self._take_over([int(head)])
        except Away:
            self._unsure()
            return self._alone(numbers)
        for number in map(int, gone):
            self._drop(number)
        for number in map(int, lost):
            if number in self._held:
                self._held[number].shared = False
        return (int(head), int(tries)) if what == b"go" else None

    def _alone(self, numbers: list[int]) -> tuple[int, int] | None:
        number = next((n for n in numbers if n in self._held), None)
        if number is None:
            return None
        held = self._held[number]
        if not held.alone:
            self._local.take(held.row)
            held.alone = True
        held.tries = max(held.tries, self._local.begin(number))
        return number, held.tries

    async def _renewed(self, owned: list[int]) -> None:
        await self._pay()
        await self._hand_in(list(self._held))
        strange = [number for number in owned if number not in self._held and number not in self._owed]
        if strange and not self._lease.draining:
            await self._take_over(strange)

    async def _pay(self) -> None:
        """Hand in what was answered while Redis was away."""
        for number, chat in list(self._owed.items()):
            await self._cluster.script(DONE, number, chat, KEPT)
            self._owed.pop(number, None)

    async def _take_over(self, numbers: list[int]) -> None:
        """Answer updates that are this process's now and were another's."""
        found = 0
        for number in numbers:
            content, chat, tries = await self._cluster.ask("HMGET", f"update:{number}", "content", "chat", "tries")
            if content is None or number in self._held or number in self._owed:
                continue  # answered meanwhile
            row = self._local.open_up(content)
            found += row is not None
            await self._start(number, _Held(row or {}, chat.decode(), int(tries), shared=True))
        if found:
            logger.info("%d Telegram updates of a process that has gone are answered here", found)
