"""Sending to one chat: formatting dropped when it is refused, again when the network fails, nothing to who blocked us."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, ReplyKeyboardMarkup, ReplyKeyboardRemove
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, TelegramError

from bot.channels.telegram.flood import FIRST
from bot.channels.telegram.markup import Part
from bot.channels.telegram.notes import Notes

logger = logging.getLogger(__name__)
Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove
# Telegram away or broken: a late answer is better than none, and the chat's next ones wait behind it. Five minutes in all.
PAUSES = (1.0, 3.0, 10.0, 20.0, 30.0, 60.0, 60.0, 60.0, 60.0)
AT_ONCE = 100  # messages that Telegram deletes in one call
# Somebody may look at the phone: what cannot be hidden at once is hidden as soon as its numbers are known again.
HIDE_SECONDS, HIDE_PAUSE = 45.0, 0.25
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Sender:
    """Sends messages to a chat and remembers their numbers under its pseudonym, so that they can be hidden.

    While `hurried`, they go before those of other chats.
    """

    def __init__(
        self, bot: Bot, chat_id: int, chat: str, notes: Notes, hurried: Callable[[], bool] = lambda: False
    ) -> None:
        self._bot = bot
        self._chat_id = chat_id
        self._chat = chat
        self._notes = notes
        self._hurried = hurried
        self._gone = False

    @property
    def gone(self) -> bool:
        """True when the chat takes nothing (more) from us."""
        return self._gone

    async def text(self, parts: list[Part], markup: Markup | None = None) -> None:
        """Send a text; buttons stand under its last message."""
        for i, part in enumerate(parts):
            await self.send(part, markup if i == len(parts) - 1 else None)

    async def send(self, part: Part, markup: Markup | None = None, silent: bool = False) -> None:
        """Send one message. Waiting after 429 is the rate limiter's job."""
        await self._notes.settle()
        pauses = iter(PAUSES)
        html = True
        first: dict[str, Any] = {"rate_limit_args": FIRST} if self._hurried() else {}
        while not self._gone:
            try:
                sent = await self._bot.send_message(
                    self._chat_id,
                    part.html if html else part.plain,
                    parse_mode=ParseMode.HTML if html else None,
                    link_preview_options=_NO_PREVIEW,
                    reply_markup=markup,
                    disable_notification=silent or None,
                    **first,
                )
                await self._notes.keep_sent(self._chat, sent.message_id)
                return
            except Forbidden:
                self._gone = True
            except ChatMigrated as exc:
                self._chat_id = exc.new_chat_id
            except BadRequest:
                if not html:
                    logger.warning("Telegram refused a message even as plain text")
                    return
                logger.warning("Telegram refused the HTML of a message; sending plain text")
                html = False
            except NetworkError as exc:
                pause = next(pauses, None)
                if pause is None:
                    self._lost(exc)
                    return
                # better an answer twice than none: it may be one about an emergency
                await asyncio.sleep(pause)
            except TelegramError as exc:
                self._lost(exc)

    async def voice(self, content: bytes) -> bool:
        """Send a voice message; False when it could not be sent."""
        try:
            sent = await self._bot.send_voice(self._chat_id, content)
        except TelegramError as exc:
            logger.warning("A voice message could not be sent: %s", type(exc).__name__)
            return False
        await self._notes.keep_sent(self._chat, sent.message_id)
        return True

    async def hide(self) -> None:
        """Delete what was sent here in the last two days, as far as Telegram allows."""
        end = time.monotonic() + HIDE_SECONDS
        while True:
            numbers, all_of_them = await self._notes.take_sent(self._chat)
            await self._delete(numbers)
            if all_of_them or time.monotonic() > end:
                return
            await asyncio.sleep(HIDE_PAUSE)

    async def _delete(self, numbers: list[int]) -> None:
        for i in range(0, len(numbers), AT_ONCE):
            try:
                await self._bot.delete_messages(self._chat_id, numbers[i : i + AT_ONCE])
            except TelegramError as exc:
                logger.info("Messages could not be deleted: %s", type(exc).__name__)

    def _lost(self, exc: TelegramError) -> None:
        logger.warning("A message could not be sent: %s", type(exc).__name__)
        self._gone = True
