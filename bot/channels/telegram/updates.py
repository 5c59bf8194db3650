"""Telegram updates become messages for the assistant: text, buttons, locations and four commands."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import UserMessage
from telegram import Bot, BotCommand, CallbackQuery, Message, Update
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import ContextTypes, filters

from bot.channels import gate
from bot.channels.telegram.view import TelegramOutput, Texts
from bot.languages import languages, spoken

logger = logging.getLogger(__name__)

Deliver = Callable[[UserMessage], Awaitable[Any]]
ALLOWED = ["message", "callback_query"]
COMMANDS = {"start": "/greet", "help": "/help", "language": "/change_language", "forget": "/delete_my_data"}
_COMMAND = re.compile(r"/([A-Za-z_]+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_START_DATA = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Updates:
    """Handles one update after another; remembers update ids and rates, never who wrote what.

    Only private chats are answered. Edits, groups and service messages are passed over in silence.
    """

    def __init__(self, deliver: Deliver, secret: bytes, intents: frozenset[str], texts: Texts) -> None:
        self._deliver = deliver
        self._secret = secret
        self._intents = intents
        self._texts = texts
        self._seen = gate.Seen()
        self._rate = gate.RateLimit()
        self._told = gate.Seen()

    async def handle(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Answer one update, once."""
        if not self._seen.first_time(str(update.update_id)):
            return
        query, chat = update.callback_query, update.effective_chat
        if chat is None or chat.type != ChatType.PRIVATE:
            if query is not None:
                await _answer(query)
            return
        if query is None and (update.message is None or filters.StatusUpdate.ALL.check_update(update)):
            return
        hint = _hint(update)
        output = TelegramOutput(context.bot, chat.id, self._texts)
        sender = gate.conversation_id(self._secret, "telegram", str(chat.id))
        if not self._rate.allows(sender):
            await self._slow_down(sender, output, query, spoken(hint))
            return
        try:
            message = self._message(update, sender, output, hint)
        except gate.Refused:
            await self._refuse(output, query, spoken(hint))
            return
        output.begin(*([_answer(query)] if query is not None else []))
        try:
            await self._deliver(message)
        except Exception as exc:
            logger.error("A message could not be answered: %s", place_of(exc))
            await output.say("telegram_problem", spoken(hint))
        finally:
            await output.finish()

    def _message(self, update: Update, sender: str, output: TelegramOutput, hint: str) -> UserMessage:
        """The message for Rasa; gate.Refused when there is nothing in it that we can read."""
        text, parsed, start = None, None, ""
        if update.callback_query is not None:
            parsed = gate.parse_payload(update.callback_query.data or "", self._intents)
        elif update.message is not None and update.message.location is not None:
            parsed = gate.parse_location(update.message.location.latitude, update.message.location.longitude)
        else:
            command, start = _command(update.message)
            if command:
                parsed = gate.parse_payload(COMMANDS[command], self._intents)
            else:
                text = gate.clean_text((update.message.text if update.message else None) or "")
        message = gate.user_message(sender, "telegram", output, text=text, parsed=parsed, hint=hint)
        if start:
            message.metadata = {**(message.metadata or {}), "start": start}
        return message

    async def _refuse(self, output: TelegramOutput, query: CallbackQuery | None, language: str) -> None:
        if query is not None:
            await _answer(query, self._texts("telegram_old_button", language))
        else:
            await output.say("telegram_cannot_read", language)

    async def _slow_down(self, sender: str, output: TelegramOutput, query: CallbackQuery | None, language: str) -> None:
        """Say once a minute that this is too fast; the rest is dropped."""
        if query is not None:
            await _answer(query)
        if self._told.first_time(f"{sender}:{int(time.monotonic() // self._rate.seconds)}"):
            await output.say("telegram_slow_down", language)


def _command(message: Message | None) -> tuple[str, str]:
    """One of our commands and the data of a /start link; empty strings when it is neither."""
    match = _COMMAND.fullmatch((message.text or "").strip()) if message is not None else None
    name = match.group(1).lower() if match else ""
    if match is None or name not in COMMANDS:
        return "", ""
    data = (match.group(2) or "").strip()
    return name, data if name == "start" and _START_DATA.fullmatch(data) else ""


def _hint(update: Update) -> str:
    """The language of the person's Telegram when it is one of ours."""
    user = update.effective_user
    code = (user.language_code or "").split("-")[0].lower() if user else ""
    return code if code in languages() else ""


async def _answer(query: CallbackQuery, text: str | None = None) -> None:
    """Stop the button's waiting sign; queries too old to be answered are no concern."""
    try:
        await query.answer(text)
    except TelegramError as exc:
        logger.debug("A button press could not be acknowledged: %s", type(exc).__name__)


def place_of(exc: BaseException) -> str:
    """Kind and place of an error without its message, which could hold what a person wrote."""
    trace = exc.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(exc).__name__
    return f"{type(exc).__name__} in {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"


async def announce_commands(bot: Bot, texts: Texts) -> None:
    """Put the command menu into Telegram in every language we answer in, English for everybody else."""
    ours = [language.code for language in languages().values() if language.trained and len(language.code) == 2]
    for code in ("", *ours):
        menu = [BotCommand(name, texts(f"telegram_command_{name}", code or "en")) for name in COMMANDS]
        await bot.set_my_commands(menu, language_code=code or None)
