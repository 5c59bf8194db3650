"""What a counsellor writes, brought to a chat without a message of that chat to answer."""

from __future__ import annotations

from typing import Any

from telegram import Bot

from bot.channels.telegram.options import Desk
from bot.channels.telegram.view import TelegramOutput
from bot.languages import spoken
from bot.speech.reply import Reply

AUTHOR = "person"


async def deliver(bot: Bot, desk: Desk, chat: str, conversation: str, row: dict[str, Any]) -> bool:
    """Send a reply, with a line that says whose words they are; False when the chat is closed to us."""
    try:
        chat_id = int(chat)
    except ValueError:
        return False
    written = row.get("author") == AUTHOR
    reply = Reply.from_dict({name: value for name, value in row.items() if name != "author"})
    if written:
        label = desk.texts("telegram_person_writes", spoken(reply.language)).replace("{office}", desk.options.office)
        reply.text = f"{label}\n\n{reply.text}"
    output = TelegramOutput(bot, chat_id, conversation, desk)
    await output.send_response(conversation, {"custom": {"reply": reply.to_dict()}})
    return not output.closed
