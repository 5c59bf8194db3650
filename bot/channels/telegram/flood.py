"""Telegram's limits on the way out: so many messages a second in all, one a second for a chat, and its `retry_after`.

python-telegram-bot's own limiter knows no limit for a private chat, and lets whole bursts through. Telegram counts what
is sent to chats; other calls (typing, answers to button presses) are not held up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.channels.gate import RateLimit
from bot.channels.telegram.moments import Moments
from bot.memory.shared import Away

logger = logging.getLogger(__name__)
GROUP_SECONDS = 3.0  # Telegram takes 20 messages a minute in a group
MOST_CHATS = 20_000
OVER_SECONDS = 60.0
MOST_TRIES = 100
# How long a message may be put off before it is given up.
MOST_SECONDS = 600.0
NEAR = 0.9
# Messages do not arrive as evenly as they leave.
MARGIN = 1.08
# What a call says that goes before others: so many at once, and two a second, which the margin has room for.
FIRST, FIRST_AT_ONCE, FIRST_SECONDS = 1, 4, 2.0
_COUNTED = ("send", "edit", "forward", "copy")
_FREE = frozenset({"sendChatAction"})


class Flood(BaseRateLimiter[int]):
    """Gives every message the next free moment; `held` counts the calls that Telegram refused for now.

    With `moments` the ceilings hold for all processes together; while they are away, each keeps to its share. A call about
    an emergency (`rate_limit_args` is FIRST) does not wait for those of other chats.
    """

    def __init__(self, per_second: float = 30.0, chat_seconds: float = 1.0, moments: Moments | None = None) -> None:
        self._gap = MARGIN / per_second if per_second > 0 else 0.0
        self._chat_gap = MARGIN * chat_seconds
        self._next = 0.0
        self._per_second = per_second
        # Without ceilings there is nothing to ask for.
        self._moments = moments if per_second > 0 or chat_seconds > 0 else None
        self._sent: deque[float] = deque()
        self._chats: OrderedDict[int | str, float] = OrderedDict()
        self._first = RateLimit(FIRST_AT_ONCE, FIRST_SECONDS)
        self._paused = 0.0
        self.held = 0

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, bool | dict[str, Any] | list[dict[str, Any]]]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> bool | dict[str, Any] | list[dict[str, Any]]:
        """Make one call when its moment has come, again after `retry_after` when Telegram says so."""
        chat = data.get("chat_id")
        counted = endpoint.startswith(_COUNTED) and endpoint not in _FREE
        given_up = asyncio.get_running_loop().time() + MOST_SECONDS
        for left in range(MOST_TRIES - 1, -1, -1):
            if counted and chat is not None:
                await self._moment(chat, rate_limit_args == FIRST)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as exc:
                self.held += 1
                pause = exc.retry_after if isinstance(exc.retry_after, int) else exc.retry_after.total_seconds()
                if not left or not counted or asyncio.get_running_loop().time() + pause > given_up:
                    raise
                await self._hold(chat, float(pause))
        raise AssertionError("unreachable")

    async def _moment(self, chat: int | str, first: bool) -> None:
        """Wait for the moment of a message: of all processes, or of this one."""
        if first and self._goes_first():
            await self._chat_moment(chat)
            return
        if self._moments is not None:
            try:
                await self._moments.wait(chat, self._gap, self._gap_of(chat))
                return
            except Away:
                pass
        await self._own_moment(chat, self._gap * (self._moments.processes if self._moments is not None else 1))

    def _goes_first(self) -> bool:
        """Whether a call may go now; not when Telegram has asked for a pause."""
        now = asyncio.get_running_loop().time()
        self._first.seconds = FIRST_SECONDS * (self._moments.processes if self._moments is not None else 1)
        if now < self._paused or not self._first.allows("", now):
            return False
        self._next = max(self._next, now) + self._gap
        return True

    async def _own_moment(self, chat: int | str, gap: float) -> None:
        await self._chat_moment(chat)
        # Only who may send to this chat now takes a moment of all chats.
        now = asyncio.get_running_loop().time()
        slot = max(now, self._next)
        self._next = slot + gap
        # The next one of this chat counts from when this one goes, not from when it was due.
        self._chats[chat] = max(self._chats.get(chat, 0.0), slot + self._gap_of(chat))
        if slot > now:
            await asyncio.sleep(slot - now)
        self._sent.append(slot)
        while self._sent and self._sent[0] < slot - 1.0:
            self._sent.popleft()

    async def _chat_moment(self, chat: int | str) -> None:
        now = asyncio.get_running_loop().time()
        mine = max(now, self._chats.get(chat, 0.0))
        self._chats[chat] = mine + self._gap_of(chat)
        self._chats.move_to_end(chat)
        # What is over says only who was here.
        while len(self._chats) > MOST_CHATS or next(iter(self._chats.values())) < now - OVER_SECONDS:
            self._chats.popitem(last=False)
        if mine > now:
            await asyncio.sleep(mine - now)

    def _gap_of(self, chat: int | str) -> float:
        group = isinstance(chat, int) and chat < 0
        return max(self._chat_gap, GROUP_SECONDS) if group and self._chat_gap else self._chat_gap

    async def _hold(self, chat: int | str | None, pause: float) -> None:
        """Telegram does not say what is too fast: the chat, unless we were near the ceiling of all chats."""
        now = asyncio.get_running_loop().time()
        logger.warning("Telegram asks to wait %d seconds", pause)
        self._paused = max(self._paused, now + pause)
        if chat is not None:
            self._chats[chat] = max(self._chats.get(chat, 0.0), now + pause)
        if self._moments is not None:
            try:
                await self._moments.hold(chat, pause, NEAR * self._per_second)
                return
            except Away:
                pass
        share = self._per_second / (self._moments.processes if self._moments is not None else 1)
        if share and len(self._sent) >= NEAR * share:
            self._next = max(self._next, now + pause)
