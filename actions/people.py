"""Who can be reached besides the counselling centres of the directory; the composition root says how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

# What an office is told about a conversation: `language`, `topic`, `place`, `status`, and the ids of services `shown`.
Matter = dict[str, Any]
Ask = Callable[[str, Matter], Awaitable[bool]]


async def _nobody(conversation: str, matter: Matter) -> bool:
    """There is no such office."""
    return False


def _not_here(conversation: str) -> bool:
    """There is no such office."""
    return False


@dataclass(frozen=True)
class People:
    """An office with counsellors. Without settings nobody is there.

    `office` is its name as an argument of speech; `hours` are OSM opening hours, "" when they are not known.
    `live(conversation)`: a person can write with this conversation; `open` asks for one, `waiting` are those who asked
    before. `callbacks`: numbers are taken, and kept by the office's own system when `numbers_leave`; `call_back` notes
    the number given in the latest message. Both say whether it worked.
    """

    office: Any = ""
    hours: str = ""
    live: Callable[[str], bool] = _not_here
    waiting: Callable[[], int] = int
    open: Ask = _nobody
    callbacks: bool = False
    numbers_leave: bool = False
    call_back: Ask = _nobody
