"""The buttons under messages, and the one for a location in place of the keyboard."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup

from bot.channels.telegram.options import Desk
from bot.speech.reply import Choice

PER_ROW = 2
# Two longer titles beside each other would be cut off on a small screen.
WIDE = 18
MAX_BUTTONS = 100
MOST_TITLE = 72
PRESSED = "✓ "
# Six questions of the first contact: the topic that answers each.
EXAMPLES = ("german_course", "find_housing", "doctor", "residence_permit", "work_permit", "migration_counselling")
LISTEN = "/repeat"


def keyboard(choices: list[Choice], desk: Desk) -> InlineKeyboardMarkup | None:
    """Buttons, two a row where both are short."""
    buttons = [
        InlineKeyboardButton(_cut(choice.title), callback_data=desk.buttons.data(choice.payload))
        for choice in choices[:MAX_BUTTONS]
        if choice.title.strip() and choice.payload
    ]
    return InlineKeyboardMarkup(_rows(buttons)) if buttons else None


def pressed(markup: InlineKeyboardMarkup, data: str) -> InlineKeyboardMarkup | None:
    """The same buttons with a sign on the one that was pressed; None when nothing changes."""
    rows = [
        [
            InlineKeyboardButton(_cut(PRESSED + b.text), callback_data=b.callback_data)
            if b.callback_data == data and not b.text.startswith(PRESSED)
            else b
            for b in row
        ]
        for row in markup.inline_keyboard
    ]
    return InlineKeyboardMarkup(rows) if InlineKeyboardMarkup(rows) != markup else None


def examples(desk: Desk, language: str) -> list[Choice]:
    """The buttons of the first contact: six questions, and another language."""
    questions = [Choice(desk.texts(f"telegram_example_{topic}", language), f"/{topic}") for topic in EXAMPLES]
    other = Choice(f"🌐 {desk.texts('telegram_other_language', language)}", "/change_language")
    return [*questions, other]


def location_keyboard(desk: Desk, language: str, again: bool = False) -> ReplyKeyboardMarkup:
    """The button that shares the location, for the first time or for another search."""
    label = desk.texts("telegram_search_again" if again else "telegram_share_location", language)
    button = KeyboardButton(f"📍 {label}", request_location=True)
    return ReplyKeyboardMarkup([[button]], resize_keyboard=True, one_time_keyboard=not again)


def _rows(buttons: list[InlineKeyboardButton]) -> list[list[InlineKeyboardButton]]:
    rows: list[list[InlineKeyboardButton]] = []
    for button in buttons:
        beside = rows[-1] if rows else []
        if 0 < len(beside) < PER_ROW and all(len(b.text) <= WIDE for b in (*beside, button)):
            beside.append(button)
        else:
            rows.append([button])
    return rows


def _cut(title: str) -> str:
    title = " ".join(title.split())
    return title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1].rstrip() + "…"
