"""What the serving processes of one bot have in common: their names in Redis, and this process's own."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from bot.keys import Keys
from bot.memory.shared import Shared


class Cluster:
    """One process of a bot on a shared Redis. Chats appear there as keyed hashes only.

    `size` is how many processes were alive when it was last counted; `process` is new with every start.
    """

    def __init__(self, shared: Shared, secret: bytes | Keys, token: str) -> None:
        self.shared = shared
        self.process = secrets.token_hex(8)
        self.size = 1
        self._key = Keys.of(secret).derived("telegram-shared")[0]
        self.prefix = shared.key("telegram", self.alias(f"bot:{token}")[:12], "")

    @property
    def away(self) -> bool:
        """Whether Redis was away when it was last asked."""
        return self.shared.away

    def alias(self, name: str) -> str:
        """A name that says nothing without the secret."""
        return hmac.new(self._key, name.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]

    async def script(self, text: str, *values: str | bytes | int) -> Any:
        """The result of a Lua script, in one round trip: KEYS[1] begins all names. Away when Redis is."""
        return await self.shared.run(lambda redis: redis.register_script(text)(keys=[self.prefix], args=list(values)))

    async def ask(self, command: str, name: str, *values: str | bytes | int) -> Any:
        """The result of one command on the key of a name. Away when Redis is."""
        return await self.shared.run(lambda redis: redis.execute_command(command, self.prefix + name, *values))
