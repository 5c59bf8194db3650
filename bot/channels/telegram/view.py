"""What goes out to one Telegram chat: texts, cards, buttons, a voice, and the wish for a location."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import OutputChannel
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardRemove
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.channels.telegram.groups import numbers_only
from bot.channels.telegram.keyboards import LISTEN, examples, keyboard, location_keyboard
from bot.channels.telegram.markup import Part, packed, reply_parts, text_parts
from bot.channels.telegram.options import Desk
from bot.channels.telegram.sending import Markup, Sender
from bot.languages import languages
from bot.speech.reply import Choice, Reply

TYPING_SECONDS = 0.25
# Buttons that connect with a person.
PERSON = "/human_handover{"


class TelegramOutput(OutputChannel):
    """Shows replies in one chat; made for one update and forgotten with it, as is the chat id.

    Never raises Telegram's errors: Rasa would lose the turn it is about to save.
    """

    def __init__(self, bot: Bot, chat_id: int, chat: str, desk: Desk, group: bool = False) -> None:
        self._bot = bot
        self._sender = Sender(bot, chat_id, chat, desk.notes, lambda: self.hurried)
        self._chat_id = chat_id
        self._desk = desk
        self.group = group
        self._courtesy: asyncio.Future[Any] | None = None
        self.first_contact = False
        self.after_location = False
        self.aloud = False
        # Called when the answer is made: sending it can take minutes, and no work.
        self.placed: Callable[[], None] = lambda: None

    @classmethod
    def name(cls) -> str:
        """The channel's name in Rasa."""
        return "telegram"

    @property
    def address(self) -> str:
        """Where a person's answer can be brought to later; "" in a group, where everybody would read it."""
        return "" if self.group else str(self._chat_id)

    @property
    def hurried(self) -> bool:
        """True when an emergency waits in this chat, while many others wait."""
        return self._desk.inbox.hurried(self._chat_id)

    @property
    def closed(self) -> bool:
        """True when the chat takes nothing from us."""
        return self._sender.gone

    def begin(self, *also: Awaitable[Any]) -> None:
        """Show that an answer is being written, and do what else is due at once, while the answer is made.

        When many wait, the answer itself is sooner there without the sign.
        """
        typing = [] if self._desk.inbox.crowded else [self._bot.send_chat_action(self._chat_id, ChatAction.TYPING)]
        self._courtesy = asyncio.gather(*typing, *also, return_exceptions=True)

    async def finish(self) -> None:
        """Wait for what `begin` started."""
        if self._courtesy is not None:
            await self._courtesy

    async def say(self, key: str, language: str, **values: str) -> None:
        """Send one of the channel's own sentences."""
        await self._sender.text(self._own(key, language, **values))

    async def topics(self, key: str, language: str) -> None:
        """Send one of the channel's own sentences, and topics to choose from."""
        await self._sender.text(self._own(key, language), keyboard(examples(self._desk, language), self._desk))

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Show one bot message; a message without our Reply is shown as its text and buttons."""
        self.placed()
        reply = Reply.from_message(message) or _plain_reply(message)
        if self._courtesy is not None:
            # typing shown after the answer would look as if more were to come
            await asyncio.wait({self._courtesy}, timeout=TYPING_SECONDS)
        if self.group and reply.topic in self._desk.options.private_topics:
            await self._send_away(reply)
        elif self.aloud:
            await self._read(reply)
        else:
            await self._show(reply)

    async def _show(self, reply: Reply) -> None:
        if self.first_contact:
            note = self._desk.texts("telegram_privacy_note", reply.language)
            reply.text += "\n\n" + note.replace("{time}", self._desk.options.kept(reply.language))
            reply.choices = examples(self._desk, reply.language)
        discreet = reply.topic in self._desk.options.discreet_topics and not self.group
        if discreet:
            reply.text = f"{self._desk.texts('telegram_discreet', reply.language)}\n\n{reply.text}"
        parts = reply_parts(reply)
        if self._desk.inbox.busy:
            parts = packed(parts, reply.dir)
        if not parts:
            return
        markups: list[Markup | None] = [None] * len(parts)
        buttons = keyboard(self._choices(reply), self._desk)
        asks_place = reply.asks == "place" and not self.group
        if not self.group:
            # a location keyboard left from an earlier question goes away, unless it may be wanted again
            markups[0] = (
                location_keyboard(self._desk, reply.language, again=True)
                if self.after_location
                else ReplyKeyboardRemove()
            )
        if buttons is not None:
            markups[-1] = buttons
        elif asks_place:
            markups[-1] = location_keyboard(self._desk, reply.language)
        for part, markup in zip(parts, markups, strict=True):
            await self._sender.send(part, markup, silent=discreet)
        if buttons is not None and asks_place:
            # one message cannot carry both kinds of keyboard
            text = self._own("telegram_or_share_location", reply.language)
            await self._sender.text(text, location_keyboard(self._desk, reply.language))

    def _choices(self, reply: Reply) -> list[Choice]:
        options = self._desk.options
        if self.group:
            return [choice for choice in reply.choices if not choice.payload.startswith(PERSON)]
        if options.speak is None or reply.language not in options.spoken:
            return reply.choices
        listen = f"🔊 {self._desk.texts('telegram_read_aloud', reply.language)}"
        return [*reply.choices, Choice(listen, f'{LISTEN}{{"show": "{reply.language}"}}')]

    async def _read(self, reply: Reply) -> None:
        """The answer as a voice message."""
        speak = self._desk.options.speak
        voice = await speak(reply.text, reply.language) if speak is not None else b""
        if not voice or not await self._sender.voice(voice):
            await self.say("telegram_cannot_speak", reply.language)

    async def _send_away(self, reply: Reply) -> None:
        """In a group nothing is said about what concerns one person; in danger the numbers are."""
        own = self._desk.texts("telegram_group_private", reply.language)
        text = f"{numbers_only(reply)}\n\n{own}" if reply.topic in self._desk.options.urgent_topics else own
        label = self._desk.texts("telegram_write_alone", reply.language)
        button = InlineKeyboardButton(label, url=f"https://t.me/{self._bot.username}")
        await self._sender.text(text_parts(text, reply.dir), InlineKeyboardMarkup([[button]]))

    async def hide(self, language: str) -> None:
        """Delete our messages of the last two days in this chat, and say so."""
        await self._sender.hide()
        await self.say("telegram_hidden", language)

    async def press(self, message_id: int, markup: InlineKeyboardMarkup | None) -> None:
        """Put a sign on the button that was used."""
        if markup is None:
            return
        try:
            await self._bot.edit_message_reply_markup(self._chat_id, message_id, reply_markup=markup)
        except TelegramError:
            return  # too old, deleted, or the same: the sign is only a courtesy

    def _own(self, key: str, language: str, **values: str) -> list[Part]:
        text = self._desk.texts(key, language)
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text_parts(text, languages()[language].direction)


def _plain_reply(message: dict[str, Any]) -> Reply:
    choices = [Choice(b.get("title", ""), b.get("payload", "")) for b in message.get("buttons") or ()]
    return Reply(text=message.get("text") or "", language="en", dir="ltr", choices=choices)
