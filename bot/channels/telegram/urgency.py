"""Which updates tell of an emergency: they go first when many wait."""

from __future__ import annotations

from collections.abc import Callable

from telegram import Update

from bot.channels import gate
from bot.channels.buckets import Buckets, Charge
from bot.channels.telegram.buttons import Buttons

# Emergencies above the limit a minute and chat, and messages looked at to find them.
URGENT, LOOKS = 5, 30


def text_of(update: Update, buttons: Buttons) -> str:
    """What somebody wrote, as it is read, or the payload of the pressed button; "" for none.

    The payload of a button that is kept elsewhere is not asked for: those of emergencies are short.
    """
    if update.callback_query is not None:
        return buttons.payload(update.callback_query.data or "")
    message = update.message or update.edited_message
    try:
        return gate.clean_text((message.text or message.caption or "") if message is not None else "")
    except gate.Refused:
        return ""


def finder(urgent: Callable[[str], bool], buttons: Buttons) -> Callable[[Update], bool]:
    """Whether an update tells of an emergency."""

    def is_urgent(update: Update) -> bool:
        text = text_of(update, buttons)
        return bool(text) and urgent(text)

    return is_urgent


class Spare:
    """Lets a few messages a minute through that are too many for a chat, when they tell of an emergency."""

    def __init__(self, buckets: Buckets, urgent: Callable[[str], bool]) -> None:
        self._buckets, self._urgent = buckets, urgent
        self._emergencies, self._looks = gate.RateLimit(URGENT), gate.RateLimit(LOOKS)

    async def lets_through(self, text: str, sender: str) -> bool:
        """Whether this is one of them; it is counted then."""
        if not text or await self._buckets.take([Charge("telegram:looks", self._looks, sender)]) > 0:
            return False
        if not self._urgent(text):
            return False
        return await self._buckets.take([Charge("telegram:emergencies", self._emergencies, sender)]) <= 0
