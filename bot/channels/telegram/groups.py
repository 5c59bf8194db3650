"""Groups: the bot answers only when it is meant, and nothing that belongs to one person alone."""

from __future__ import annotations

import re

from telegram import Message
from telegram.constants import MessageEntityType

from bot.speech.reply import Reply


def meant(message: Message, username: str, bot_id: int) -> bool:
    """True when a message in a group names the bot or replies to it."""
    replied = message.reply_to_message
    if replied is not None and replied.from_user is not None and replied.from_user.id == bot_id:
        return True
    named: list[str] = []
    try:
        if message.text:
            named += message.parse_entities([MessageEntityType.MENTION, MessageEntityType.BOT_COMMAND]).values()
        if message.caption:
            named += message.parse_caption_entities([MessageEntityType.MENTION]).values()
    except UnicodeDecodeError:  # an entity that begins within a character
        return False
    return any(text.lower().endswith(f"@{username.lower()}") for text in named)


def without_name(text: str, username: str) -> str:
    """The text without the bot's name."""
    # Blanks around it are not matched: many of them would be tried again and again.
    return " ".join(re.sub(rf"@{re.escape(username)}\b", " ", text, flags=re.I).split())


def numbers_only(reply: Reply) -> str:
    """The first paragraph of an answer to an emergency: the numbers to call."""
    return reply.text.split("\n\n", 1)[0]
