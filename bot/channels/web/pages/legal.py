"""What the imprint and the privacy notice say besides their templates: who runs this copy, and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Legal:
    """The operator (bot/legal.py; None when none is set up), and what is switched on.

    `telegram`, `voice` (voice messages are turned into text on this machine), `learning`, `callbacks`, `sources`
    (other directories are asked), `address_limit` (requests are counted by address) and `staff` (there is a login) are
    switches; `handover` is the name of the counselling centre that talks live, "" when none does. Days and months are
    how long something is kept.
    """

    operator: Any = None
    telegram: bool = False
    voice: bool = False
    learning: bool = False
    callbacks: bool = False
    handover: str = ""
    sources: bool = False
    address_limit: bool = True
    staff: bool = False
    learning_days: int = 30
    callback_days: int = 14
    counter_months: int = 36


def paragraphs(operator: Any, page: str, language: str) -> list[str]:
    """The operator's own paragraphs of a page."""
    text = operator.more.get(page, {}).get(language, "") if operator is not None else ""
    return [part.strip() for part in text.split("\n\n") if part.strip()]
