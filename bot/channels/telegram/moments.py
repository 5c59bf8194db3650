"""When the next message to Telegram may go, for all processes of a bot together."""

from __future__ import annotations

import asyncio
import math

from bot.channels.telegram.cluster import Cluster
from bot.channels.telegram.scripts import HOLD, MOMENT


class Moments:
    """Gives out moments by the clock of Redis, in one round trip; in two when a chat has to wait for its own.

    Raises Away while Redis is.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @property
    def processes(self) -> int:
        """How many processes share the ceilings."""
        return self._cluster.size

    async def wait(self, chat: int | str, gap: float, chat_gap: float) -> None:
        """Wait for the moment of a message to a chat; messages are `gap`, those of the chat `chat_gap` seconds apart."""
        alias, held, granted = self._alias(chat), 0, 0
        while not granted:
            micros, granted = await self._cluster.script(MOMENT, alias, _micros(gap), _micros(chat_gap), held)
            held = 1
            if micros > 0:
                await asyncio.sleep(micros / 1e6)

    async def hold(self, chat: int | str | None, pause: float, near: float) -> None:
        """Telegram wants a pause: of the chat, and of all when `near` messages went out within the last second."""
        alias = self._alias(chat) if chat is not None else ""
        await self._cluster.script(HOLD, alias, _micros(pause), math.ceil(near))

    def _alias(self, chat: int | str) -> str:
        return self._cluster.alias(f"chat:{chat}")


def _micros(seconds: float) -> int:
    return round(seconds * 1e6)
