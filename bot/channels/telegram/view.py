"""What goes out to one Telegram chat: texts, cards, buttons and the wish for a location."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import OutputChannel
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.constants import ChatAction, InlineKeyboardButtonLimit, ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError

from bot.channels.telegram.markup import Part, reply_parts, text_parts
from bot.languages import languages
from bot.speech.reply import Choice, Reply

logger = logging.getLogger(__name__)

Texts = Callable[[str, str], str]
Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove
PER_ROW = 2
MAX_BUTTONS = 100
PAUSES = (1.0, 3.0)
TYPING_SECONDS = 1.0
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TelegramOutput(OutputChannel):
    """Shows replies in one chat; made for one update and forgotten with it, as is the chat id.

    Never raises Telegram's errors: Rasa would lose the turn it is about to save.
    """

    def __init__(self, bot: Bot, chat_id: int, texts: Texts) -> None:
        self._bot = bot
        self._chat_id = chat_id
        self._texts = texts
        self._courtesy: asyncio.Future[Any] | None = None
        self._gone = False

    @classmethod
    def name(cls) -> str:
        """The channel's name in Rasa."""
        return "telegram"

    def begin(self, *also: Awaitable[Any]) -> None:
        """Show that an answer is being written, and do what else is due at once, while the answer is made."""
        typing = self._bot.send_chat_action(self._chat_id, ChatAction.TYPING)
        self._courtesy = asyncio.gather(typing, *also, return_exceptions=True)

    async def finish(self) -> None:
        """Wait for what `begin` started."""
        if self._courtesy is not None:
            await self._courtesy

    async def say(self, key: str, language: str) -> None:
        """Send one of the channel's own sentences."""
        for part in text_parts(self._texts(key, language), languages()[language].direction):
            await self._send(part)

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Show one bot message; a message without our Reply is shown as its text and buttons."""
        reply = Reply.from_message(message) or _plain_reply(message)
        if self._courtesy is not None:
            # typing shown after the answer would look as if more were to come
            await asyncio.wait({self._courtesy}, timeout=TYPING_SECONDS)
        parts = reply_parts(reply)
        if not parts:
            return
        buttons = keyboard(reply.choices)
        asks_place = reply.asks == "place"
        markups: list[Markup | None] = [None] * len(parts)
        # a location keyboard left from an earlier question goes away
        markups[0] = ReplyKeyboardRemove()
        if buttons is not None:
            markups[-1] = buttons
        elif asks_place:
            markups[-1] = self._location_keyboard(reply.language)
        for part, markup in zip(parts, markups, strict=True):
            await self._send(part, markup)
        if buttons is not None and asks_place:
            # one message cannot carry both kinds of keyboard
            for part in text_parts(self._texts("telegram_or_share_location", reply.language), reply.dir):
                await self._send(part, self._location_keyboard(reply.language))

    def _location_keyboard(self, language: str) -> ReplyKeyboardMarkup:
        label = self._texts("telegram_share_location", language)
        button = KeyboardButton(f"📍 {label}", request_location=True)
        return ReplyKeyboardMarkup([[button]], resize_keyboard=True, one_time_keyboard=True)

    async def _send(self, part: Part, markup: Markup | None = None) -> None:
        """Send one message: without formatting when the HTML is refused, again when the network fails.

        A person who blocked the bot is left alone. Waiting after 429 is the rate limiter's job.
        """
        pauses = iter(PAUSES)
        html = True
        while not self._gone:
            try:
                await self._bot.send_message(
                    self._chat_id,
                    part.html if html else part.plain,
                    parse_mode=ParseMode.HTML if html else None,
                    link_preview_options=_NO_PREVIEW,
                    reply_markup=markup,
                )
                return
            except Forbidden:
                self._gone = True
            except BadRequest:
                if not html:
                    logger.warning("Telegram refused a message even as plain text")
                    return
                logger.warning("Telegram refused the HTML of a message; sending plain text")
                html = False
            except NetworkError as exc:
                pause = next(pauses, None)
                if pause is None:
                    logger.warning("A message could not be sent: %s", type(exc).__name__)
                    self._gone = True
                    return
                # better an answer twice than none: it may be one about an emergency
                await asyncio.sleep(pause)
            except TelegramError as exc:
                logger.warning("A message could not be sent: %s", type(exc).__name__)
                self._gone = True


def keyboard(choices: list[Choice]) -> InlineKeyboardMarkup | None:
    """Buttons two a row; a payload Telegram cannot carry (over 64 bytes) is left out and logged."""
    buttons = []
    for choice in choices:
        size = len(choice.payload.encode("utf-8"))
        if not choice.title.strip() or not 1 <= size <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA:
            logger.warning("A button is left out: its data has %d bytes, Telegram takes 1 to 64", size)
            continue
        buttons.append(InlineKeyboardButton(choice.title, callback_data=choice.payload))
    buttons = buttons[:MAX_BUTTONS]
    rows = [buttons[i : i + PER_ROW] for i in range(0, len(buttons), PER_ROW)]
    return InlineKeyboardMarkup(rows) if rows else None


def _plain_reply(message: dict[str, Any]) -> Reply:
    choices = [Choice(b.get("title", ""), b.get("payload", "")) for b in message.get("buttons") or ()]
    return Reply(text=message.get("text") or "", language="en", dir="ltr", choices=choices)
