"""Messages of a person that wait, in memory, for the conversation they are meant for; and who waits for them."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.channels.web.protocol import encode

LARGEST = 64 * 1024  # bytes of one message


class Crowded(Exception):
    """There is no room for one more reader; `everywhere` tells whether the whole server is full or only this place."""

    def __init__(self, everywhere: bool) -> None:
        super().__init__("too many readers")
        self.everywhere = everywhere


@dataclass(slots=True)
class _Message:
    number: int
    reply: dict[str, Any]
    size: int  # bytes of its JSON
    until: float  # seconds of the clock


@dataclass(slots=True)
class _Box:
    messages: deque[_Message] = field(default_factory=deque)
    size: int = 0
    last: int = 0  # the largest number given


class Mailbox:
    """At most `messages` of each of `conversations`, all together at most `most_bytes`, each for `seconds`.

    Reading takes nothing away: whoever lost an answer asks again with the same number. Numbers begin at the
    milliseconds of the clock, so that those given after a restart are larger than those shown before it. Should
    the clock have gone back meanwhile, a reader names a number that was never given here, and gets everything.
    All methods belong into the server's event loop. Nothing is shared between processes: with Redis there is no
    talking with a person (bot/settings.py), so that nobody waits at another process.
    """

    def __init__(
        self,
        conversations: int = 1000,
        messages: int = 100,
        most_bytes: int = 8 * 1024 * 1024,
        seconds: float = 24 * 3600.0,
        *,
        readers: int = 2,
        all_readers: int = 200,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._boxes: OrderedDict[str, _Box] = OrderedDict()  # those written to last stand at the end
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}
        self._conversations, self._messages, self._most_bytes = conversations, messages, most_bytes
        self._seconds, self._clock = seconds, clock
        self._readers, self._all_readers = readers, all_readers
        self._bytes = 0
        self._count = 0
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._boxes)

    @property
    def kept_bytes(self) -> int:
        """Bytes of all messages."""
        return self._bytes

    @property
    def waiting(self) -> int:
        """How many readers wait."""
        return self._count

    def put(self, conversation: str, reply: dict[str, Any]) -> bool:
        """Keep one reply and tell the readers; False when it is larger than 64 KiB. The oldest ones make room."""
        size = len(encode(reply))
        if size > min(LARGEST, self._most_bytes):
            return False
        self.sweep()
        box = self._boxes.setdefault(conversation, _Box())
        self._boxes.move_to_end(conversation)
        now = self._clock()
        box.last = max(box.last + 1, int(now * 1000))
        box.messages.append(_Message(box.last, reply, size, now + self._seconds))
        box.size += size
        self._bytes += size
        while len(box.messages) > self._messages:
            self._drop_first(box)
        while len(self._boxes) > self._conversations or self._bytes > self._most_bytes:
            oldest = next(iter(self._boxes))
            if oldest == conversation:
                self._drop_first(box)
            else:
                self._drop(oldest)
        self._arm()
        self.wake(conversation)
        return True

    def since(self, conversation: str, after: int = 0) -> list[dict[str, Any]]:
        """The messages with a number above `after`, as `{"number": n, "reply": {...}}`, the oldest first."""
        box = self._boxes.get(conversation)
        if box is None:
            return []
        now = self._clock()
        known = after if after <= box.last else 0
        return [{"number": m.number, "reply": m.reply} for m in box.messages if m.number > known and m.until > now]

    async def wait(self, conversation: str, after: int, seconds: float) -> list[dict[str, Any]]:
        """The messages above `after`, waiting for the first one; [] after `seconds`, or when the reader is woken.

        Crowded when there are too many readers already and nothing to read at once.
        """
        found = self.since(conversation, after)
        if found or seconds <= 0 or self._closed:
            return found
        waiting = self._waiting.get(conversation, set())
        if self._count >= self._all_readers:
            raise Crowded(everywhere=True)
        if len(waiting) >= self._readers:
            raise Crowded(everywhere=False)
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(conversation, set()).add(woken)
        self._count += 1
        try:
            await asyncio.wait({woken}, timeout=seconds)
        finally:  # also when the client is gone, which cancels this
            self._count -= 1
            waiting = self._waiting[conversation]
            waiting.discard(woken)
            if not waiting:
                del self._waiting[conversation]
        return self.since(conversation, after)

    def wake(self, conversation: str) -> None:
        """Let the readers of a conversation look again now, such as when the person left."""
        for woken in self._waiting.get(conversation, ()):
            if not woken.done():
                woken.set_result(None)

    def forget(self, conversation: str) -> None:
        """Drop all messages of a conversation; nobody waits for more of them."""
        if conversation in self._boxes:
            self._drop(conversation)
        self.wake(conversation)

    def sweep(self) -> None:
        """Drop what is past its time."""
        now = self._clock()
        for conversation, box in list(self._boxes.items()):
            while box.messages and box.messages[0].until <= now:
                self._drop_first(box)
            if not box.messages:
                self._drop(conversation)

    def close(self) -> None:
        """The server stops: nobody waits any longer, and no timer stays."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for conversation in list(self._waiting):
            self.wake(conversation)

    def _drop_first(self, box: _Box) -> None:
        size = box.messages.popleft().size
        box.size -= size
        self._bytes -= size

    def _drop(self, conversation: str) -> None:
        self._bytes -= self._boxes.pop(conversation).size

    def _arm(self) -> None:
        """One timer, so that a quiet server forgets too."""
        if self._timer is None and self._boxes and not self._closed:
            loop = asyncio.get_running_loop()
            first = min(box.messages[0].until for box in self._boxes.values())
            self._timer = loop.call_later(max(0.0, first - self._clock()) + 0.01, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        self.sweep()
        self._arm()
