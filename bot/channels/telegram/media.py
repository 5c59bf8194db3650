"""What people send besides text: which honest sentence answers it, and voice messages where a speech model is set."""

from __future__ import annotations

import logging

from telegram import Bot, Message
from telegram.error import TelegramError

from bot.channels.telegram.options import Transcribe

logger = logging.getLogger(__name__)
MOST_SECONDS, MOST_BYTES = 120, 5_000_000


def answer_to(message: Message) -> str:
    """The key of the channel's sentence for a message without text; "" for one that needs no answer."""
    if message.voice or message.audio or message.video_note:
        return "telegram_cannot_hear"
    if message.photo or message.document or message.video or message.animation or message.paid_media:
        return "telegram_cannot_see"
    if message.contact or message.users_shared or message.chat_shared:
        return "telegram_no_contacts"
    if message.invoice or message.successful_payment or message.refunded_payment:
        return "telegram_no_money"
    if message.sticker or message.dice or message.poll or message.game or message.story or message.checklist:
        return "telegram_cannot_read"
    return ""


async def heard(message: Message, bot: Bot, transcribe: Transcribe | None, language: str) -> str | None:
    """What was said in a voice message, "" when it was not understood, None when nobody can listen."""
    voice = message.voice
    if voice is None or transcribe is None:
        return None
    seconds = voice.duration if isinstance(voice.duration, int) else voice.duration.total_seconds()
    if seconds > MOST_SECONDS or (voice.file_size or 0) > MOST_BYTES:
        return ""
    try:
        file = await bot.get_file(voice.file_id)
        # The message need not say how large it is; this answer does, and Telegram gives out nothing above 20 MB.
        if (file.file_size or 0) > MOST_BYTES:
            return ""
        content = bytes(await file.download_as_bytearray())
        if len(content) > MOST_BYTES:
            return ""
        return (await transcribe(content, language)).strip()
    except (TelegramError, OSError, RuntimeError, ValueError) as exc:
        logger.warning("A voice message could not be heard: %s", type(exc).__name__)
        return ""
