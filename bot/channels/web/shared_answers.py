"""Answers by client message id in Redis: names, contents and the small programs that change them in one step."""

from __future__ import annotations

import hmac
import zlib
from collections.abc import Sequence
from typing import Any

from cryptography.fernet import InvalidToken

from bot.channels.buckets import TAKE, Charge, bucket_keys, bucket_terms
from bot.keys import Keys
from bot.memory.shared import PATIENCE_SECONDS, Shared

KEPT_SECONDS = 600.0
LEASE_SECONDS = 4.0
# For those who still wait for an answer that may not be kept.
LAST_LOOK_SECONDS = 1.0
LARGEST = 64 * 1024  # bytes of one answer in Redis
MOST = 50  # answers of one conversation

# What stands under an answer's key: r and its process while it is handled, for as long as the lease; then a and itself.
_CLAIM = (
    TAKE
    + """
local held = redis.call('GET', KEYS[1])
if held then
  return string.sub(held, 1, 1) == 'a' and held or -1
end
local wait = take(2, 3, false)
if wait > 0 then
  return math.ceil(wait)
end
redis.call('SET', KEYS[1], 'r' .. ARGV[1], 'PX', ARGV[2])
return 0
"""
)
# KEYS: answer, those of its conversation, when that was forgotten.
# ARGV: process, answer, its age and the time it is kept for, the last look, most, prefix of answers.
_KEEP = """
local held = redis.call('GET', KEYS[1])
if held and held ~= 'r' .. ARGV[1] then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if tonumber(redis.call('GET', KEYS[3]) or 0) >= now - tonumber(ARGV[3]) then
  redis.call('SET', KEYS[1], 'a' .. ARGV[2], 'PX', ARGV[5])
  return 0
end
redis.call('SET', KEYS[1], 'a' .. ARGV[2], 'PX', ARGV[4])
local place = string.format('%.0f', time[1] * 1000000 + time[2])
redis.call('ZADD', KEYS[2], place, string.sub(KEYS[1], string.len(ARGV[7]) + 1))
redis.call('PEXPIRE', KEYS[2], ARGV[4])
for _ = 1, redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[6]) do
  redis.call('UNLINK', ARGV[7] .. redis.call('ZPOPMIN', KEYS[2])[1])
end
return 1
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) == 'r' .. ARGV[1] then
  redis.call('DEL', KEYS[1])
end
"""
# A Redis that was started anew learns like this what is being handled.
_RENEW = """
for _, key in ipairs(KEYS) do
  local held = redis.call('GET', key)
  if not held or held == 'r' .. ARGV[1] then
    redis.call('SET', key, 'r' .. ARGV[1], 'PX', ARGV[2])
  end
end
"""
# What is being handled goes on, so that nobody else begins it; KEEP finds out that its answer is not to be kept.
_FORGET = """
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  redis.call('UNLINK', ARGV[3] .. id)
end
redis.call('DEL', KEYS[1])
local time = redis.call('TIME')
local at = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[1])
redis.call('SET', KEYS[2], string.format('%.0f', at), 'PX', ARGV[2])
"""


class SharedAnswers:
    """What one process, `me`, says to Redis about answers. All calls are one round trip, and raise Away.

    Ids are stored as keyed hashes, answers compressed and encrypted with a key made of the server's secret.
    """

    def __init__(self, shared: Shared, secret: bytes | Keys, me: str, lease: float) -> None:
        self._shared, self._me, self._lease = shared, me, _ms(lease)
        keys = Keys.of(secret)
        self._key, self._cipher = keys.derived("web-answer-ids")[0], keys.cipher("web-answers")
        self._scripts: dict[str, Any] = {}

    async def claim(self, sender: str, message_id: str, charges: Sequence[Charge]) -> bytes | float | None:
        """The answer; None when another process handles the message. Otherwise the seconds to wait until there is room
        for `charges`: 0 when there is, and then this process handles it."""
        keys = [self._answer(sender, message_id), *bucket_keys(self._shared, charges)]
        found = await self._call(_CLAIM, keys, [self._me, self._lease, *bucket_terms(charges)])
        if isinstance(found, bytes):
            return self._open(found[1:])
        return None if found < 0 else found / 1e6

    async def keep(self, sender: str, message_id: str, answer: bytes, age: float) -> bool:
        """Keep the answer to a message that came `age` seconds ago; False when it is too large."""
        sealed = self._cipher.encrypt(zlib.compress(answer, 1))
        if len(sealed) > LARGEST:
            await self.release(sender, message_id)
            return False
        keys = [self._answer(sender, message_id), self._shared.key("answers", sender), self._forgotten(sender)]
        kept = _ms(KEPT_SECONDS - age)
        if kept > 0:
            # The call itself may take a while: rather too old than kept although it was forgotten.
            args = [
                self._me,
                sealed,
                _ms(age + PATIENCE_SECONDS),
                kept,
                _ms(LAST_LOOK_SECONDS),
                MOST,
                self._prefix(sender),
            ]
            await self._call(_KEEP, keys, args)
        return True

    async def release(self, sender: str, message_id: str) -> None:
        """This process does not handle the message any more."""
        await self._call(_RELEASE, [self._answer(sender, message_id)], [self._me])

    async def renew(self, messages: Sequence[tuple[str, str]]) -> None:
        """This process still handles these messages."""
        await self._call(_RENEW, [self._answer(*message) for message in messages], [self._me, self._lease])

    async def forget(self, sender: str, age: float) -> None:
        """Drop the answers of a conversation that was forgotten `age` seconds ago, also those that come late."""
        keys = [self._shared.key("answers", sender), self._forgotten(sender)]
        await self._call(_FORGET, keys, [_ms(age), _ms(KEPT_SECONDS), self._prefix(sender)])

    async def _call(self, text: str, keys: list[str], args: list[Any]) -> Any:
        async def call(redis: Any) -> Any:
            script = self._scripts.get(text)
            if script is None:
                script = self._scripts[text] = redis.register_script(text)
            return await script(keys=keys, args=args, client=redis)

        return await self._shared.run(call)

    def _open(self, sealed: bytes) -> bytes | float:
        """The answer; 0 for what was closed with another secret, as if nobody had answered yet."""
        try:
            return zlib.decompress(self._cipher.decrypt(sealed))
        except (InvalidToken, zlib.error):
            return 0.0

    def _prefix(self, sender: str) -> str:
        return self._shared.key("answer", sender, "")

    def _answer(self, sender: str, message_id: str) -> str:
        named = hmac.digest(self._key, f"{sender}\0{message_id}".encode(), "sha256")
        return self._prefix(sender) + named[:16].hex()

    def _forgotten(self, sender: str) -> str:
        return self._shared.key("answers-forgotten", sender)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
