"""Telegram updates become messages for the assistant: text, buttons, locations, voices and commands."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from rasa.core.channels.channel import UserMessage
from telegram import CallbackQuery, Message, PreCheckoutQuery, ShippingQuery, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError
from telegram.ext import ContextTypes, filters

from bot.channels import gate
from bot.channels.buckets import Charge
from bot.channels.telegram import groups, inline, media
from bot.channels.telegram.commands import COMMANDS, command_of
from bot.channels.telegram.intake import Elsewhere
from bot.channels.telegram.keyboards import pressed
from bot.channels.telegram.options import Desk
from bot.channels.telegram.start import read_start
from bot.channels.telegram.urgency import Spare, text_of
from bot.channels.telegram.view import TelegramOutput
from bot.languages import languages, spoken
from bot.operations import metrics

logger = logging.getLogger(__name__)

Deliver = Callable[[UserMessage], Awaitable[Any]]
ALLOWED = [
    *("message", "edited_message", "callback_query", "inline_query", "my_chat_member"),
    *("pre_checkout_query", "shipping_query"),
]
# An update that was begun so often and never finished stops the server each time: it is dropped.
MOST_TRIES = 3
# Who corrects a message so soon wants the corrected one answered.
EDIT_TIME = timedelta(minutes=10)
GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
PRESENT = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR)


class Updates:
    """Handles updates as their turn comes; remembers rates, never who wrote what.

    Private chats are answered, groups when the bot is meant; channels and service messages are passed over in silence.
    """

    def __init__(self, deliver: Deliver, intents: frozenset[str], desk: Desk) -> None:
        self._deliver = deliver
        self._intents = intents
        self._desk = desk
        self._rate = gate.RateLimit()
        self._spare = Spare(desk.buckets, desk.options.shedding.urgent)
        self._moved = gate.Seen(20_000)

    async def handle(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Answer one update; what was in it is forgotten when that is done, and kept when the server stops before."""
        try:
            await self._handle(update, context)
        finally:
            self._desk.inbox.answered(update)

    async def _handle(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        try:
            tries = await self._desk.intake.begin(update.update_id)
        except Elsewhere:
            return
        if tries >= MOST_TRIES:
            logger.error("A Telegram update stopped the server %d times and is dropped", MOST_TRIES)
        else:
            try:
                await self._answer(update, context)
            except Exception as exc:  # not when it is cancelled: the next run takes it up
                logger.error("An update failed: %s", place_of(exc))
        await self._desk.intake.done(update.update_id)

    async def _answer(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        checkout = update.pre_checkout_query or update.shipping_query
        if update.inline_query is not None:
            await inline.answer(update.inline_query, self._desk, spoken(_hint(update)))
        elif checkout is not None:
            await self._no_money(checkout, spoken(_hint(update)))
        elif update.my_chat_member is not None:
            await self._membership(update, context)
        elif update.effective_chat is None or update.effective_user is None or update.effective_user.is_bot:
            return
        elif update.callback_query is not None or update.message is not None or update.edited_message is not None:
            await self._talk(update, context)

    async def _talk(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        chat, user, query = update.effective_chat, update.effective_user, update.callback_query
        message = update.message or update.edited_message
        assert chat is not None and user is not None
        group = chat.type in GROUPS
        if chat.type not in (ChatType.PRIVATE, *GROUPS) or (query is None and not self._concerns(update, context)):
            if query is not None:
                await _acknowledge(query)
            return
        native = f"{chat.id}:{user.id}" if group else str(chat.id)
        sender = await self._known_as(native)
        output = TelegramOutput(context.bot, chat.id, sender, self._desk, group)
        hint = _hint(update)
        too_many = await self._desk.buckets.take([Charge("telegram", self._rate, sender)]) > 0
        if too_many and not await self._spare.lets_through(text_of(update, self._desk.buttons), sender):
            metrics.REFUSED.labels("telegram", "rate").inc()
            await self._slow_down(sender, output, query, spoken(hint))
            return
        command, rest = command_of(message, context.bot.username)
        if command == "hide":
            await output.hide(spoken(hint))
            return
        try:
            delivered = await self._message(update, context, sender, output, hint, command, rest)
        except gate.Refused:
            metrics.REFUSED.labels("telegram", "content").inc()
            await self._refuse(output, query, message, spoken(hint))
            return
        if delivered is not None:
            await self._pass_on(delivered, output, query, spoken(hint))
        if message is not None and message.location is not None and message.location.live_period:
            await output.say("telegram_not_live", spoken(hint))

    async def _known_as(self, native: str) -> str:
        """The pseudonym; what lies under the one of the former secret is brought to it."""
        sender, *before = self._desk.keys.pseudonyms("telegram", native)
        if before and self._desk.moved is not None and self._moved.first_time(sender):
            try:
                await self._desk.moved(before[0], sender)
            except Exception as exc:  # a memory that is lost must not cost the answer
                logger.error("A conversation could not be brought to the new secret: %s", place_of(exc))
        return sender

    def _concerns(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> bool:
        """Whether a message or an edited one is to be answered at all."""
        edited, message = update.edited_message, update.message
        if edited is not None:
            # the live location that moves on is an edit, too
            soon = edited.edit_date is not None and edited.edit_date - edited.date <= EDIT_TIME
            if edited.text is None or not soon:
                return False
            message = edited
        if message is None or filters.StatusUpdate.ALL.check_update(Update(0, message=message)):
            return False
        private = message.chat.type == ChatType.PRIVATE
        return private or groups.meant(message, context.bot.username, context.bot.id)

    async def _message(
        self,
        update: Update,
        context: ContextTypes.DEFAULT_TYPE,
        sender: str,
        output: TelegramOutput,
        hint: str,
        command: str,
        rest: str,
    ) -> UserMessage | None:
        """The message for Rasa, None when it is answered already; gate.Refused when nothing in it can be read."""
        text, parsed, campaign = None, None, ""
        message = update.message or update.edited_message
        if update.callback_query is not None:
            await self._desk.notes.fetch(update.callback_query.data or "")
            payload = self._desk.buttons.payload(update.callback_query.data or "")
            parsed = gate.parse_payload(payload, self._intents)
            output.aloud = self._listening(update.callback_query)
        elif message is not None and message.location is not None:
            parsed = gate.parse_location(message.location.latitude, message.location.longitude)
            output.after_location = True
        elif command == "start":
            parsed, hint, campaign = self._start(rest, hint, output)
        elif command:
            parsed = gate.parse_payload(COMMANDS[command], self._intents)
        elif message is not None and message.voice is not None and self._desk.options.transcribe is not None:
            text = await self._listen(message, context, output, spoken(hint))
            if text is None:
                return None
        else:
            written = (message.text or message.caption or "") if message is not None else ""
            text = gate.clean_text(groups.without_name(written, context.bot.username) if output.group else written)
        return gate.user_message(sender, "telegram", output, text=text, parsed=parsed, hint=hint, campaign=campaign)

    def _start(self, data: str, hint: str, output: TelegramOutput) -> tuple[dict[str, Any], str, str]:
        """What a link asks for: its topic, else its place, else a greeting; with its language, else the phone's,
        and its campaign."""
        options = self._desk.options
        start = read_start(data, frozenset(languages()), options.places, options.topics)
        place = f'{{"place": "{start.place}"}}' if start.place else ""
        intent = start.topic or ("inform" if start.place else "greet")
        output.first_contact = True
        return gate.parse_payload(f"/{intent}{place}", self._intents), start.language or hint, start.campaign

    def _listening(self, query: CallbackQuery) -> bool:
        """Whether the pressed button is the one that reads aloud: it alone has its sign."""
        markup = getattr(query.message, "reply_markup", None)
        titles = (
            [b.text for row in markup.inline_keyboard for b in row if b.callback_data == query.data] if markup else []
        )
        return self._desk.options.speak is not None and any("🔊" in title for title in titles)

    async def _listen(
        self, message: Message, context: ContextTypes.DEFAULT_TYPE, output: TelegramOutput, language: str
    ) -> str | None:
        said = await media.heard(message, context.bot, self._desk.options.transcribe, language)
        if not said:
            await output.topics("telegram_not_heard", language)
            return None
        text = gate.clean_text(said)
        await output.say("telegram_heard", language, text=text)
        return text

    async def _pass_on(
        self, message: UserMessage, output: TelegramOutput, query: CallbackQuery | None, language: str
    ) -> None:
        output.begin(*([_acknowledge(query)] if query is not None else []))
        # The inbox bounds how many wait: they are late and not refused. All of a chat in danger goes first.
        line, hurried = self._desk.options.shedding, output.hurried or None
        try:
            async with line.turn(str(message.sender_id), message.text or "", urgent=hurried, patient=True) as turn:
                output.placed = turn.leave
                await self._deliver(message)
        except Exception as exc:
            logger.error("A message could not be answered: %s", place_of(exc))
            await output.say("telegram_problem", language)
        finally:
            await output.finish()
        shown = query.message if query is not None else None
        if isinstance(shown, Message) and shown.reply_markup is not None and query is not None:
            await output.press(shown.message_id, pressed(shown.reply_markup, str(query.data)))

    async def _refuse(
        self, output: TelegramOutput, query: CallbackQuery | None, message: Message | None, language: str
    ) -> None:
        """Say honestly what cannot be read; the pictures of an album are one answer."""
        if query is not None:
            await _acknowledge(query, self._desk.texts("telegram_old_button", language))
            return
        album = message.media_group_id if message is not None else None
        if message is None or (album and not await self._desk.notes.first_time(f"album:{album}")):
            return
        key = media.answer_to(message) or "telegram_cannot_read"
        if key in ("telegram_cannot_hear", "telegram_cannot_see"):
            await output.topics(key, language)
        else:
            await output.say(key, language)

    async def _slow_down(self, sender: str, output: TelegramOutput, query: CallbackQuery | None, language: str) -> None:
        """Say once a minute that this is too fast; the rest is dropped."""
        if query is not None:
            await _acknowledge(query)
        if await self._desk.notes.first_time(f"{sender}:{int(time.time() // self._rate.seconds)}"):
            await output.say("telegram_slow_down", language)

    async def _no_money(self, query: PreCheckoutQuery | ShippingQuery, language: str) -> None:
        try:
            await query.answer(ok=False, error_message=self._desk.texts("telegram_no_money", language))
        except TelegramError as exc:
            logger.info("A payment could not be refused: %s", type(exc).__name__)

    async def _membership(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Say hello when somebody adds the bot to a group."""
        change = update.my_chat_member
        assert change is not None
        joined = change.old_chat_member.status not in PRESENT and change.new_chat_member.status in PRESENT
        if joined and change.chat.type in GROUPS:
            sender = await self._known_as(str(change.chat.id))
            output = TelegramOutput(context.bot, change.chat.id, sender, self._desk, group=True)
            await output.say("telegram_group_hello", spoken(_hint(update)))


def _hint(update: Update) -> str:
    """The language of the person's Telegram when it is one of ours."""
    user = update.effective_user
    code = (user.language_code or "").split("-")[0].lower() if user else ""
    return code if code in languages() else ""


async def _acknowledge(query: CallbackQuery, text: str | None = None) -> None:
    """Stop the button's waiting sign; queries too old to be answered are no concern."""
    try:
        await query.answer(text[:200] if text else None)
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
