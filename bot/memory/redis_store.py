"""Conversations in Redis: any process may take the next message, and while Redis is away each goes on with its copies."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from rasa.core.brokers.broker import EventBroker
from rasa.shared.core.domain import Domain

from bot.memory.conversations import Conversations
from bot.memory.copies import COPY_SECONDS, HEADER, Copies, Kept
from bot.memory.shared import Away, Shared

if TYPE_CHECKING:
    from redis.asyncio import Redis

logger = logging.getLogger(__name__)
ROOM = "conversation"
AT_ONCE = 100
# Kept.outlives: only what remains of both is written. A process that was cut off neither overwrites what was said
# meanwhile, nor brings back what was forgotten.
_KEEP = f"""
local head = redis.call('GETRANGE', KEYS[1], 0, {HEADER - 1})
local since, version = tonumber(head:sub(1, {HEADER // 2})), tonumber(head:sub({HEADER // 2 + 1}))
if since and version then
  local my_since, my_version = tonumber(ARGV[1]:sub(1, {HEADER // 2})), tonumber(ARGV[1]:sub({HEADER // 2 + 1}, {HEADER}))
  if my_since < since or (my_since == since and my_version < version) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""


class Cipher(Protocol):
    """Encrypts what leaves the process, such as a Fernet; it takes 30 µs a message."""

    def encrypt(self, data: bytes) -> bytes:
        """The content, encrypted."""

    def decrypt(self, token: bytes) -> bytes:
        """The content; an error when it was encrypted with another key."""


class RedisConversations(Conversations):
    """One value a conversation, encrypted, which Redis deletes `retention_hours` after its last message.

    One reading and one writing a message. While Redis is away, the copies of this process serve; what could not be
    written or deleted is handed in when it is back, and so is what a Redis that comes back empty has lost.
    """

    def __init__(
        self,
        domain: Domain,
        shared: Shared,
        cipher: Cipher,
        retention_hours: int = 24,
        event_broker: EventBroker | None = None,
    ) -> None:
        super().__init__(domain, retention_hours, event_broker)
        self._shared, self._cipher = shared, cipher
        self._copies = Copies()
        self._handing_in: asyncio.Task[None] | None = None
        shared.on_back.append(self.hand_in)

    async def delete(self, sender_id: str) -> None:
        """Forget one conversation at once; that it was forgotten stays known for an hour, so that no copy comes back."""
        last = self._copies.get(sender_id)
        if last is None:
            try:
                last = _read(await self._shared.run(lambda redis: redis.get(self._key(sender_id))))
            except Away:
                last = None
        version = _now(last)
        await self._write(sender_id, Kept(version, version))

    async def keys(self) -> Iterable[str]:
        """Ids of all conversations; those of this process when Redis is away."""
        try:
            return [key async for key in _stored(self._shared)]
        except Away:
            return [sender for sender, kept in self._copies.all() if not kept.forgotten and not self._over(kept)]

    def sweep(self) -> int:
        """Only copies: Redis deletes what is over by itself."""
        self._copies.trim()
        return 0

    def close(self) -> None:
        """Nothing: the connections are closed by `Shared.disconnect`."""

    async def hand_in(self) -> None:
        """Write the copies that Redis does not have, or has only older; stops when it is away again."""
        rows = list(self._copies.all())
        try:
            for start in range(0, len(rows), AT_ONCE):
                await self._hand_in(rows[start : start + AT_ONCE])
                await asyncio.sleep(0)
        except Away:
            return

    async def _find(self, sender: str) -> bytes | None:
        try:
            content = await self._shared.run(lambda redis: redis.get(self._key(sender)))
        except Away:
            kept = self._copies.get(sender)
        else:
            kept, stored = self._copies.get(sender), _read(content)
            if stored is not None and (kept is None or not kept.outlives(stored)):
                self._copies.put(sender, stored)
                kept = stored
        return None if kept is None or kept.forgotten or self._over(kept) else self._opened(kept)

    async def _keep(self, sender: str, packed: bytes) -> None:
        last = self._copies.get(sender)
        await self._write(sender, Kept(0 if last is None else last.since, _now(last), self._cipher.encrypt(packed)))

    def _opened(self, kept: Kept) -> bytes | None:
        try:
            return self._cipher.decrypt(kept.packed)
        except Exception as exc:  # such as one of another secret: it must not silence the person
            logger.error("a stored conversation cannot be read and begins anew: %s", exc.__class__.__name__)
            return None

    async def _write(self, sender: str, kept: Kept) -> None:
        self._copies.put(sender, kept, waiting=True)
        try:
            written = await self._shared.run(lambda redis: self._call(redis, sender, kept))
        except Away:
            return
        self._written(sender, kept, bool(written))
        if self._copies.waiting and (self._handing_in is None or self._handing_in.done()):
            self._handing_in = asyncio.get_running_loop().create_task(self.hand_in())

    def _written(self, sender: str, kept: Kept, written: bool) -> None:
        if written:
            self._copies.handed_in(sender, kept)
        else:
            self._copies.outlived(sender, kept)
            logger.warning("a conversation went on in another process meanwhile: that one counts")

    async def _hand_in(self, rows: list[tuple[str, Kept]]) -> None:
        async def heads(redis: Redis) -> list[bytes]:
            pipe: Any = redis.pipeline(transaction=False)
            for sender, _ in rows:
                pipe.getrange(self._key(sender), 0, HEADER)
            return list(await pipe.execute())

        found = await self._shared.run(heads)
        due = []
        for (sender, kept), content in zip(rows, found, strict=True):
            stored = _read(content)
            if stored is not None and (stored.since, stored.version) == (kept.since, kept.version):
                self._copies.handed_in(sender, kept)
            elif stored is not None and not kept.outlives(stored):
                self._copies.outlived(sender, kept)
            elif not self._over(kept):
                due.append((sender, kept))
        for sender, kept in due:
            written = await self._shared.run(lambda redis, s=sender, k=kept: self._call(redis, s, k))  # type: ignore[misc]
            self._written(sender, kept, bool(written))

    def _call(self, redis: Redis, sender: str, kept: Kept) -> Awaitable[Any]:
        seconds = kept.version / 1e6 + self._seconds(kept) - time.time()
        script = redis.register_script(_KEEP)
        return script(keys=[self._key(sender)], args=[kept.to_bytes(), max(1, round(seconds))])

    def _seconds(self, kept: Kept) -> int:
        return min(COPY_SECONDS, self.retention_seconds) if kept.forgotten else self.retention_seconds

    def _over(self, kept: Kept) -> bool:
        return kept.version / 1e6 < time.time() - self._seconds(kept)

    def _key(self, sender: str) -> str:
        return self._shared.key(ROOM, sender)


async def forget_all(shared: Shared) -> int:
    """Forget every conversation in Redis, so that no process brings one back; how many. Away when it is away."""
    count = 0
    senders = [sender async for sender in _stored(shared)]
    for sender in senders:
        content = await shared.run(lambda redis, s=sender: redis.get(shared.key(ROOM, s)))  # type: ignore[misc]
        version = _now(_read(content))
        gone = Kept(version, version).to_bytes()
        await shared.run(lambda redis, s=sender, g=gone: redis.set(shared.key(ROOM, s), g, ex=COPY_SECONDS))  # type: ignore[misc]
        count += 1
    return count


async def _stored(shared: Shared) -> Any:
    """Ids of the conversations in Redis that are not forgotten, a thousand keys a step."""
    cursor, prefix = 0, shared.key(ROOM, "")
    while True:

        async def step(redis: Redis, at: int = cursor) -> tuple[int, list[bytes], list[int]]:
            following, keys = await redis.scan(at, match=f"{prefix}*", count=1000)
            pipe: Any = redis.pipeline(transaction=False)
            for key in keys:
                pipe.strlen(key)
            return following, keys, list(await pipe.execute())

        cursor, keys, lengths = await shared.run(step)
        for key, length in zip(keys, lengths, strict=True):
            if length > HEADER:
                yield key.decode()[len(prefix) :]
        if not cursor:
            return


def _read(content: bytes | None) -> Kept | None:
    if not content:
        return None
    try:
        return Kept.from_bytes(content)
    except ValueError:
        logger.error("a stored conversation cannot be read and begins anew: ValueError")
        return None


def _now(last: Kept | None) -> int:
    """Microseconds since 1970, later than what is known whatever the clocks of other processes say."""
    now = int(time.time() * 1e6)
    return now if last is None else max(now, last.version + 1)
