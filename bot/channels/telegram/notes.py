"""What the channel remembers beside updates: long payloads of buttons, numbers of our messages, what was said once."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import Protocol

from bot.channels import gate
from bot.channels.telegram.buttons import KEPT, Store
from bot.channels.telegram.cluster import Cluster
from bot.channels.telegram.journal import KEPT_SECONDS, Journal
from bot.channels.telegram.scripts import KEEP_SENT, TAKE_SENT
from bot.memory.shared import Away

logger = logging.getLogger(__name__)
SENT_SECONDS = int(2 * KEPT_SECONDS)
# A button that nobody was shown for so long does nothing any more.
PAYLOAD_SECONDS = 90 * 86_400
ONCE_SECONDS = 300
MOST_REMEMBERED = 10_000


class Notes(Store, Protocol):
    """Payloads are written and read at once, in memory; `settle` and `fetch` bring them to all processes and from them."""

    async def settle(self) -> None:
        """Before buttons are shown: every process can read them then."""

    async def fetch(self, data: str) -> None:
        """Before a button's data are read: its payload is here then."""

    async def keep_sent(self, chat: str, message: int) -> None:
        """Remember the number of a message of ours in a chat (by its pseudonym), so that it can be hidden."""

    async def take_sent(self, chat: str) -> tuple[list[int], bool]:
        """The numbers of our messages of the last two days, the newest first, which are forgotten with this; whether
        these are all that can be had."""

    def forget(self, chat: str) -> None:
        """Forget the numbers of our messages in a chat."""

    async def first_time(self, name: str) -> bool:
        """True once for each name, for some minutes at least."""

    async def close(self) -> None:
        """End what is under way."""


class OwnNotes:
    """In the journal on disk, for a process that serves alone."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._told = gate.Seen()
        self.keep_payload, self.payload = journal.keep_payload, journal.payload

    async def settle(self) -> None:
        """They are on disk."""

    async def fetch(self, data: str) -> None:
        """They are on disk."""

    async def keep_sent(self, chat: str, message: int) -> None:
        """See Notes."""
        self._journal.keep_sent(chat, message)

    async def take_sent(self, chat: str) -> tuple[list[int], bool]:
        """See Notes."""
        return self._journal.take_sent(chat), True

    def forget(self, chat: str) -> None:
        """See Notes."""
        self._journal.take_sent(chat)

    async def first_time(self, name: str) -> bool:
        """See Notes."""
        return self._told.first_time(name)

    async def close(self) -> None:
        """Nothing is under way."""


class SharedNotes:
    """In Redis, and while it is away in the process's own journal.

    A number that is in Redis cannot be had then: `take_sent` says so. What is to be forgotten is forgotten when Redis is back.
    """

    def __init__(self, cluster: Cluster, local: Journal) -> None:
        self._cluster = cluster
        self._local = local
        self._told = gate.Seen()
        self._payloads: OrderedDict[str, str] = OrderedDict()
        self._unsettled: dict[str, str] = {}
        self._to_forget: OrderedDict[str, None] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        cluster.shared.on_back.append(self._hand_in)

    def keep_payload(self, key: str, payload: str) -> None:
        """Remember a payload here; `settle` writes it down."""
        self._unsettled[key] = payload
        self._know(key, payload)

    def payload(self, key: str) -> str:
        """The payload of a key when it is known here, "" for none."""
        return self._payloads.get(key) or self._local.payload(key)

    async def settle(self) -> None:
        """See Notes."""
        for key, payload in list(self._unsettled.items()):
            try:
                await self._cluster.ask("SET", f"button:{key}", payload, "EX", PAYLOAD_SECONDS)
            except Away:
                self._local.keep_payload(key, payload)
                if len(self._unsettled) <= MOST_REMEMBERED:
                    continue  # `_hand_in` tries again
            self._unsettled.pop(key, None)

    async def fetch(self, data: str) -> None:
        """See Notes."""
        if data.startswith(KEPT) and not self.payload(data):
            try:
                found = await self._cluster.ask("GET", f"button:{data}")
            except Away:
                return
            if found:
                self._know(data, found.decode())

    async def keep_sent(self, chat: str, message: int) -> None:
        """See Notes."""
        try:
            await self._cluster.script(KEEP_SENT, chat, message, SENT_SECONDS)
        except Away:
            self._local.keep_sent(chat, message)

    async def take_sent(self, chat: str) -> tuple[list[int], bool]:
        """See Notes."""
        numbers = self._local.take_sent(chat)
        try:
            numbers += map(int, await self._cluster.script(TAKE_SENT, chat, SENT_SECONDS))
        except Away:
            return numbers, False
        return sorted(numbers, reverse=True), True

    def forget(self, chat: str) -> None:
        """Forget the numbers here at once and in Redis within moments, or when it is back."""
        self._local.take_sent(chat)
        self._to_forget[chat] = None
        if len(self._to_forget) > MOST_REMEMBERED:
            self._to_forget.popitem(last=False)
        task = asyncio.get_running_loop().create_task(self._hand_in())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def first_time(self, name: str) -> bool:
        """See Notes."""
        try:
            return bool(
                await self._cluster.ask("SET", f"told:{self._cluster.alias(name)}", "", "NX", "EX", ONCE_SECONDS)
            )
        except Away:
            return self._told.first_time(name)

    async def close(self) -> None:
        """End what is under way."""
        if self._hand_in in self._cluster.shared.on_back:
            self._cluster.shared.on_back.remove(self._hand_in)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _know(self, key: str, payload: str) -> None:
        self._payloads[key] = payload
        if len(self._payloads) > MOST_REMEMBERED:
            self._payloads.popitem(last=False)

    async def _hand_in(self) -> None:
        """Forget in Redis what is to be forgotten, and write down what was kept while it was away."""
        try:
            for chat in list(self._to_forget):
                await self._cluster.script(TAKE_SENT, chat, SENT_SECONDS)
                self._to_forget.pop(chat, None)
        except Away:
            return
        await self.settle()
