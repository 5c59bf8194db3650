"""How updates are taken in and answered once: what the channel needs of its journal, and the form for one process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from bot.channels.telegram.journal import Journal

logger = logging.getLogger(__name__)
# Puts an update that was taken earlier into the inbox; False when it cannot be read.
TakeUp = Callable[[dict[str, Any]], bool]


class Elsewhere(Exception):
    """Another process answers this update."""


class Intake(Protocol):
    """Every update that is taken is answered once, those of a chat one after another."""

    async def open(self, take_up: TakeUp) -> None:
        """Begin; what was taken earlier and not answered is taken up again."""

    async def take(self, row: dict[str, Any]) -> bool:
        """Take an update in; False when it was taken before."""

    async def begin(self, update_id: int) -> int:
        """Wait until it is the turn of an update; how often it was begun before. Elsewhere when it is not ours."""

    async def done(self, update_id: int) -> None:
        """Forget what was in an update; nothing when that has happened."""

    def drain(self) -> None:
        """Take nothing over from others any more: this process is about to stop."""

    async def close(self) -> None:
        """End; what is not answered stays for the next run or another process."""


class OwnIntake:
    """The journal on disk of a process that serves alone; SerialPerChat keeps the order of a chat."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def open(self, take_up: TakeUp) -> None:
        """What an earlier run took in and did not answer comes first."""
        rows = self._journal.pending()
        for row in rows:
            if not take_up(row):
                self._journal.done(row["update_id"])
        if rows:
            logger.info("%d Telegram updates of the last run are answered now", len(rows))

    async def take(self, row: dict[str, Any]) -> bool:
        """Write an update down; False when it was taken before."""
        return self._journal.take(row)

    async def begin(self, update_id: int) -> int:
        """Note that the answer is being made; how often it was begun before."""
        return self._journal.begin(update_id)

    async def done(self, update_id: int) -> None:
        """Forget what was in an update."""
        self._journal.done(update_id)

    def drain(self) -> None:
        """There are no others."""

    async def close(self) -> None:
        """The file is closed by the channel, which opened it."""


def chat_in(row: dict[str, Any]) -> int | None:
    """The chat in the JSON of an update, None for none."""
    for value in row.values():
        if not isinstance(value, dict):
            continue
        for place in (value, value.get("message")):
            chat = place.get("chat") if isinstance(place, dict) else None
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return int(chat["id"])
    return None
