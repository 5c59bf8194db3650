"""Whether the JSON of an update has the types that Telegram promises: python-telegram-bot takes what is given on trust."""

from __future__ import annotations

import re
from typing import Any

# Deeper than any update; what is nested without end could not be written into the journal.
DEEPEST = 40
LONGEST = 16_384  # characters of one text; Telegram sends 4,096
MOST = 2_000  # entries of one list
_HALF = re.compile("[\ud800-\udfff]")
_TEXTS = frozenset(
    "text caption language_code data query offset_text username first_name last_name title file_id file_unique_id media_group_id "
    "chat_instance invoice_payload currency status type inline_message_id file_name mime_type url".split()
)
_WHOLE = frozenset(
    "update_id message_id date edit_date duration file_size length live_period message_thread_id heading total_amount".split()
)
_NUMBERS = frozenset({"latitude", "longitude", "horizontal_accuracy"})
_FLAGS = frozenset({"is_bot", "is_premium", "has_protected_content", "is_forum"})
_OBJECTS = frozenset(
    "message edited_message callback_query inline_query my_chat_member chat from user sender_chat reply_to_message location voice "
    "pre_checkout_query shipping_query old_chat_member new_chat_member reply_markup contact document audio video".split()
)
_LISTS = frozenset("entities caption_entities photo new_chat_members inline_keyboard".split())
_WITH_NUMBER = frozenset({"chat", "from", "user", "sender_chat"})
# What python-telegram-bot takes for granted: without it an object is nothing that Telegram sends.
_NEEDED = {
    "message": ("message_id", "date", "chat"),
    "edited_message": ("message_id", "date", "chat"),
    "my_chat_member": ("chat", "from", "date", "old_chat_member", "new_chat_member"),
    "old_chat_member": ("user", "status"),
    "new_chat_member": ("user", "status"),
    "callback_query": ("id", "from", "chat_instance"),
    "inline_query": ("id", "from", "query"),
    "pre_checkout_query": ("id", "from"),
    "shipping_query": ("id", "from"),
    "chat": ("id", "type"),
    "location": ("latitude", "longitude"),
    "voice": ("file_id", "duration"),
}


def unbroken(value: Any) -> Any:
    """The JSON of a sound update in which no half of a character stands: it fits no coding, and no counting of one.

    Each half becomes one U+FFFD, so that what Telegram counts in halves stays where it was.
    """
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, dict):
        return {key: unbroken(inner) for key, inner in value.items()}
    return [unbroken(inner) for inner in value] if isinstance(value, list) else value


def sound(update: Any) -> bool:
    """True when every field that is read has its type; fields that nobody knows may be anything, within limits."""
    waiting: list[tuple[str, Any, int]] = [("", update, 0)]
    while waiting:
        name, value, depth = waiting.pop()
        if depth > DEEPEST or not _fits(name, value):
            return False
        if isinstance(value, dict):
            if name in _WITH_NUMBER and not _whole(value.get("id")):
                return False
            if any(value.get(key) is None for key in _NEEDED.get(name, ())):
                return False
            waiting += [(key, inner, depth + 1) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [("", inner, depth + 1) for inner in value]
    return isinstance(update, dict)


def _fits(name: str, value: Any) -> bool:
    if (isinstance(value, str) and len(value) > LONGEST) or (isinstance(value, list) and len(value) > MOST):
        return False
    if value is None:
        return True
    if name in _TEXTS:
        return isinstance(value, str)
    if name in _WHOLE:
        return _whole(value)
    if name in _NUMBERS:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name in _FLAGS:
        return isinstance(value, bool)
    if name in _OBJECTS:
        return isinstance(value, dict)
    return isinstance(value, list) if name in _LISTS else True


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
