"""One message of a conversation at a time, whichever process has it, in the order they came.

The line of a conversation stands in Redis. Who is in it says so again and again; one who no longer does was killed, and
is passed over. While Redis is away, the line is that of the process alone.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore

from bot.memory.shared import Away, Shared

logger = logging.getLogger(__name__)
POLL_SECONDS = 0.02
# A killed process frees its conversations after this long; it renews its leases several times in between.
LEASE_SECONDS = 5.0
RENEW_SECONDS = 1.0
# As long a process that waits may be silent before others pass it.
SILENT_SECONDS = 3.0
ABANDONED = 10_000

# KEYS: the tokens in line, and until when each is believed to live, in milliseconds.
# ARGV: lease, silence; number of tokens that leave; those; who holds the lock here or ''; who waits here...
# Returns whose turn it is. A head that is ours gets a full lease: it may begin as soon as it hears of it.
_LINE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease, silence, leaving = now + ARGV[1], now + ARGV[2], tonumber(ARGV[3])
for i = 4, 3 + leaving do
  redis.call('LREM', KEYS[1], 0, ARGV[i])
  redis.call('HDEL', KEYS[2], ARGV[i])
end
local holder = ARGV[4 + leaving]
if holder ~= '' and redis.call('HEXISTS', KEYS[2], holder) == 1 then redis.call('HSET', KEYS[2], holder, lease) end
local ours = {}
for i = 5 + leaving, #ARGV do
  if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 0 then redis.call('RPUSH', KEYS[1], ARGV[i]) end
  redis.call('HSET', KEYS[2], ARGV[i], silence)
  ours[ARGV[i]] = true
end
local head = redis.call('LINDEX', KEYS[1], 0)
while head and tonumber(redis.call('HGET', KEYS[2], head) or 0) <= now do
  redis.call('LPOP', KEYS[1])
  redis.call('HDEL', KEYS[2], head)
  head = redis.call('LINDEX', KEYS[1], 0)
end
if not head then return '' end
if ours[head] then redis.call('HSET', KEYS[2], head, lease) end
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[1])
redis.call('PEXPIRE', KEYS[2], 2 * ARGV[1])
return head
"""


@dataclass
class _Line:
    """Those of this process who wait for a conversation, in their order, and the one who has it."""

    conversation: str
    poll: float
    waiting: dict[str, asyncio.Future[None]] = field(default_factory=dict)
    holder: str = ""
    until: float = 0.0
    lifetimes: dict[str, float] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def serve(self, head: str | None) -> None:
        """It is this one's turn, if he is ours; without Redis, the next one's."""
        if self.holder or not self.waiting:
            return
        token = next(iter(self.waiting)) if head is None else head
        turn = self.waiting.pop(token, None)
        if turn is not None:
            self.holder, self.until = token, time.monotonic() + self.lifetimes[token]
            if not turn.done():
                turn.set_result(None)


class RedisLocks(LockStore):
    """Rasa asks a lock store for nothing but `lock`; the tickets of its own stores are not used."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._lines: dict[str, _Line] = {}
        self._asking: set[asyncio.Task[None]] = set()
        # Those who left while Redis was away: it would wait for them until their lease ends.
        self._abandoned: OrderedDict[str, list[str]] = OrderedDict()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = POLL_SECONDS,
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the conversation; LockError when its turn does not come within `lock_lifetime` seconds.

        After as long others may have it, whether it was given back or not.
        """
        line = self._lines.get(conversation_id)
        if line is None:
            line = self._lines[conversation_id] = _Line(conversation_id, wait_time_in_seconds)
        token, turn = uuid.uuid4().hex, asyncio.get_running_loop().create_future()
        line.waiting[token], line.lifetimes[token] = turn, lock_lifetime
        self._asked(line)
        try:
            await _come(turn, conversation_id, lock_lifetime)
            yield TicketLock(conversation_id)
        finally:
            line.waiting.pop(token, None)
            line.lifetimes.pop(token, None)
            if line.holder == token:
                line.holder = ""
            # Whoever waits must hear that it is free, even when this one is cancelled.
            await asyncio.shield(self._asked(line, token))

    def is_someone_waiting(self, conversation_id: str) -> bool:
        """Whether another message of the conversation waits in this process."""
        line = self._lines.get(conversation_id)
        return line is not None and bool(line.waiting)

    def _asked(self, line: _Line, leaving: str = "") -> asyncio.Task[None]:
        """Never cancelled with a message: what Redis was told of it must come in the right order."""
        task = asyncio.get_running_loop().create_task(self._ask(line, leaving))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        return task

    async def _ask(self, line: _Line, leaving: str) -> None:
        """Say who of us is in line and who leaves; serve whose turn it is."""
        async with line.asking:
            gone = [*self._abandoned.pop(line.conversation, ()), *([leaving] if leaving else [])]
            line.serve(await self._head(line, gone))
            self._plan(line)

    async def _head(self, line: _Line, gone: list[str]) -> str | None:
        """Whose turn it is; None when Redis is away."""
        key = self._shared.key("lock", line.conversation)
        given: list[Any] = [int(LEASE_SECONDS * 1000), int(SILENT_SECONDS * 1000), len(gone), *gone]
        given += [line.holder, *line.waiting]
        try:
            answer = await self._shared.run(
                lambda redis: redis.register_script(_LINE)(keys=[key, f"{key}:alive"], args=given)
            )
        except Away:
            if gone:
                self._abandon(line.conversation, gone)
            return None
        return str(answer.decode())

    def _abandon(self, conversation: str, tokens: list[str]) -> None:
        self._abandoned[conversation] = [*self._abandoned.get(conversation, ()), *tokens][-20:]
        while len(self._abandoned) > ABANDONED:
            self._abandoned.popitem(last=False)

    def _plan(self, line: _Line) -> None:
        """When to ask next: soon while another process has the conversation, else only to show that we live."""
        if line.timer is not None:
            line.timer.cancel()
            line.timer = None
        if not line.waiting and not line.holder:
            if self._lines.get(line.conversation) is line:
                del self._lines[line.conversation]
            return
        delay = RENEW_SECONDS if line.holder else line.poll
        line.timer = asyncio.get_running_loop().call_later(delay, self._again, line)

    def _again(self, line: _Line) -> None:
        late = ""
        if line.holder and time.monotonic() > line.until:
            logger.warning("a message holds its conversation for too long: the next one is answered")
            late, line.holder = line.holder, ""
        self._asked(line, late)


async def _come(turn: asyncio.Future[None], conversation: str, seconds: float) -> None:
    try:
        await asyncio.wait_for(turn, seconds)
    except asyncio.TimeoutError:
        raise LockError(f"Could not acquire lock for conversation_id '{conversation}'.") from None
